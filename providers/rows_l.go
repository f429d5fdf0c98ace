package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsL() []row {
	return []row{{
		group: Public, about: "Life Science Login, OpenID Connect. It does not say whether the address is verified. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "lifescience", Name: "Life Science Login", Issuer: "https://login.aai.lifescience-ri.eu/oidc/",
			Scopes: openIDScopes(), Profile: unverifiedClaims(), RegisterURL: "https://services.aai.lifescience-ri.eu/spreg/",
		}},
	}, {
		group: Social, about: "LINE Login, OpenID Connect. Its ID tokens are signed with the channel secret. The address, of which LINE does not say whether it is verified, comes where the channel may ask for it.",
		provider: &oauth.OIDC{Algorithms: []string{"HS256", "ES256"}, UserInfo: oauth.UserInfoNever, OAuth2: oauth.OAuth2{
			ID: "line", Name: "LINE", Issuer: "https://access.line.me", TokenAuth: oauth.AuthPost, Scopes: openIDScopes(), Revocation: oauth.Revocation{Only: "access_token"},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name", FullName: "name", Email: "email", ImageURL: "picture"},
			RegisterURL: "https://developers.line.biz/console/",
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
		group: Public, about: "Login.gov, OpenID Connect. It takes no secret but an RSA key of yours: enter it in private_key. It asks for the lowest level of assurance; auth_params may ask for another in acr_values.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"live", "sandbox"}, Default: "live", As: map[string]string{"live": "secure.login.gov", "sandbox": "idp.int.identitysandbox.gov"}, Example: "sandbox", Help: "which of its systems"}},
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "logingov", Name: "Login.gov", Issuer: "https://{environment}/", TokenAuth: oauth.AuthPrivateKeyJWT, NoRefresh: true,
			Scopes: []string{"openid", "email"}, AuthParams: url.Values{"acr_values": {"urn:acr.login.gov:auth-only"}},
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "given_name family_name|email", FullName: "given_name family_name", Email: "email", EmailVerified: "email_verified"},
			RegisterURL: "https://portal.int.identitysandbox.gov/",
		}},
	}, {
		group: Identity, about: "Logto, OpenID Connect, of its cloud or a server of your own. A refresh token comes with the scope offline_access.",
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
		NoRefresh:     true, // for chosen partners only
		RegisterURL:   "https://www.linkedin.com/developers/apps",
	}
}
