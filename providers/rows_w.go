package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsW() []row {
	return []row{{
		group: Sport, about: "Wahoo Fitness, OAuth 2.0. It does not say whether the address is verified. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "wahoo", Name: "Wahoo", Endpoints: oauth.Endpoints{
				Authorize: "https://api.wahooligan.com/oauth/authorize", Token: "https://api.wahooligan.com/oauth/token", Revoke: "https://api.wahooligan.com/v1/permissions",
				UserInfo: "https://api.wahooligan.com/v1/user", API: "https://api.wahooligan.com/v1",
			},
			Scopes: []string{"user_read", "email"}, ScopeTexts: map[string]string{"user_read": seeProfile}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true, EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first last|email", FullName: "first last", Email: "email"},
			RegisterURL: "https://developers.wahooligan.com/applications/new",
		},
	}, {
		group: Code, about: "WakaTime, OAuth 2.0.",
		provider: &oauth.OAuth2{
			ID: "wakatime", Name: "WakaTime", Endpoints: oauth.Endpoints{
				Authorize: "https://wakatime.com/oauth/authorize", Token: "https://wakatime.com/oauth/token", Revoke: "https://wakatime.com/oauth/revoke",
				UserInfo: "https://wakatime.com/api/v1/users/current", API: "https://wakatime.com/api/v1",
			},
			Scopes: []string{"email"}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			Profile: oauth.Mapping{
				Subject: "data.id", DisplayName: "data.display_name|data.username", FullName: "data.full_name", Email: "data.email", EmailVerified: "data.is_email_confirmed",
				ProfileURL: "https://wakatime.com/@{data.username}", ImageURL: "data.photo",
			},
			RegisterURL: "https://wakatime.com/apps",
		},
	}, {
		group: Money, about: "Wave, the accounting service, OAuth 2.0. The profile comes by GraphQL; it does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "wave", Name: "Wave", Endpoints: oauth.Endpoints{
				Authorize: "https://api.waveapps.com/oauth2/authorize/", Token: "https://api.waveapps.com/oauth2/token/", Revoke: "https://api.waveapps.com/oauth2/token-revoke/",
				UserInfo: "https://gql.waveapps.com/graphql/public", API: "https://gql.waveapps.com",
			},
			Scopes: []string{"user:read"}, ScopeTexts: map[string]string{"user:read": seeProfile}, TokenAuth: oauth.AuthPost,
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{user{id defaultEmail firstName lastName}}"}`,
			Profile:     oauth.Mapping{Subject: "data.user.id", DisplayName: "data.user.firstName data.user.lastName|data.user.defaultEmail", FullName: "data.user.firstName data.user.lastName", Email: "data.user.defaultEmail"},
			RegisterURL: "https://developer.waveapps.com/hc/en-us/sections/360003012132-Create-an-App",
		},
	}, {
		group: Work, about: "Webex, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "webex", Name: "Webex", Endpoints: oauth.Endpoints{
				Authorize: "https://webexapis.com/v1/authorize", Token: "https://webexapis.com/v1/access_token", UserInfo: "https://webexapis.com/v1/people/me", API: "https://webexapis.com/v1",
			},
			Scopes: []string{"spark:people_read"}, ScopeTexts: map[string]string{"spark:people_read": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "displayName|nickName|emails.0", FullName: "displayName", Email: "emails.0", ImageURL: "avatar"},
			RegisterURL: "https://developer.webex.com/my-apps/new/integration",
		},
	}, {
		group: Work, about: "Webflow, OAuth 2.0. It does not say whether the address is verified, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "webflow", Name: "Webflow", Endpoints: oauth.Endpoints{
				Authorize: "https://webflow.com/oauth/authorize", Token: "https://api.webflow.com/oauth/access_token", Revoke: "https://webflow.com/oauth/revoke_authorization",
				UserInfo: "https://api.webflow.com/v2/token/authorized_by", API: "https://api.webflow.com/v2",
			},
			Scopes: []string{"authorized_user:read"}, ScopeTexts: map[string]string{"authorized_user:read": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true, Revocation: oauth.Revocation{JSON: true, Field: "access_token"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "firstName lastName|email", FullName: "firstName lastName", Email: "email"},
			RegisterURL: "https://developers.webflow.com/data/reference/oauth-app",
		},
	}, {
		group: Social, about: "WeChat on web sites, where people scan a QR code, OAuth 2.0. It gives no e-mail address. The subject is the openid, which is another one for each application.",
		provider: &oauth.OAuth2{
			ID: "wechat", Name: "WeChat", Endpoints: oauth.Endpoints{
				Authorize: "https://open.weixin.qq.com/connect/qrconnect#wechat_redirect", Token: "https://api.weixin.qq.com/sns/oauth2/access_token", Refresh: "https://api.weixin.qq.com/sns/oauth2/refresh_token",
				UserInfo: "https://api.weixin.qq.com/sns/userinfo", API: "https://api.weixin.qq.com/sns",
			},
			Scopes: []string{"snsapi_login"}, ScopeTexts: map[string]string{"snsapi_login": seeProfile}, ScopeSeparator: ",", Names: map[string]string{"client_id": "appid", "client_secret": "secret"},
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyQuery, Use: oauth.TokenUse{Query: "access_token"}, UserInfoParams: url.Values{"openid": {"{token:openid}"}, "lang": {"en"}},
			Refused: []oauth.Condition{"errcode!=0"}, DeadRefresh: []oauth.Condition{"errcode=40030", "errcode=42002"},
			Profile:     oauth.Mapping{Subject: "openid", DisplayName: "nickname|openid", FullName: "nickname", ImageURL: "headimgurl"},
			RegisterURL: "https://open.weixin.qq.com/",
		},
	}, {
		group: Social, about: "Weibo, OAuth 2.0. It gives no e-mail address without an approval of its own.",
		provider: &oauth.OAuth2{
			ID: "weibo", Name: "Weibo", Endpoints: oauth.Endpoints{
				Authorize: "https://api.weibo.com/oauth2/authorize", Token: "https://api.weibo.com/oauth2/access_token", Revoke: "https://api.weibo.com/oauth2/revokeoauth2",
				UserInfo: "https://api.weibo.com/2/users/show.json", API: "https://api.weibo.com/2",
			},
			TokenAuth: oauth.AuthPost, ScopeSeparator: ",", NoRefresh: true, Use: oauth.TokenUse{Query: "access_token"}, UserInfoParams: url.Values{"uid": {"{token:uid}"}},
			Revocation:  oauth.Revocation{Auth: oauth.AuthNone, Field: "access_token", Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "idstr|id", DisplayName: "screen_name|name", FullName: "name", ProfileURL: "https://www.weibo.com/u/{idstr}", ImageURL: "avatar_hd|avatar_large"},
			RegisterURL: "https://open.weibo.com/apps",
		},
	}, {
		group: Sport, about: "WHOOP, OAuth 2.0. It does not say whether the address is verified. The scope offline brings a refresh token, which serves once.",
		provider: &oauth.OAuth2{
			ID: "whoop", Name: "WHOOP", Endpoints: oauth.Endpoints{
				Authorize: "https://api.prod.whoop.com/oauth/oauth2/auth", Token: "https://api.prod.whoop.com/oauth/oauth2/token", Revoke: "https://api.prod.whoop.com/developer/v2/user/access",
				UserInfo: "https://api.prod.whoop.com/developer/v2/user/profile/basic", API: "https://api.prod.whoop.com/developer",
			},
			Scopes: []string{"read:profile", "offline"}, ScopeTexts: map[string]string{"read:profile": seeProfile, "offline": stayWhenAway}, TokenAuth: oauth.AuthPost,
			Revocation:  oauth.Revocation{Method: http.MethodDelete, Bearer: true, EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "user_id", DisplayName: "first_name last_name|email", FullName: "first_name last_name", Email: "email"},
			RegisterURL: "https://developer-dashboard.whoop.com/",
		},
	}, {
		group: Public, about: "Wikimedia, for Wikipedia and its sisters, OAuth 2.0; instance may be any MediaWiki with the extension OAuth below /w. It wants each request to name the application.",
		parameters: []Parameter{
			{Name: "instance", Kind: BaseAddress, Default: "https://meta.wikimedia.org", Example: "https://wiki.example.org", Help: "the wiki's address"},
			{Name: "user_agent", Kind: Line, Example: "notes/1.0 (https://notes.example.org; nora@example.org)", Help: "what names your application to Wikimedia, and whom to ask about it"},
		},
		provider: &oauth.OAuth2{
			ID: "wikimedia", Name: "Wikimedia", Endpoints: oauth.Endpoints{
				Authorize: "{instance}/w/rest.php/oauth2/authorize", Token: "{instance}/w/rest.php/oauth2/access_token", UserInfo: "{instance}/w/rest.php/oauth2/resource/profile", API: "{instance}/w",
			},
			TokenAuth: oauth.AuthPost, UserAgent: "{user_agent}",
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "username", FullName: "realname", Email: "email", EmailVerified: "confirmed_email", ProfileURL: "{instance}/wiki/User:{username}"},
			RegisterURL: "{instance}/wiki/Special:OAuthConsumerRegistration/propose",
		},
	}, {
		group: Sport, about: "Withings, OAuth 2.0. It says of the user no more than a number. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "withings", Name: "Withings", Endpoints: oauth.Endpoints{
				Authorize: "https://account.withings.com/oauth2_user/authorize2", Token: "https://wbsapi.withings.net/v2/oauth2", API: "https://wbsapi.withings.net",
			},
			Scopes: []string{"user.info"}, ScopeTexts: map[string]string{"user.info": seeProfile}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, TokenAt: "body", Refused: []oauth.Condition{"status!=0"},
			TokenParams: url.Values{"action": {"requesttoken"}}, RefreshParams: url.Values{"action": {"requesttoken"}}, ProfileFromToken: true,
			Profile:     oauth.Mapping{Subject: "userid", DisplayName: "userid"},
			RegisterURL: "https://developer.withings.com/dashboard/",
		},
	}, {
		group: Public, revokes: true, about: "WLCG IAM, OpenID Connect, or any other INDIGO IAM by its address. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{{Name: "instance", Kind: BaseAddress, Default: "https://wlcg.cloud.cnaf.infn.it", Example: "https://iam.example.org", Help: "the server's address"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "wlcg", Name: "WLCG IAM", Issuer: "{instance}/", Scopes: []string{"openid", "profile", "email", "offline_access"}, RegisterURL: "{instance}/",
		}},
	}, {
		group: Media, about: "WordPress.com, OAuth 2.0, asked who it is alone (scope auth). Its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "wordpress", Name: "WordPress.com", Endpoints: oauth.Endpoints{
				Authorize: "https://public-api.wordpress.com/oauth2/authorize", Token: "https://public-api.wordpress.com/oauth2/token",
				UserInfo: "https://public-api.wordpress.com/rest/v1.1/me", API: "https://public-api.wordpress.com/rest/v1.1",
			},
			Scopes: []string{"auth"}, ScopeTexts: map[string]string{"auth": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "ID", DisplayName: "display_name|username", FullName: "display_name", Email: "email", EmailVerified: "email_verified", ProfileURL: "profile_URL", ImageURL: "avatar_URL"},
			RegisterURL: "https://developer.wordpress.com/apps/",
		},
	}, {
		group: Identity, about: "WorkOS single sign-on, OAuth 2.0, of one organization. The consumer_secret is the API key, and the subject is the profile's ID, which belongs to one connection.",
		parameters: []Parameter{{Name: "organization", Kind: Segment, Example: "org_01EHQMYV6MBK39QC5PZXHY59C3", Help: "the ID of the organization whose people log in"}},
		provider: &oauth.OAuth2{
			ID: "workos", Name: "WorkOS", Endpoints: oauth.Endpoints{
				Authorize: "https://api.workos.com/sso/authorize", Token: "https://api.workos.com/sso/token", UserInfo: "https://api.workos.com/sso/profile", API: "https://api.workos.com",
			},
			TokenAuth: oauth.AuthPost, AuthParams: url.Values{"organization": {"{organization}"}}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "first_name last_name|email", FullName: "first_name last_name", Email: "email", ImageURL: "raw_attributes.picture"},
			RegisterURL: "https://dashboard.workos.com/",
		},
	}, {
		group: Work, about: "Wrike, OAuth 2.0. Where an account's API is says host of the token answer. It does not say whether the address is verified. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "wrike", Name: "Wrike", Endpoints: oauth.Endpoints{
				Authorize: "https://login.wrike.com/oauth2/authorize/v4", Token: "https://login.wrike.com/oauth2/token", UserInfo: "https://{token:host}/api/v4/contacts",
			},
			Scopes: []string{"wsReadOnly"}, ScopeTexts: map[string]string{"wsReadOnly": seeThere}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, UserInfoParams: url.Values{"me": {"true"}}, APIHosts: []string{".wrike.com"},
			Profile: oauth.Mapping{
				Subject: "data.0.id", DisplayName: "data.0.firstName data.0.lastName|data.0.profiles.0.email", FullName: "data.0.firstName data.0.lastName", Email: "data.0.profiles.0.email", ImageURL: "data.0.avatarUrl",
			},
			RegisterURL: "https://www.wrike.com/frontend/apps/index.html#/api",
		},
	}}
}
