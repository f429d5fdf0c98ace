package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsK() []row {
	return []row{{
		group: Social, about: "Kakao, OAuth 2.0. The address counts as verified where Kakao says that it is valid and verified. Ending a token unlinks the application. Into a test app only its team members may log in.",
		provider: &oauth.OAuth2{
			ID: "kakao", Name: "Kakao", Endpoints: oauth.Endpoints{
				Authorize: "https://kauth.kakao.com/oauth/authorize", Token: "https://kauth.kakao.com/oauth/token", Revoke: "https://kapi.kakao.com/v1/user/unlink",
				UserInfo: "https://kapi.kakao.com/v2/user/me", API: "https://kapi.kakao.com",
			},
			Scopes: []string{"account_email", "profile_nickname", "profile_image"}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			ScopeTexts: map[string]string{"account_email": seeEmail, "profile_nickname": seeName, "profile_image": seeNameFace}, Revocation: oauth.Revocation{Bearer: true, EndsGrant: true},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "kakao_account.profile.nickname|properties.nickname|kakao_account.email", FullName: "kakao_account.profile.nickname|properties.nickname",
				Email: "kakao_account.email", EmailVerified: "kakao_account.is_email_valid=true&kakao_account.is_email_verified=true", ImageURL: "kakao_account.profile.profile_image_url|properties.profile_image",
			},
			RegisterURL: "https://developers.kakao.com/console/app", Mistakes: kakaoMistakes(),
		},
	}, {
		group: Identity, revokes: true, about: "Kanidm, OpenID Connect, on a server of your own. Its ID tokens are signed with ES256.",
		parameters: []Parameter{instance("https://idm.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "kanidm", Name: "Kanidm", Issuer: "{instance}/oauth2/openid/{client_id}",
			Scopes: openIDScopes(), RegisterURL: "{instance}",
		}},
	}, {
		group: Work, about: "Keap (Infusionsoft), OAuth 2.0. It does not say whether the address is verified. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "keap", Name: "Keap", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.infusionsoft.com/app/oauth/authorize", Token: "https://api.infusionsoft.com/token",
				UserInfo: "https://api.infusionsoft.com/crm/rest/v1/oauth/connect/userinfo", API: "https://api.infusionsoft.com/crm/rest/v1",
			},
			Scopes: []string{"full"}, ScopeTexts: map[string]string{"full": "see and change everything in Keap"}, TokenAuth: oauth.AuthPost, RefreshAuth: oauth.AuthBasic,
			Profile:     oauth.Mapping{Subject: "sub|global_user_id", DisplayName: "given_name family_name|email", FullName: "given_name family_name", Email: "email"},
			RegisterURL: "https://keys.developer.keap.com/",
		},
	}, {
		group: Identity, revokes: true, about: "Keycloak, OpenID Connect, on a server of your own. Before version 17 /auth comes after the server's address.",
		parameters: []Parameter{
			instance("https://sso.example.org"),
			{Name: "realm", Kind: Segment, Example: "master", Help: "the realm's name, as in its addresses"},
		},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "keycloak", Name: "Keycloak", Issuer: "{instance}/realms/{realm}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/admin/", Mistakes: serverMistakes(),
		}},
	}, {
		group: Media, about: "Kick, OAuth 2.1. Access tokens live two hours. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "kick", Name: "Kick", Endpoints: oauth.Endpoints{
				Authorize: "https://id.kick.com/oauth/authorize", Token: "https://id.kick.com/oauth/token", Revoke: "https://id.kick.com/oauth/revoke?token={token}", UserInfo: "https://api.kick.com/public/v1/users", API: "https://api.kick.com/public/v1",
			},
			Scopes: []string{"user:read"}, ScopeTexts: map[string]string{"user:read": seeProfile}, TokenAuth: oauth.AuthPost, Revocation: oauth.Revocation{Auth: oauth.AuthNone, Gone: []oauth.Condition{"400 error=Invalid request"}},
			Profile:     oauth.Mapping{Subject: "data.0.user_id", DisplayName: "data.0.name", Email: "data.0.email", ProfileURL: "https://kick.com/{data.0.name}", ImageURL: "data.0.profile_picture"},
			RegisterURL: "https://kick.com/settings/developer",
		},
	}, {
		group: Identity, revokes: true, about: "Kinde, OpenID Connect, of your business. The scope offline, one of the defaults, brings a refresh token.",
		parameters: []Parameter{{Name: "domain", Kind: HostName, Example: "acme.kinde.com", Help: "the business's host"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "kinde", Name: "Kinde", Issuer: "https://{domain}", TokenAuth: oauth.AuthPost,
			Scopes: []string{"openid", "profile", "email", "offline"}, UnnamedScopes: []string{"offline"}, ScopeTexts: map[string]string{"offline": stayWhenAway}, RegisterURL: "https://app.kinde.com/",
		}},
	}, {
		group: Money, about: "Sign in with Klarna, OpenID Connect, spoken as OAuth 2.0: which issuer its ID tokens name is not documented in one way, while its user info holds the same claims. Choose client_secret_post where you register. Refresh tokens serve once.",
		parameters: []Parameter{
			{Name: "environment", Kind: OneOf, OneOf: []string{"production", "playground"}, Default: "production", As: map[string]string{"production": "", "playground": "playground."}, Example: "playground", Help: "where the application is registered"},
			{Name: "region", Kind: Label, Default: "eu", Example: "na", Help: "the region of your account"},
		},
		provider: &oauth.OAuth2{
			ID: "klarna", Name: "Klarna", Endpoints: oauth.Endpoints{
				Authorize: "https://login.{environment}klarna.com/{region}/lp/idp/oauth2/auth", Token: "https://login.{environment}klarna.com/{region}/lp/idp/oauth2/token", UserInfo: "https://login.{environment}klarna.com/{region}/lp/idp/userinfo",
			},
			Scopes: []string{"openid", "offline_access", "profile:name", "profile:email"}, UnnamedScopes: []string{"openid", "offline_access"},
			ScopeTexts: map[string]string{"profile:name": seeName, "profile:email": seeEmail}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "given_name family_name|name|email", FullName: "given_name family_name|name", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "https://portal.klarna.com/",
		},
	}, {
		group: Work, about: "Kommo, OAuth 2.0. The callback says which account it is, and the account has its own host. The subject is the account with the person in it; who may not see the users of the account has its name, and no address. It does not say whether the address is verified. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "kommo", Name: "Kommo", Endpoints: oauth.Endpoints{
				Authorize: "https://www.kommo.com/oauth", Token: "https://{callback:referer}/oauth2/access_token", UserInfo: "https://{callback:referer}/api/v4/account",
			},
			AuthParams: url.Values{"mode": {"popup"}}, TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, TokenRepeats: []string{"redirect_uri"}, APIHosts: []string{".kommo.com"},
			Further:     []oauth.FurtherCall{{Name: "user", Address: "https://{callback:referer}/api/v4/users/{current_user_id}", Optional: true}},
			Profile:     oauth.Mapping{Subject: "{id}/{current_user_id}", DisplayName: "user.name|name", FullName: "user.name", Email: "user.email"},
			RegisterURL: "https://www.kommo.com/developers/",
		},
	}, {
		group: Social, about: "KOOK, OAuth 2.0. It gives no e-mail address and no refresh token.",
		provider: &oauth.OAuth2{
			ID: "kook", Name: "KOOK", Endpoints: oauth.Endpoints{
				Authorize: "https://www.kookapp.cn/app/oauth2/authorize", Token: "https://www.kookapp.cn/api/oauth2/token", UserInfo: "https://www.kookapp.cn/api/v3/user/me", API: "https://www.kookapp.cn/api/v3",
			},
			Scopes: []string{"get_user_info"}, ScopeTexts: map[string]string{"get_user_info": seeProfile}, TokenAuth: oauth.AuthPost, NoRefresh: true, Refused: []oauth.Condition{"code!=0"},
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.username", ImageURL: "data.avatar"},
			RegisterURL: "https://developer.kookapp.cn/app/index",
		},
	}, {
		group: Money, about: "Kroger, OAuth 2.0. It says no more of a user than an ID.",
		provider: &oauth.OAuth2{
			ID: "kroger", Name: "Kroger", Endpoints: oauth.Endpoints{
				Authorize: "https://api.kroger.com/v1/connect/oauth2/authorize", Token: "https://api.kroger.com/v1/connect/oauth2/token", UserInfo: "https://api.kroger.com/v1/identity/profile", API: "https://api.kroger.com/v1",
			},
			Scopes: []string{"profile.compact"}, ScopeTexts: map[string]string{"profile.compact": knowYou},
			Profile:     oauth.Mapping{Subject: "data.id", DisplayName: "data.id"},
			RegisterURL: "https://developer.kroger.com/manage/apps",
		},
	}}
}
