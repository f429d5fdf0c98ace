package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsR() []row {
	return []row{{
		group: Code, about: "Railway, OpenID Connect. It does not say whether the address is verified. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "railway", Name: "Railway", Issuer: "https://backboard.railway.com", Endpoints: oauth.Endpoints{
				Authorize: "https://backboard.railway.com/oauth/auth", Token: "https://backboard.railway.com/oauth/token", Keys: "https://backboard.railway.com/oauth/jwks",
				UserInfo: "https://backboard.railway.com/oauth/me", API: "https://backboard.railway.com/graphql/v2",
			},
			Scopes: openIDScopes(), Profile: unverifiedClaims(), RegisterURL: "https://railway.com/workspace/developer",
		}},
	}, {
		group: Social, about: "Ravelry, OAuth 2.0. It gives no e-mail address. A refresh token comes with the scope offline.",
		provider: &oauth.OAuth2{
			ID: "ravelry", Name: "Ravelry", Endpoints: oauth.Endpoints{
				Authorize: "https://www.ravelry.com/oauth2/auth", Token: "https://www.ravelry.com/oauth2/token", UserInfo: "https://api.ravelry.com/current_user.json", API: "https://api.ravelry.com",
			},
			Scopes: []string{"offline"}, ScopeTexts: map[string]string{"offline": stayWhenAway},
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.username", ProfileURL: "https://www.ravelry.com/people/{user.username}", ImageURL: "user.photo_url"},
			RegisterURL: "https://www.ravelry.com/pro/developer",
		},
	}, {
		group: Social, about: "Reddit, OAuth 2.0. New applications need its approval. It gives no e-mail address, and limits applications whose requests do not name them.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "web:notes:v1.0 (by /u/nora)", Help: "what names your application to Reddit"}},
		provider: &oauth.OAuth2{
			ID: "reddit", Name: "Reddit", Endpoints: oauth.Endpoints{
				Authorize: "https://www.reddit.com/api/v1/authorize", Token: "https://www.reddit.com/api/v1/access_token", Revoke: "https://www.reddit.com/api/v1/revoke_token",
				UserInfo: "https://oauth.reddit.com/api/v1/me", API: "https://oauth.reddit.com",
			},
			Scopes: []string{"identity"}, ScopeTexts: map[string]string{"identity": seeProfile}, AuthParams: url.Values{"duration": {"permanent"}}, UserAgent: "{user_agent}",
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name", ProfileURL: "https://www.reddit.com/user/{name}"},
			RegisterURL: "https://www.reddit.com/prefs/apps",
		},
	}, {
		group: Work, about: "RingCentral, OAuth 2.0. What it grants is chosen where the application is registered. The subject is the user's extension. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://platform.ringcentral.com", Example: "https://platform.devtest.ringcentral.com", Help: "the address of the platform"}},
		provider: &oauth.OAuth2{
			ID: "ringcentral", Name: "RingCentral", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/restapi/oauth/authorize", Token: "{instance}/restapi/oauth/token", Revoke: "{instance}/restapi/oauth/revoke",
				UserInfo: "{instance}/restapi/v1.0/account/~/extension/~", API: "{instance}/restapi/v1.0",
			},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|contact.firstName contact.lastName|contact.email", FullName: "contact.firstName contact.lastName|name", Email: "contact.email"},
			RegisterURL: "https://developers.ringcentral.com/console",
		},
	}, {
		group: Media, revokes: true, about: "Roblox, OpenID Connect. It gives no e-mail address. Its ID tokens are signed with ES256.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "roblox", Name: "Roblox", Issuer: "https://apis.roblox.com/oauth/", TokenAuth: oauth.AuthPost, Scopes: []string{"openid", "profile"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|nickname|preferred_username", FullName: "name", ProfileURL: "profile", ImageURL: "picture"},
			RegisterURL: "https://create.roblox.com/dashboard/credentials",
		}},
	}}
}
