package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsD() []row {
	return []row{{
		group: Media, about: "Dailymotion, OAuth 2.0, by the first version of its API: the second has no log-in of other users. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "dailymotion", Name: "Dailymotion", Endpoints: oauth.Endpoints{
				Authorize: "https://api.dailymotion.com/oauth/authorize", Token: "https://api.dailymotion.com/oauth/token", UserInfo: "https://api.dailymotion.com/me", API: "https://api.dailymotion.com",
			},
			Scopes: []string{"email", "userinfo"}, ScopeTexts: map[string]string{"userinfo": seeProfile}, TokenAuth: oauth.AuthPost,
			UserInfoParams: url.Values{"fields": {"id,username,screenname,email,url,avatar_720_url"}},
			Profile:        oauth.Mapping{Subject: "id", DisplayName: "screenname|username", FullName: "screenname", Email: "email", ProfileURL: "url", ImageURL: "avatar_720_url"},
			RegisterURL:    "https://www.dailymotion.com/partner/api-keys/",
		},
	}, {
		group: Public, about: "data.gouv.fr, OAuth 2.0, or another server of udata.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://www.data.gouv.fr", Example: "https://data.example.org", Help: "the server's address"}},
		provider: &oauth.OAuth2{
			ID: "datagouv", Name: "data.gouv.fr", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/oauth/authorize", Token: "{instance}/oauth/token", UserInfo: "{instance}/api/1/me/", API: "{instance}/api/1",
			},
			Scopes: []string{"default"}, ScopeTexts: map[string]string{"default": changeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|email", FullName: "first_name last_name", Email: "email", ProfileURL: "page", ImageURL: "avatar"},
			RegisterURL: "{instance}/",
		},
	}, {
		group: Identity, revokes: true, about: "Descope, OpenID Connect, of your project. The client ID is the project's ID, the secret an access key.",
		parameters: []Parameter{{Name: "project", Kind: Segment, Example: "P2abcDEFghiJKLmnoPQRstuVWxyz", Help: "the project's ID"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "descope", Name: "Descope", Issuer: "https://api.descope.com/{project}",
			Scopes: openIDScopes(), TokenAuth: oauth.AuthPost, RegisterURL: "https://app.descope.com/",
		}},
	}, {
		group: Media, about: "DeviantArt, OAuth 2.0. It gives no e-mail address. Refresh tokens serve once and live three months.",
		provider: &oauth.OAuth2{
			ID: "deviantart", Name: "DeviantArt",
			Endpoints: oauth.Endpoints{
				Authorize: "https://www.deviantart.com/oauth2/authorize", Token: "https://www.deviantart.com/oauth2/token", Revoke: "https://www.deviantart.com/oauth2/revoke",
				UserInfo: "https://www.deviantart.com/api/v1/oauth2/user/whoami", API: "https://www.deviantart.com/api/v1/oauth2",
			},
			Scopes: []string{"user"}, ScopeTexts: map[string]string{"user": seePublic}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "userid", DisplayName: "username", ProfileURL: "https://www.deviantart.com/{username}", ImageURL: "usericon"},
			DeadRefresh: []oauth.Condition{deadDeviantArt},
			// "This will revoke all access tokens, refresh tokens and authorizations."
			Revocation:  oauth.Revocation{EndsGrant: true},
			RegisterURL: "https://www.deviantart.com/developers/apps",
		},
	}, {
		group: Public, about: "edu-ID of the DFN, OpenID Connect, for German universities. Which claims it gives is agreed on with the DFN; none says whether the address is verified.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "dfneduid", Name: "edu-ID (DFN)", Issuer: "https://proxy.edu-id.dfn.de", Scopes: openIDScopes(),
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://doku.tid.dfn.de/de:aai:eduid:spconfig",
		}},
	}, {
		group: Work, about: "Dialpad, OAuth 2.0. The scope offline_access, one of the defaults, brings a refresh token.",
		provider: &oauth.OAuth2{
			ID: "dialpad", Name: "Dialpad", Endpoints: oauth.Endpoints{
				Authorize: "https://dialpad.com/oauth2/authorize", Token: "https://dialpad.com/oauth2/token", Revoke: "https://dialpad.com/oauth2/deauthorize",
				UserInfo: "https://dialpad.com/api/v2/users/me", API: "https://dialpad.com/api/v2",
			},
			Scopes: []string{"offline_access"}, UnnamedScopes: []string{"offline_access"}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Bearer: true},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "display_name|first_name last_name|emails.0", FullName: "display_name|first_name last_name", Email: "emails.0", ImageURL: "image_url"},
			RegisterURL: "https://developers.dialpad.com/docs/oauth2",
		},
	}, {
		group: Code, about: "DigitalOcean, OAuth 2.0. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "digitalocean", Name: "DigitalOcean", Endpoints: oauth.Endpoints{
				Authorize: "https://cloud.digitalocean.com/v1/oauth/authorize", Token: "https://cloud.digitalocean.com/v1/oauth/token",
				Refresh: "https://cloud.digitalocean.com/v1/oauth/refresh", Revoke: "https://cloud.digitalocean.com/v1/oauth/revoke",
				UserInfo: "https://api.digitalocean.com/v2/account", API: "https://api.digitalocean.com/v2",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Bearer: true, Field: "token"},
			Profile:     oauth.Mapping{Subject: "account.uuid", DisplayName: "account.name|account.email", FullName: "account.name", Email: "account.email", EmailVerified: "account.email_verified"},
			RegisterURL: "https://cloud.digitalocean.com/account/api/applications",
		},
	}, {
		group: Work, about: "DingTalk, OAuth 2.0. It does not say whether the address is verified. A user's ID differs between applications.",
		provider: &oauth.OAuth2{
			ID: "dingtalk", Name: "DingTalk", Endpoints: oauth.Endpoints{
				Authorize: "https://login.dingtalk.com/oauth2/auth", Token: "https://api.dingtalk.com/v1.0/oauth2/userAccessToken", UserInfo: "https://api.dingtalk.com/v1.0/contact/users/me", API: "https://api.dingtalk.com/v1.0",
			},
			Scopes: []string{"openid"}, ScopeTexts: map[string]string{"openid": seeProfile}, AuthParams: url.Values{"prompt": {"consent"}}, CodeName: "authCode",
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, TokenNames: map[string]string{
				"client_id": "clientId", "client_secret": "clientSecret", "grant_type": "grantType", "access_token": "accessToken", "refresh_token": "refreshToken", "expires_in": "expireIn",
			},
			Use:         oauth.TokenUse{Header: "X-Acs-Dingtalk-Access-Token"},
			Profile:     oauth.Mapping{Subject: "openId", DisplayName: "nick|email", FullName: "nick", Email: "email", ImageURL: "avatarUrl"},
			RegisterURL: "https://open-dev.dingtalk.com/",
		},
	}, {
		group: Media, about: "Discogs, OAuth 1.0a, whose tokens do not expire. It gives no e-mail address, and wants each request to name the application.",
		parameters: []Parameter{{Name: "user_agent", Kind: Line, Example: "Notes/1.0 +https://notes.example.org", Help: "what names your application to Discogs"}},
		provider: &oauth.OAuth1{
			ID: "discogs", Name: "Discogs", Endpoints: oauth.Endpoints{
				RequestToken: "https://api.discogs.com/oauth/request_token", Authorize: "https://www.discogs.com/oauth/authorize", Token: "https://api.discogs.com/oauth/access_token",
				UserInfo: "https://api.discogs.com/oauth/identity", API: "https://api.discogs.com",
			},
			UserAgent:   "{user_agent}",
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "username", ProfileURL: "https://www.discogs.com/user/{username}"},
			RegisterURL: "https://www.discogs.com/settings/developers",
		},
	}, {
		group: Social, about: "Discord, OAuth 2.0. It says whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "discord", Name: "Discord", Endpoints: oauth.Endpoints{
				Authorize: "https://discord.com/oauth2/authorize", Token: "https://discord.com/api/oauth2/token", Revoke: "https://discord.com/api/oauth2/token/revoke",
				UserInfo: "https://discord.com/api/users/@me", API: "https://discord.com/api",
			},
			Issuer: "https://discord.com", TokenAuth: oauth.AuthPost, Scopes: []string{"identify", "email"}, ScopeTexts: map[string]string{"identify": seeProfile},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "global_name|username", FullName: "global_name", Email: "email", EmailVerified: "verified",
				ImageURL: "https://cdn.discordapp.com/avatars/{id}/{avatar}.png",
			},
			RegisterURL: "https://discord.com/developers/applications", Mistakes: discordMistakes(),
		},
	}, {
		group: Social, about: "Disqus, OAuth 2.0. It does not say whether the address is verified. Its API wants the application's key and secret in the address of each request, which logs of proxies may have.",
		provider: &oauth.OAuth2{
			ID: "disqus", Name: "Disqus", Endpoints: oauth.Endpoints{
				Authorize: "https://disqus.com/api/oauth/2.0/authorize/", Token: "https://disqus.com/api/oauth/2.0/access_token/", UserInfo: "https://disqus.com/api/3.0/users/details.json", API: "https://disqus.com/api/3.0",
			},
			Scopes: []string{"read", "email"}, ScopeTexts: map[string]string{"read": seeProfile, "email": seeEmail}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			Use: oauth.TokenUse{Query: "access_token"}, APIParams: url.Values{"api_key": {"{client_id}"}, "api_secret": {"{client_secret}"}},
			Profile:     oauth.Mapping{Subject: "response.id", DisplayName: "response.name|response.username", FullName: "response.name", Email: "response.email", ProfileURL: "response.profileUrl", ImageURL: "response.avatar.permalink"},
			RegisterURL: "https://disqus.com/api/applications/",
		},
	}, {
		group: Work, about: "Docusign, OAuth 2.0. The API is at the address that the profile names as accounts.0.base_uri. A refresh token that lives longer comes with the scope extended.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "demo"}, Default: "live", As: map[string]string{"live": "", "demo": "-d"}, Example: "demo", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "docusign", Name: "Docusign", Endpoints: oauth.Endpoints{
				Authorize: "https://account{environment}.docusign.com/oauth/auth", Token: "https://account{environment}.docusign.com/oauth/token", UserInfo: "https://account{environment}.docusign.com/oauth/userinfo",
			},
			Scopes: []string{"signature"}, ScopeTexts: map[string]string{"signature": changeThere, "extended": stayWhenAway}, APIHosts: []string{".docusign.net"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|given_name family_name|email", FullName: "name|given_name family_name", Email: "email"},
			RegisterURL: "https://apps-d.docusign.com/admin/apps-and-keys",
		},
	}, {
		group: Sport, about: "Doximity, OAuth 2.0, for clinicians in the USA. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "doximity", Name: "Doximity", Endpoints: oauth.Endpoints{
				Authorize: "https://auth.doximity.com/oauth/authorize", Token: "https://auth.doximity.com/oauth/token", UserInfo: "https://www.doximity.com/api/v1/users/current", API: "https://www.doximity.com/api/v1",
			},
			Scopes: []string{"basic", "email"}, ScopeTexts: map[string]string{"basic": seeProfile},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "full_name|firstname lastname|email", FullName: "full_name|firstname lastname", Email: "email", ImageURL: "profile_photo"},
			RegisterURL: "https://www.doximity.com/developers/home",
		},
	}, {
		group: Media, about: "Dribbble, OAuth 2.0. It gives no e-mail address, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "dribbble", Name: "Dribbble", Endpoints: oauth.Endpoints{
				Authorize: "https://dribbble.com/oauth/authorize", Token: "https://dribbble.com/oauth/token", UserInfo: "https://api.dribbble.com/v2/user", API: "https://api.dribbble.com/v2",
			},
			Scopes: []string{"public"}, ScopeTexts: map[string]string{"public": seePublic}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|login", FullName: "name", ProfileURL: "html_url", ImageURL: "avatar_url"},
			RegisterURL: "https://dribbble.com/account/applications/new",
		},
	}, {
		group: Work, about: "Dropbox, OAuth 2.0. The parameter token_access_type=offline, which is sent, brings a refresh token.",
		provider: &oauth.OAuth2{
			ID: "dropbox", Name: "Dropbox", Endpoints: oauth.Endpoints{
				Authorize: "https://www.dropbox.com/oauth2/authorize", Token: "https://api.dropboxapi.com/oauth2/token", Revoke: "https://api.dropboxapi.com/2/auth/token/revoke",
				UserInfo: "https://api.dropboxapi.com/2/users/get_current_account", API: "https://api.dropboxapi.com/2",
			},
			Scopes: []string{"account_info.read"}, ScopeTexts: map[string]string{"account_info.read": seeProfile}, TokenAuth: oauth.AuthPost, UserInfoBy: oauth.UserInfoByPost,
			AuthParams: url.Values{"token_access_type": {"offline"}}, APIHosts: []string{"content.dropboxapi.com", "notify.dropboxapi.com"}, Revocation: oauth.Revocation{Bearer: true},
			Profile:     oauth.Mapping{Subject: "account_id", DisplayName: "name.display_name", FullName: "name.display_name", Email: "email", EmailVerified: "email_verified", ImageURL: "profile_photo_url"},
			RegisterURL: "https://www.dropbox.com/developers/apps",
		},
	}}
}
