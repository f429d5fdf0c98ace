package providers

import (
	"crypto/rand"
	"net/http"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsV() []row {
	return []row{{
		group: Code, about: "Sign in with Vercel, OpenID Connect. A refresh token comes with the scope offline_access.",
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
	}, {provider: VK(), group: Social, about: "VK ID, OAuth 2.1. The callback brings a device_id, which goes with every token request; PKCE " +
		"takes the place of the client secret, which is not sent."}}
}

// VK is VK ID, OAuth 2.1.
func VK(credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: "vk", Name: "VK", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			Authorize: "https://id.vk.com/authorize",
			Token:     "https://id.vk.com/oauth2/auth",
			UserInfo:  "https://id.vk.com/oauth2/user_info",
			API:       "https://api.vk.com",
		},
		Scopes:         []string{"vkid.personal_info", "email"},
		ScopeTexts:     map[string]string{"vkid.personal_info": seeNameFace},
		TokenAuth:      oauth.AuthNone,
		CallbackFields: []string{"device_id"},
		PrepareToken:   func(form url.Values) { form.Set("state", rand.Text()) }, // VK asks for one here too
		UserInfoBy:     oauth.UserInfoByForm,
		Profile: oauth.Mapping{
			Subject:     "user.user_id",
			DisplayName: "user.first_name user.last_name",
			FullName:    "user.first_name user.last_name",
			Email:       "user.email",
			ProfileURL:  "https://vk.com/id{user.user_id}",
			ImageURL:    "user.avatar",
		},
		RegisterURL: "https://id.vk.com/about/business/go",
	}
}
