package providers

import (
	"crypto/rand"
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsV() []row {
	return []row{
		{provider: VK(), group: Social, about: "VK ID, OAuth 2.1. The callback brings a device_id, which goes with every token request; PKCE " +
			"takes the place of the client secret, which is not sent."},
	}
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
