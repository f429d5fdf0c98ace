package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsT() []row {
	return []row{{
		group: Social, about: "Threads, OAuth 2.0. Its access tokens live 60 days and prolong themselves, so keep-alive has to run. It gives no address.",
		provider: &oauth.OAuth2{
			ID: "threads", Name: "Threads", Endpoints: oauth.Endpoints{
				Authorize: "https://threads.net/oauth/authorize", Token: "https://graph.threads.net/oauth/access_token",
				Refresh: "https://graph.threads.net/refresh_access_token", UserInfo: "https://graph.threads.net/v1.0/me", API: "https://graph.threads.net",
			},
			Scopes: []string{"threads_basic"}, ScopeTexts: map[string]string{"threads_basic": seeProfile}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			LongLived:      oauth.LongLived{Exchange: "https://graph.threads.net/access_token", ExchangeGrant: "th_exchange_token", RefreshGrant: "th_refresh_token"},
			UserInfoParams: url.Values{"fields": {"id,username,name,threads_profile_picture_url"}}, Use: oauth.TokenUse{Query: "access_token"},
			Profile:    oauth.Mapping{Subject: "id", DisplayName: "name|username", FullName: "name", ProfileURL: "https://www.threads.net/@{username}", ImageURL: "threads_profile_picture_url"},
			ErrorCodes: facebookCodes(), Denied: []oauth.Condition{deniedFacebook}, RegisterURL: "https://developers.facebook.com/apps/",
		},
	}, {
		group: Social, about: "TikTok Login Kit, OAuth 2.0. It gives no e-mail address. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "tiktok", Name: "TikTok", Endpoints: oauth.Endpoints{
				Authorize: "https://www.tiktok.com/v2/auth/authorize/", Token: "https://open.tiktokapis.com/v2/oauth/token/", Revoke: "https://open.tiktokapis.com/v2/oauth/revoke/",
				UserInfo: "https://open.tiktokapis.com/v2/user/info/", API: "https://open.tiktokapis.com/v2",
			},
			Names: map[string]string{"client_id": "client_key"}, TokenAuth: oauth.AuthPost, WithoutPKCE: true, // web applications have none, others in hexadecimal
			Scopes: []string{"user.info.basic"}, ScopeTexts: map[string]string{"user.info.basic": seeNameFace}, ScopeSeparator: ",", Refused: []oauth.Condition{"error.code!=ok"},
			UserInfoParams: url.Values{"fields": {"open_id,union_id,avatar_url,display_name"}}, Revocation: oauth.Revocation{Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "data.user.open_id", DisplayName: "data.user.display_name|data.user.open_id", FullName: "data.user.display_name", ImageURL: "data.user.avatar_url"},
			RegisterURL: "https://developers.tiktok.com/apps/",
		},
	}, {
		group: Work, about: "Todoist, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "todoist", Name: "Todoist", Endpoints: oauth.Endpoints{
				Authorize: "https://todoist.com/oauth/authorize", Token: "https://todoist.com/oauth/access_token", UserInfo: "https://api.todoist.com/api/v1/user", API: "https://api.todoist.com/api/v1",
			},
			Scopes: []string{"data:read"}, ScopeTexts: map[string]string{"data:read": seeThere}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|email", FullName: "full_name", Email: "email", ImageURL: "avatar_big"},
			RegisterURL: "https://developer.todoist.com/appconsole.html",
		},
	}, {
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
	}, {
		group: Work, about: "Typeform, OAuth 2.0. It fails when it sees PKCE. A refresh token comes with the scope offline.",
		provider: &oauth.OAuth2{
			ID: "typeform", Name: "Typeform", Endpoints: oauth.Endpoints{
				Authorize: "https://api.typeform.com/oauth/authorize", Token: "https://api.typeform.com/oauth/token", UserInfo: "https://api.typeform.com/me", API: "https://api.typeform.com",
			},
			Scopes: []string{"accounts:read", "offline"}, ScopeTexts: map[string]string{"accounts:read": seeProfile, "offline": stayWhenAway}, TokenAuth: oauth.AuthPost, WithoutPKCE: true,
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "alias|email", Email: "email"},
			RegisterURL: "https://admin.typeform.com/account#/section/apps",
		},
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
