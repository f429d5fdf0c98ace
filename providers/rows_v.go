package providers

import (
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsV() []row {
	return []row{{
		group: Media, about: "VATSIM Connect, OAuth 2.0. It does not say whether the address is verified.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "development"}, Default: "production", As: map[string]string{"production": "auth", "development": "auth-dev"}, Example: "development", Help: "which of its systems"}},
		provider: &oauth.OAuth2{
			ID: "vatsim", Name: "VATSIM", Endpoints: oauth.Endpoints{
				Authorize: "https://{environment}.vatsim.net/oauth/authorize", Token: "https://{environment}.vatsim.net/oauth/token", UserInfo: "https://{environment}.vatsim.net/api/user", API: "https://{environment}.vatsim.net/api",
			},
			Scopes: []string{"full_name", "email"}, ScopeTexts: map[string]string{"full_name": seeName}, TokenAuth: oauth.AuthPost,
			Profile: oauth.Mapping{
				Subject: "data.cid", DisplayName: "data.personal.name_full|data.personal.name_first data.personal.name_last|data.cid", FullName: "data.personal.name_full|data.personal.name_first data.personal.name_last", Email: "data.personal.email",
			},
			RegisterURL: "https://vatsim.dev/services/connect/",
		},
	}, {
		group: Identity, about: "HashiCorp Vault as an OpenID Connect provider. It names the entity alone: names and addresses come by scopes whose templates you write, with the paths in profile.",
		parameters: []Parameter{
			{Name: "instance", Kind: BaseAddress, Example: "https://vault.example.org:8200", Help: "the server's address"},
			{Name: "provider", Kind: Segment, Default: "default", Example: "acme", Help: "the provider's name in Vault"},
		},
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "vault", Name: "HashiCorp Vault", Issuer: "{instance}/v1/identity/oidc/provider/{provider}", Scopes: []string{"openid"}, NoRefresh: true,
			Profile:     oauth.Mapping{Subject: "sub", DisplayName: "name|username|sub", FullName: "name"},
			RegisterURL: "{instance}/ui/",
		}},
	}, {
		group: Code, revokes: true, about: "Sign in with Vercel, OpenID Connect. A refresh token comes with the scope offline_access.",
		provider: &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "vercel", Name: "Vercel", Issuer: "https://vercel.com",
			Scopes: []string{"openid", "email", "profile"}, RegisterURL: "https://vercel.com/dashboard",
		}},
	}, {
		group: Media, about: "Vimeo, OAuth 2.0. It gives no e-mail address, and its tokens do not expire.",
		provider: &oauth.OAuth2{
			ID: "vimeo", Name: "Vimeo", Endpoints: oauth.Endpoints{
				Authorize: "https://api.vimeo.com/oauth/authorize", Token: "https://api.vimeo.com/oauth/access_token", Revoke: "https://api.vimeo.com/tokens",
				UserInfo: "https://api.vimeo.com/me", API: "https://api.vimeo.com",
			},
			Scopes: []string{"public"}, ScopeTexts: map[string]string{"public": seePublic}, NoRefresh: true, Revocation: oauth.Revocation{Method: http.MethodDelete, Bearer: true},
			Profile:     oauth.Mapping{Subject: "uri[/-1]", DisplayName: "name", FullName: "name", ProfileURL: "link", ImageURL: "pictures.base_link"},
			RegisterURL: "https://developer.vimeo.com/apps",
		},
	}, {
		group: Social, about: "Vipps Login, OpenID Connect, of Vipps MobilePay.",
		parameters: []Parameter{{Name: "environment", Kind: OneOf, OneOf: []string{"production", "test"}, Default: "production", As: map[string]string{"production": "api", "test": "apitest"}, Example: "test", Help: "which of its systems"}},
		provider: &oauth.OIDC{UserInfo: oauth.UserInfoAlways, OAuth2: oauth.OAuth2{
			ID: "vipps", Name: "Vipps", Issuer: "https://{environment}.vipps.no/access-management-1.0/access/", Scopes: []string{"openid", "name", "email"}, ScopeTexts: map[string]string{"name": seeName}, NoRefresh: true,
			RegisterURL: "https://portal.vippsmobilepay.com/",
		}},
	}, {provider: VK(), group: Social, about: "VK ID, OAuth 2.1. The callback brings a device_id, which goes with every token request; PKCE " +
		"takes the place of the client secret, which is not sent. Refresh tokens serve once."}}
}

// VK is VK ID, OAuth 2.1.
func VK(credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "vk", Name: "VK", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://id.vk.ru/authorize",
			Token:     "https://id.vk.ru/oauth2/auth",
			Revoke:    "https://id.vk.ru/oauth2/revoke",
			UserInfo:  "https://id.vk.ru/oauth2/user_info",
			API:       "https://api.vk.ru",
		},
		Scopes:        []string{"vkid.personal_info", "email"},
		ScopeTexts:    map[string]string{"vkid.personal_info": seeNameFace},
		TokenAuth:     oauth.AuthNone,
		TokenParams:   url.Values{"device_id": {"{callback:device_id}"}, "state": {"{callback:state}"}},
		RefreshParams: url.Values{"device_id": {"{callback:device_id}"}, "state": {"{callback:state}"}},
		UserInfoBy:    oauth.UserInfoByForm,
		Revocation:    oauth.Revocation{Field: "access_token", Only: "access_token"},
		APIHosts:      []string{"api.vk.com", "partners.api.vk.ru"},
		Profile: oauth.Mapping{
			Subject:     "user.user_id",
			DisplayName: "user.first_name user.last_name",
			FullName:    "user.first_name user.last_name",
			Email:       "user.email",
			ProfileURL:  "https://vk.com/id{user.user_id}",
			ImageURL:    "user.avatar",
		},
		RegisterURL: "https://id.vk.ru/about/business/go",
	}
}
