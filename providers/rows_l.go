package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsL() []row {
	return []row{{
		group: Work, about: "Lark, OAuth 2.0; Feishu is the same in China. A refresh token comes with the scope offline_access, and the address with contact:user.email:readonly, where the application has them. The subject differs between applications.",
		provider: &oauth.OAuth2{
			ID: "lark", Name: "Lark", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.larksuite.com/open-apis/authen/v1/authorize", Token: "https://open.larksuite.com/open-apis/authen/v2/oauth/token",
				UserInfo: "https://open.larksuite.com/open-apis/authen/v1/user_info", API: "https://open.larksuite.com/open-apis",
			},
			TokenAuth: oauth.AuthPost, TokenBody: oauth.BodyJSON, Refused: []oauth.Condition{"code!=0"},
			ScopeTexts:  map[string]string{"offline_access": stayWhenAway, "contact:user.email:readonly": seeEmail},
			Profile:     oauth.Mapping{Subject: "data.open_id", DisplayName: "data.name|data.en_name", FullName: "data.name", Email: "data.email|data.enterprise_email", ImageURL: "data.avatar_big|data.avatar_url"},
			RegisterURL: "https://open.larksuite.com/app",
		},
	}, {
		group: Identity, about: "LemonLDAP::NG, OpenID Connect, on a server of your own. Its issuer is the portal's address with a slash at the end; if you have set another, enter it as issuer. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{instance("https://auth.example.org")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "lemonldap", Name: "LemonLDAP::NG", Issuer: "{instance}/", Scopes: openIDScopes(),
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|preferred_username", FullName: "name", Email: "email", ImageURL: "picture"},
			RegisterURL: "https://lemonldap-ng.org/documentation/latest/idpopenidconnect.html",
		}},
	}, {
		group: Media, about: "Lichess, OAuth 2.0 of public clients: nothing is registered, any name serves as the client ID, and there is no secret. Its tokens live one year. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "lichess", Name: "Lichess", Endpoints: oauth.Endpoints{
				Authorize: "https://lichess.org/oauth", Token: "https://lichess.org/api/token", Revoke: "https://lichess.org/api/token",
				UserInfo: "https://lichess.org/api/account", Emails: "https://lichess.org/api/account/email", API: "https://lichess.org/api",
			},
			Scopes: []string{"email:read"}, ScopeTexts: map[string]string{"email:read": seeEmail}, TokenAuth: oauth.AuthNone, NoRefresh: true,
			Further: []oauth.FurtherCall{{Name: "mail", Optional: true}}, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true},
			// The ID is the name in small letters, which cannot be changed.
			Profile:     oauth.Mapping{Subject: "id", DisplayName: "username", Email: "mail.email", ProfileURL: "https://lichess.org/@/{username}"},
			RegisterURL: "https://lichess.org/account/oauth/token",
		},
	}, {
		group: Public, about: "Life Science Login, OpenID Connect. It does not say whether the address is verified. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "lifescience", Name: "Life Science Login", Issuer: "https://login.aai.lifescience-ri.eu/oidc/",
			Scopes: openIDScopes(), Profile: unverifiedClaims(), RegisterURL: "https://services.aai.lifescience-ri.eu/spreg/",
		}},
	}, {
		group: Money, about: "Lightspeed Retail (X-Series), OAuth 2.0. It fails when it sees PKCE. The callback says where the shop is, and the subject has the shop that the token is for. Refresh tokens serve once.",
		parameters: []Parameter{{Name: "api_version", Kind: Segment, Default: "2026-07", Example: "2026-07", Help: "the version of its API, which it supports for about a year"}},
		provider: &oauth.OAuth2{
			ID: "lightspeed", Name: "Lightspeed Retail", Endpoints: oauth.Endpoints{
				Authorize: "https://secure.retail.lightspeed.app/connect", Token: "https://{callback:domain_prefix}.retail.lightspeed.app/api/1.0/token",
				UserInfo: "https://{token:domain_prefix}.retail.lightspeed.app/api/{api_version}/user",
			},
			Scopes: []string{"users:read"}, ScopeTexts: map[string]string{"users:read": seeThere}, TokenAuth: oauth.AuthPost, WithoutPKCE: true, APIHosts: []string{".retail.lightspeed.app"},
			Profile: oauth.Mapping{
				Subject: "{token:domain_prefix}/{data.id}", DisplayName: "data.display_name|data.username|data.email", FullName: "data.display_name",
				Email: "data.email", EmailVerified: "data.email_verified_at!=null", ImageURL: "data.images.original|data.image_source",
			},
			RegisterURL: "https://developers.retail.lightspeed.app/",
		},
	}, {
		group: Social, revokes: true, about: "LINE Login, OpenID Connect. Its ID tokens are signed with the channel secret. The address, of which LINE does not say whether it is verified, comes where the channel may ask for it. Until the channel is published, only its developers may log in.",
		provider: &oauth.OIDC{Algorithms: []string{"HS256", "ES256"}, UserInfo: oauth.UserInfoNever, OAuth2: oauth.OAuth2{
			ID: "line", Name: "LINE", Issuer: "https://access.line.me", TokenAuth: oauth.AuthPost, Scopes: openIDScopes(), Revocation: oauth.Revocation{Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name", FullName: "name", Email: "email", ImageURL: "picture"},
			RegisterURL: "https://developers.line.biz/console/", Mistakes: lineMistakes(),
		}},
	}, {
		group: Work, about: "Linear, OAuth 2.0. The profile comes by GraphQL.",
		provider: &oauth.OAuth2{
			ID: "linear", Name: "Linear", Endpoints: oauth.Endpoints{
				Authorize: "https://linear.app/oauth/authorize", Token: "https://api.linear.app/oauth/token", Revoke: "https://api.linear.app/oauth/revoke",
				UserInfo: "https://api.linear.app/graphql", API: "https://api.linear.app",
			},
			Scopes: []string{"read"}, ScopeTexts: map[string]string{"read": seeThere}, ScopeSeparator: ",", TokenAuth: oauth.AuthPost,
			UserInfoBy: oauth.UserInfoByPost, UserInfoBody: `{"query":"{viewer{id name email avatarUrl url}}"}`,
			Profile: oauth.Mapping{
				Subject: "data.viewer.id", DisplayName: "data.viewer.name", FullName: "data.viewer.name", Email: "data.viewer.email",
				ProfileURL: "data.viewer.url", ImageURL: "data.viewer.avatarUrl",
			},
			RegisterURL: "https://linear.app/settings/api/applications/new",
		},
	}, {provider: LinkedIn(), group: Work, about: "Sign In with LinkedIn using OpenID Connect, spoken as OAuth 2.0: its ID tokens carry no " +
		"nonce and so prove nothing, while its user info holds the same claims. Its token endpoint fails when it sees PKCE " +
		"from a web application, and wants the credentials in the form."}, {
		group: Code, about: "Linode, of Akamai, OAuth 2.0. It does not say whether the address is verified.",
		provider: &oauth.OAuth2{
			ID: "linode", Name: "Linode", Endpoints: oauth.Endpoints{
				Authorize: "https://login.linode.com/oauth/authorize", Token: "https://login.linode.com/oauth/token",
				UserInfo: "https://api.linode.com/v4/profile", API: "https://api.linode.com/v4",
			},
			Scopes: []string{"account:read_only"}, ScopeTexts: map[string]string{"account:read_only": seeProfile}, TokenAuth: oauth.AuthPost,
			Profile:     oauth.Mapping{Subject: "uid", DisplayName: "username|email", Email: "email"},
			RegisterURL: "https://cloud.linode.com/profile/clients",
		},
	}, {
		group: Work, about: "LiveChat, OAuth 2.0, by the accounts of Text. Scopes are chosen where the application is registered; the profile needs accounts--my:ro.",
		provider: &oauth.OAuth2{
			ID: "livechat", Name: "LiveChat", Endpoints: oauth.Endpoints{
				Authorize: "https://accounts.livechat.com/", Token: "https://accounts.livechat.com/v2/token",
				UserInfo: "https://accounts.livechat.com/v2/accounts/me", API: "https://accounts.livechat.com/v2",
			},
			TokenAuth: oauth.AuthPost, APIHosts: []string{"api.livechatinc.com"},
			Profile:     oauth.Mapping{Subject: "account_id", DisplayName: "name|email", FullName: "name", Email: "email", EmailVerified: "email_verified", ImageURL: "avatar_url"},
			RegisterURL: "https://platform.text.com/console/apps",
		},
	}, {
		group: Public, about: "Login.gov, OpenID Connect. It takes no secret but an RSA key of yours: enter it in private_key. It asks for the lowest level of assurance; auth_params may ask for another in acr_values.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "secure.login.gov", "sandbox": "idp.int.identitysandbox.gov"}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "logingov", Name: "Login.gov", Issuer: "https://{environment}/", TokenAuth: oauth.AuthPrivateKeyJWT, NoRefresh: true,
			Scopes: []string{"openid", "email"}, AuthParams: url.Values{"acr_values": {"urn:acr.login.gov:auth-only"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "given_name family_name|email", FullName: "given_name family_name", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "https://portal.int.identitysandbox.gov/",
		}},
	}, {
		group: Identity, revokes: true, about: "Logto, OpenID Connect, of its cloud or a server of your own. A refresh token comes with the scope offline_access.",
		parameters: []Parameter{instance("https://acme.logto.app")},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "logto", Name: "Logto", Issuer: "{instance}/oidc",
			Scopes: openIDScopes(), RegisterURL: "https://cloud.logto.io/",
		}},
	}}
}

// LinkedIn is Sign In with LinkedIn using OpenID Connect, spoken as OAuth 2.0.
func LinkedIn(credentials ...oauth.Credentials) *oauth.OAuth2 {
	profile := oauth.StandardClaims()
	profile.DisplayName, profile.FullName, profile.ProfileURL = "name", "name", ""
	return &oauth.OAuth2{
		ID: "linkedin", Name: "LinkedIn", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://www.linkedin.com/oauth/v2/authorization",
			Token:     "https://www.linkedin.com/oauth/v2/accessToken",
			UserInfo:  "https://api.linkedin.com/v2/userinfo",
			Revoke:    "https://www.linkedin.com/oauth/v2/revoke",
			API:       "https://api.linkedin.com",
		},
		Scopes:        []string{"openid", "profile", "email"},
		UnnamedScopes: []string{"openid"},
		TokenAuth:     oauth.AuthPost,
		WithoutPKCE:   true,
		Profile:       profile,
		Denied:        []oauth.Condition{deniedLogIn, deniedAuthorization},
		Mistakes:      linkedInMistakes(),
		NoRefresh:     true, // for chosen partners only
		RegisterURL:   "https://www.linkedin.com/developers/apps",
	}
}
