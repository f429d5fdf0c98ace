package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsQ() []row {
	return []row{{
		group: Code, about: "Qiita, OAuth 2.0. It gives no e-mail address. A user's ID there can change; the subject is the one that does not.",
		provider: &oauth.OAuth2{
			ID: "qiita", Name: "Qiita", Endpoints: oauth.Endpoints{
				Authorize: "https://qiita.com/api/v2/oauth/authorize", Token: "https://qiita.com/api/v2/access_tokens", Revoke: "https://qiita.com/api/v2/access_tokens/{token}", UserInfo: "https://qiita.com/api/v2/authenticated_user", API: "https://qiita.com/api/v2",
			},
			Scopes: []string{"read_qiita"}, ScopeTexts: map[string]string{"read_qiita": seeThere}, TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON,
			Names: map[string]string{"access_token": "token"}, NoRefresh: true, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true},
			Profile:     oauth.Mapping{Subject: "permanent_id", DisplayName: "name|id", FullName: "name", ProfileURL: "https://qiita.com/{id}", ImageURL: "profile_image_url"},
			RegisterURL: "https://qiita.com/settings/applications",
		},
	}, {
		group: Social, about: "QQ, OAuth 2.0. It gives no e-mail address. A user's ID differs between applications.",
		provider: &oauth.OAuth2{
			ID: "qq", Name: "QQ", Endpoints: oauth.Endpoints{
				Authorize: "https://graph.qq.com/oauth2.0/authorize", Token: "https://graph.qq.com/oauth2.0/token", UserInfo: "https://graph.qq.com/oauth2.0/me", API: "https://graph.qq.com",
			},
			Scopes: []string{"get_user_info"}, ScopeTexts: map[string]string{"get_user_info": seeNameFace}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyQuery,
			TokenParams: url.Values{"fmt": {"json"}}, RefreshParams: url.Values{"fmt": {"json"}}, UserInfoParams: url.Values{"fmt": {"json"}}, Use: oauth.TokenUse{Query: "access_token"},
			Refused: []oauth.Condition{"ret!=0", "error!=0"}, Further: []oauth.FurtherCall{{Name: "info", Address: "https://graph.qq.com/user/get_user_info?oauth_consumer_key={client_id}&openid={openid}"}},
			Profile:     oauth.Mapping{Subject: "openid", DisplayName: "info.nickname", ImageURL: "info.figureurl_qq_2|info.figureurl_qq_1"},
			RegisterURL: "https://connect.qq.com/manage.html",
		},
	}, {
		group: Money, about: "Questrade, OAuth 2.0. It gives no name and no e-mail address of a user, only a number. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "questrade", Name: "Questrade", Endpoints: oauth.Endpoints{
				Authorize: "https://login.questrade.com/oauth2/authorize", Token: "https://login.questrade.com/oauth2/token", UserInfo: "{token:api_server}/v1/accounts",
			},
			Scopes: []string{"read_acc"}, ScopeTexts: map[string]string{"read_acc": "see your accounts"}, TokenAuth: oauth.AuthPost, APIHosts: []string{".iq.questrade.com"},
			Profile:     oauth.Mapping{Subject: "userId", DisplayName: "userId"},
			RegisterURL: "https://apphub.questrade.com/UI/UserApps.aspx",
		},
	}, {
		group: Money, about: "Intuit, OAuth 2.0. The callback names the company (realmId), which the accounting API needs. Refresh tokens live a hundred days and change.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "", "sandbox": "sandbox-"}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "quickbooks", Name: "Intuit QuickBooks", Endpoints: oauth.Endpoints{
				Authorize: "https://appcenter.intuit.com/connect/oauth2", Token: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer", Revoke: "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
				UserInfo: "https://{environment}accounts.platform.intuit.com/v1/openid_connect/userinfo", API: "https://{environment}quickbooks.api.intuit.com",
			},
			Scopes: openIDScopes(), UnnamedScopes: []string{"openid"}, Revocation: oauth.Revocation{JSON: true, Auth: oauth.AuthBasic},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "givenName familyName|email", FullName: "givenName familyName", Email: "email", EmailVerified: "emailVerified"},
			RegisterURL: "https://developer.intuit.com/app/developer/myapps",
		},
	}}
}
