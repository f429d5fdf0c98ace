package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsT() []row {
	return []row{{
		group: Media, about: "Twitch, OAuth 2.0. The e-mail address is the account's verified one.",
		provider: &oauth.OAuth2{
			ID: "twitch", Name: "Twitch", Endpoints: oauth.Endpoints{
				Authorize: "https://id.twitch.tv/oauth2/authorize", Token: "https://id.twitch.tv/oauth2/token", Revoke: "https://id.twitch.tv/oauth2/revoke",
				UserInfo: "https://api.twitch.tv/helix/users", API: "https://api.twitch.tv/helix",
			},
			Scopes: []string{"user:read:email"}, ScopeTexts: map[string]string{"user:read:email": seeEmail}, ChooseAccount: url.Values{"force_verify": {"true"}},
			TokenAuth: oauth.AuthPost, APIHeader: http.Header{"Client-Id": {"{client_id}"}},
			Profile: oauth.Mapping{
				Subject: "data.0.id", DisplayName: "data.0.display_name|data.0.login", FullName: "data.0.display_name", Email: "data.0.email", EmailVerified: "always",
				ProfileURL: "https://twitch.tv/{data.0.login}", ImageURL: "data.0.profile_image_url",
			},
			DeadRefresh: []oauth.Condition{deadTwitch}, RegisterURL: "https://dev.twitch.tv/console/apps",
			Revocation: oauth.Revocation{Auth: oauth.AuthNone, Only: "access_token", Gone: []oauth.Condition{"400 message=Invalid token"}},
		},
	}, {
		provider: Twitter(),
		group:    Social, about: "X by OAuth 1.0a, whose tokens do not expire. The e-mail address comes only where the application may ask for " +
			"it (\"Request email from users\" at the developer portal); then it is a verified one.",
	}}
}

// Twitter is X by OAuth 1.0a.
func Twitter(credentials ...oauth.Credentials) *oauth.OAuth1 {
	return &oauth.OAuth1{
		ID: "twitter", Name: "Twitter", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			RequestToken: "https://api.x.com/oauth/request_token",
			Authorize:    "https://api.x.com/oauth/authenticate",
			Token:        "https://api.x.com/oauth/access_token",
			UserInfo:     "https://api.x.com/1.1/account/verify_credentials.json",
			Revoke:       "https://api.x.com/1.1/oauth/invalidate_token.json",
			API:          "https://api.x.com/1.1",
		},
		Hints:          map[string]string{"login_hint": "screen_name"},
		ChooseAccount:  url.Values{"force_login": {"true"}},
		Reauthenticate: url.Values{"force_login": {"true"}},
		UserInfoParams: url.Values{"include_email": {"true"}, "include_entities": {"false"}, "skip_status": {"true"}},
		Profile: oauth.Mapping{
			Subject:       "id_str|id",
			DisplayName:   "@{screen_name}",
			FullName:      "name",
			Email:         "email",
			EmailVerified: "always",
			ProfileURL:    "https://twitter.com/{screen_name}",
			ImageURL:      "profile_image_url_https|profile_image_url",
		},
		ErrorCodes:  twitterCodes(),
		APIHosts:    []string{"api.twitter.com", "upload.twitter.com", "upload.x.com"},
		RegisterURL: "https://developer.x.com/en/portal/dashboard",
	}
}
