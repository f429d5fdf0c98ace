package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsT() []row {
	return []row{{
		group: Work, about: "Teamleader Focus, OAuth 2.0. The integration's scopes are settled where it is registered. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "teamleader", Name: "Teamleader", Endpoints: oauth.Endpoints{
				Authorize: "https://focus.teamleader.eu/oauth2/authorize", Token: "https://focus.teamleader.eu/oauth2/access_token", UserInfo: "https://api.focus.teamleader.eu/users.me", API: "https://api.focus.teamleader.eu",
			},
			TokenAuth: oauth.AuthPost, UserInfoBy: oauth.UserInfoByPost,
			Profile: oauth.Mapping{
				Subject: "data.id", DisplayName: "data.first_name data.last_name|data.email", FullName: "data.first_name data.last_name", Email: "data.email", EmailVerified: "data.email_verification_status=confirmed",
			},
			RegisterURL: "https://marketplace.focus.teamleader.eu/build",
		},
	}, {
		group: Social, about: "Threads, OAuth 2.0. Its access tokens live 60 days and prolong themselves, so keep-alive has to run. It gives no address.",
		provider: &oauth.OAuth2{
			ID: "threads", Name: "Threads", Endpoints: oauth.Endpoints{
				Authorize: "https://threads.com/oauth/authorize", Token: "https://graph.threads.net/oauth/access_token",
				Refresh: "https://graph.threads.net/refresh_access_token", UserInfo: "https://graph.threads.net/v1.0/me", API: "https://graph.threads.net",
			},
			Scopes: []string{"threads_basic"}, ScopeTexts: map[string]string{"threads_basic": seeProfile}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			LongLived:      oauth.LongLived{Exchange: "https://graph.threads.net/access_token", ExchangeGrant: "th_exchange_token", RefreshGrant: "th_refresh_token"},
			UserInfoParams: url.Values{"fields": {"id,username,name,threads_profile_picture_url"}}, Use: oauth.TokenUse{Query: "access_token"},
			Profile:    oauth.Mapping{Subject: "id", DisplayName: "name|username", FullName: "name", ProfileURL: "https://www.threads.com/@{username}", ImageURL: "threads_profile_picture_url"},
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
		group: Work, about: "Todoist, OAuth 2.0. New applications get refresh tokens, which serve once; tokens of others do not expire. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "todoist", Name: "Todoist", Endpoints: oauth.Endpoints{
				Authorize: "https://app.todoist.com/oauth/authorize", Token: "https://api.todoist.com/oauth/access_token", Revoke: "https://api.todoist.com/api/v1/revoke",
				UserInfo: "https://api.todoist.com/api/v1/user", API: "https://api.todoist.com/api/v1",
			},
			Scopes: []string{"data:read"}, ScopeTexts: map[string]string{"data:read": seeThere}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			Revocation:  oauth.Revocation{JSON: true, Auth: oauth.AuthBasic, Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|email", FullName: "full_name", Email: "email", ImageURL: "avatar_big"},
			RegisterURL: "https://developer.todoist.com/appconsole.html",
		},
	}, {
		group: Sport, about: "TrainingPeaks, OAuth 2.0, for its partners. It does not say whether the address is verified. Refresh tokens serve once.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "sandbox"}, Default: "production", As: map[string]string{"production": "", "sandbox": "sandbox."}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "trainingpeaks", Name: "TrainingPeaks", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.{environment}trainingpeaks.com/OAuth/Authorize", Token: "https://oauth.{environment}trainingpeaks.com/oauth/token", Revoke: "https://oauth.{environment}trainingpeaks.com/oauth/deauthorize",
				UserInfo: "https://api.{environment}trainingpeaks.com/v1/athlete/profile", API: "https://api.{environment}trainingpeaks.com",
			},
			Scopes: []string{"athlete:profile"}, ScopeTexts: map[string]string{"athlete:profile": seeProfile}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Bearer: true},
			Profile:     oauth.Mapping{Subject: "Id", DisplayName: "FirstName LastName|Email", FullName: "FirstName LastName", Email: "Email"},
			RegisterURL: "https://api.trainingpeaks.com/request-access",
		},
	}, {
		group: Media, about: "Trakt, OAuth 2.0. It gives no e-mail address, and wants each request to name the application. Refresh tokens serve once.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "notes/1.0.0", Help: "what names your application to Trakt"}},
		provider: &oauth.OAuth2{
			ID: "trakt", Name: "Trakt", Endpoints: oauth.Endpoints{
				Authorize: "https://trakt.tv/oauth/authorize", Token: "https://api.trakt.tv/oauth/token", Revoke: "https://api.trakt.tv/oauth/revoke", UserInfo: "https://api.trakt.tv/users/settings", API: "https://api.trakt.tv",
			},
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, TokenRepeats: []string{"redirect_uri"}, UserAgent: "{user_agent}", APIHeader: http.Header{"Trakt-Api-Version": {"2"}, "Trakt-Api-Key": {"{client_id}"}}, Revocation: oauth.Revocation{JSON: true, Only: "access_token"},
			Profile: oauth.Mapping{
				Subject: "user.ids.uuid", DisplayName: "user.name|user.username", FullName: "user.name", ProfileURL: "https://trakt.tv/users/{user.ids.slug}", ImageURL: "user.images.avatar.full",
			},
			RegisterURL: "https://trakt.tv/oauth/applications",
		},
	}, {
		group: Work, about: "Trello, OAuth 1.0a, whose tokens do not expire. It asks for the scope account, which brings the e-mail address.",
		parameters: []Parameter{{Name: "app", Kind: Segment, Example: "Notes", Help: "your application's name as Trello shows it, without spaces"}},
		provider: &oauth.OAuth1{
			ID: "trello", Name: "Trello", Endpoints: oauth.Endpoints{
				RequestToken: "https://trello.com/1/OAuthGetRequestToken", Authorize: "https://trello.com/1/OAuthAuthorizeToken?scope=read,account&expiration=never&name={app}",
				Token: "https://trello.com/1/OAuthGetAccessToken", UserInfo: "https://api.trello.com/1/members/me", API: "https://api.trello.com/1",
			},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "fullName|username", FullName: "fullName", Email: "email", EmailVerified: "confirmed", ProfileURL: "url", ImageURL: "{avatarUrl}/170.png",
			},
			RegisterURL: "https://trello.com/power-ups/admin",
		},
	}, {
		group: Media, about: "Trovo, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "trovo", Name: "Trovo", Endpoints: oauth.Endpoints{
				Authorize: "https://open.trovo.live/page/login.html", Token: "https://open-api.trovo.live/openplatform/exchangetoken", Refresh: "https://open-api.trovo.live/openplatform/refreshtoken",
				Revoke: "https://open-api.trovo.live/openplatform/revoke", UserInfo: "https://open-api.trovo.live/openplatform/getuserinfo", API: "https://open-api.trovo.live/openplatform",
			},
			Scopes: []string{"user_details_self"}, ScopeTexts: map[string]string{"user_details_self": seeProfile}, TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON,
			TokenHeader: http.Header{"Client-Id": {"{client_id}"}}, APIHeader: http.Header{"Client-Id": {"{client_id}"}}, Use: oauth.TokenUse{Scheme: "OAuth"},
			Revocation:  oauth.Revocation{Auth: oauth.AuthNone, JSON: true, Field: "access_token", Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "userId", DisplayName: "nickName|userName", FullName: "nickName", Email: "email", ImageURL: "profilePic"},
			RegisterURL: "https://developer.trovo.live/",
		},
	}, {
		group: Social, about: "Tumblr, OAuth 2.0. It gives no e-mail address. An account has no ID of its own there, so the subject is that of its primary blog. The scope offline_access brings a refresh token.",
		provider: &oauth.OAuth2{
			ID: "tumblr", Name: "Tumblr", Endpoints: oauth.Endpoints{
				Authorize: "https://www.tumblr.com/oauth2/authorize", Token: "https://api.tumblr.com/v2/oauth2/token", UserInfo: "https://api.tumblr.com/v2/user/info", API: "https://api.tumblr.com/v2",
			},
			Scopes: []string{"basic", "offline_access"}, ScopeTexts: map[string]string{"basic": seeThere}, TokenAuth: oauth.AuthPost,
			Profile: oauth.Mapping{
				Subject: "response.user.blogs[primary=true].uuid", DisplayName: "response.user.name", ProfileURL: "response.user.blogs[primary=true].url", ImageURL: "response.user.blogs[primary=true].avatar.0.url",
			},
			RegisterURL: "https://www.tumblr.com/oauth/apps",
		},
	}, {
		group: Media, about: "TwitCasting, OAuth 2.0, without scopes. It gives no e-mail address.",
		provider: &oauth.OAuth2{
			ID: "twitcasting", Name: "TwitCasting", Endpoints: oauth.Endpoints{
				Authorize: "https://apiv2.twitcasting.tv/oauth2/authorize", Token: "https://apiv2.twitcasting.tv/oauth2/access_token", UserInfo: "https://apiv2.twitcasting.tv/verify_credentials", API: "https://apiv2.twitcasting.tv",
			},
			TokenAuth: oauth.AuthPost, APIHeader: http.Header{"X-Api-Version": {"2.0"}}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.name|user.screen_id", FullName: "user.name", ProfileURL: "https://twitcasting.tv/{user.screen_id}", ImageURL: "user.image"},
			RegisterURL: "https://twitcasting.tv/developer.php",
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
			DeadRefresh: []oauth.Condition{deadTwitch}, Mistakes: twitchMistakes(), RegisterURL: "https://dev.twitch.tv/console/apps",
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
		ID: "twitter", Name: "Twitter", Mark: "x", Credentials: credentials, // the mark with the bird is retired
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
		Mistakes:    oauth.Mistakes{oauth.RedirectNotRegistered: {"errors.0.code=415"}}, // callback URL not approved
		APIHosts:    []string{"api.twitter.com", "upload.twitter.com", "upload.x.com"},
		RegisterURL: "https://developer.x.com/en/portal/dashboard",
	}
}
