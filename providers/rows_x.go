package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsX() []row {
	return []row{{provider: X(), group: Social, about: "X by OAuth 2.0 with PKCE; for OAuth 1.0a see Twitter. Access tokens live two hours; " +
		"offline.access brings the refresh token."}, {
		group: Money, revokes: true, about: "Xero, OpenID Connect. Which organizations a token is for says https://api.xero.com/connections. Refresh tokens serve once and live sixty days.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "xero", Name: "Xero", Issuer: "https://identity.xero.com",
			Endpoints: oauth.Endpoints{API: "https://api.xero.com"}, Scopes: []string{"openid", "profile", "email", "offline_access"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|preferred_username", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://developer.xero.com/app/manage",
		}},
	}, {
		group: Money, about: "Xaman, once XUMM, OAuth 2.0. The subject is the user's account on the XRP Ledger, which anyone can look up, and there is no e-mail address.",
		provider: &oauth.OAuth2{
			ID: "xumm", Name: "Xaman", Endpoints: oauth.Endpoints{Authorize: "https://oauth2.xumm.app/auth", Token: "https://oauth2.xumm.app/token", UserInfo: "https://oauth2.xumm.app/userinfo"},
			Scopes: []string{"openid"}, UnnamedScopes: []string{"openid"}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|sub", FullName: "name", ImageURL: "picture"},
			RegisterURL: "https://apps.xumm.dev/",
		},
	}}
}

// X is X by OAuth 2.0 with PKCE; for OAuth 1.0a see Twitter.
func X(credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "x", Name: "X", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://x.com/i/oauth2/authorize",
			Token:     "https://api.x.com/2/oauth2/token",
			UserInfo:  "https://api.x.com/2/users/me",
			Revoke:    "https://api.x.com/2/oauth2/revoke",
			API:       "https://api.x.com",
		},
		Scopes: []string{"users.read", "tweet.read", "offline.access"},
		ScopeTexts: map[string]string{
			"users.read":     seeProfile,
			"tweet.read":     "see posts that you can see",
			"tweet.write":    "post for you",
			"offline.access": stayWhenAway,
		},
		UserInfoParams: url.Values{"user.fields": {"profile_image_url"}},
		Profile: oauth.Mapping{
			Subject: "data.id", DisplayName: "@{data.username}", FullName: "data.name",
			ProfileURL: "https://x.com/{data.username}", ImageURL: "data.profile_image_url",
		},
		DeadRefresh: []oauth.Condition{deadX},
		Mistakes:    xMistakes(),
		RegisterURL: "https://developer.x.com/en/portal/dashboard",
	}
}
