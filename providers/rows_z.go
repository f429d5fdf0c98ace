package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsZ() []row {
	return []row{{
		group: Social, about: "Zalo, OAuth 2.0. It gives no e-mail address, and the ID is another one for each application. The consumer_key is the application's ID; the secret and the token go into headers of their own. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "zalo", Name: "Zalo", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.zaloapp.com/v4/permission", Token: "https://oauth.zaloapp.com/v4/access_token", UserInfo: "https://graph.zalo.me/v2.0/me", API: "https://graph.zalo.me/v2.0",
			},
			Names: map[string]string{"client_id": "app_id"}, TokenAuth: oauth.AuthNone, TokenHeader: http.Header{"secret_key": {"{client_secret}"}}, Use: oauth.TokenUse{Header: "access_token"},
			UserInfoParams: url.Values{"fields": {"id,name,picture"}}, Refused: []oauth.Condition{"error!=0"},
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "name|id", FullName: "name", ImageURL: "picture.data.url"},
			RegisterURL: "https://developers.zalo.me/apps",
		},
	}, {
		group: Work, about: "Zendesk, OAuth 2.0, of your account. Refresh tokens serve once. Tokens of clients from before May 2026 do not expire.",
		parameters: []Parameter{{Name: "subdomain", Kind: Label, Example: "acme", Help: "the account's name before .zendesk.com"}},
		provider: &oauth.OAuth2{
			ID: "zendesk", Name: "Zendesk", Endpoints: oauth.Endpoints{
				Authorize: "https://{subdomain}.zendesk.com/oauth/authorizations/new", Token: "https://{subdomain}.zendesk.com/oauth/tokens",
				UserInfo: "https://{subdomain}.zendesk.com/api/v2/users/me.json", API: "https://{subdomain}.zendesk.com/api/v2",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "user.id", DisplayName: "user.name|user.email", FullName: "user.name", Email: "user.email", EmailVerified: "user.verified", ImageURL: "user.photo.content_url"},
			RegisterURL: "https://{subdomain}.zendesk.com/admin/apps-integrations/apis/zendesk-api/oauth_clients",
		},
	}, {
		group: Money, about: "Zettle, OAuth 2.0. It says of the user no more than an ID. Refresh tokens serve once.",
		provider: &oauth.OAuth2{
			ID: "zettle", Name: "Zettle", Endpoints: oauth.Endpoints{
				Authorize: "https://oauth.zettle.com/authorize", Token: "https://oauth.zettle.com/token", Revoke: "https://oauth.zettle.com/application-connections/self", UserInfo: "https://oauth.zettle.com/users/self",
			},
			Scopes: []string{"READ:USERINFO"}, ScopeTexts: map[string]string{"READ:USERINFO": seeProfile}, TokenAuth: oauth.AuthPost, APIHosts: []string{".izettle.com", ".zettle.com"},
			Revocation:  oauth.Revocation{Method: http.MethodDelete, Bearer: true, EndsGrant: true},
			Profile:     oauth.Mapping{Subject: "uuid", DisplayName: "uuid"},
			RegisterURL: "https://developer.zettle.com/",
		},
	}, {
		group: Identity, revokes: true, about: "ZITADEL, OpenID Connect, of its cloud or a server of your own. Its ID tokens name the project too: enter its ID in trusted_audiences.",
		parameters: []Parameter{instance("https://acme.zitadel.cloud")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "zitadel", Name: "ZITADEL", Issuer: "{instance}",
			Scopes: openIDScopes(), RegisterURL: "{instance}/ui/console", Mistakes: serverMistakes(),
		}},
	}, {
		group: Work, about: "Zoho, OAuth 2.0. The callback says in which data center the account is, and the subject has that too. To let in accounts of other data centers than your own, turn multi-DC support on in the API console. A refresh token comes with the user's first consent alone. It does not say whether the address is verified.",
		parameters: []Parameter{{
			Name: "region", Kind: OneOf, OneOf: []string{"au", "ca", "cn", "eu", "in", "jp", "sa", "uk", "us"}, Default: "us", Example: "eu", Help: "the data center where the application is registered",
			As: map[string]string{"au": "zoho.com.au", "ca": "zohocloud.ca", "cn": "zoho.com.cn", "eu": "zoho.eu", "in": "zoho.in", "jp": "zoho.jp", "sa": "zoho.sa", "uk": "zoho.uk", "us": "zoho.com"},
		}},
		provider: &oauth.OAuth2{
			ID: "zoho", Name: "Zoho", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.{region}/oauth/v2/auth", Token: "{callback:accounts-server}/oauth/v2/token", Revoke: "{callback:accounts-server}/oauth/v2/token/revoke?token={token}", UserInfo: "{callback:accounts-server}/oauth/user/info",
			},
			APIHosts: zohoHosts(),
			Scopes:   []string{"AaaServer.profile.READ"}, ScopeTexts: map[string]string{"AaaServer.profile.READ": seeProfile}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost, Use: oauth.TokenUse{Scheme: "Zoho-oauthtoken"},
			AuthParams: url.Values{"access_type": {"offline"}}, Consent: url.Values{"prompt": {"consent"}}, ErrorCodes: otherCodes(), Revocation: oauth.Revocation{Auth: oauth.AuthNone, Gone: []oauth.Condition{"400"}},
			Profile:     oauth.Mapping{Subject: "{ZUID}@{callback:accounts-server}", DisplayName: "First_Name Last_Name|Display_Name|Email", FullName: "First_Name Last_Name", Email: "Email"},
			RegisterURL: "https://api-console.{region}/",
		},
	}, {
		group: Work, about: "Zoom, OAuth 2.0. Applications from before granular scopes use the scope user:read.",
		provider: &oauth.OAuth2{
			ID: "zoom", Name: "Zoom", Endpoints: oauth.Endpoints{
				Authorize: "https://zoom.us/oauth/authorize", Token: "https://zoom.us/oauth/token", Revoke: "https://zoom.us/oauth/revoke",
				UserInfo: "https://api.zoom.us/v2/users/me", API: "https://api.zoom.us/v2",
			},
			Scopes: []string{"user:read:user"}, ScopeTexts: map[string]string{"user:read:user": seeProfile}, Revocation: oauth.Revocation{Only: "access_token"},
			Profile: oauth.Mapping{
				Subject: "id", DisplayName: "display_name|first_name last_name", FullName: "first_name last_name|display_name",
				Email: "email", EmailVerified: "verified=1", ImageURL: "pic_url",
			},
			RegisterURL: "https://marketplace.zoom.us/develop/create", Mistakes: zoomMistakes(),
		},
	}, {
		group: Public, about: "Zotero, OAuth 1.0a, for log-in alone: its API takes the token's secret as a key, not signed requests.",
		provider: &oauth.OAuth1{
			ID: "zotero", Name: "Zotero", Endpoints: oauth.Endpoints{RequestToken: "https://www.zotero.org/oauth/request", Authorize: "https://www.zotero.org/oauth/authorize", Token: "https://www.zotero.org/oauth/access"},
			ProfileFromToken: true, Profile: oauth.Mapping{Subject: "userID", DisplayName: "username|userID"},
			RegisterURL: "https://www.zotero.org/oauth/apps",
		},
	}}
}

// zohoHosts are the servers of accounts and of APIs in each data center.
// https://www.zoho.com/accounts/protocol/oauth/multi-dc.html
func zohoHosts() []string {
	return []string{
		"accounts.zoho.com", "accounts.zoho.com.au", "accounts.zohocloud.ca", "accounts.zoho.com.cn", "accounts.zoho.eu", "accounts.zoho.in", "accounts.zoho.jp", "accounts.zoho.sa", "accounts.zoho.uk",
		"www.zohoapis.com", "www.zohoapis.com.au", "www.zohoapis.ca", "www.zohoapis.com.cn", "www.zohoapis.eu", "www.zohoapis.in", "www.zohoapis.jp", "www.zohoapis.sa", "www.zohoapis.uk",
	}
}
