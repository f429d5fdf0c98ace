package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

func rowsP() []row {
	return []row{{
		group: Media, about: "Patreon, OAuth 2.0, by version 2 of its API.",
		provider: &oauth.OAuth2{
			ID: "patreon", Name: "Patreon", Endpoints: oauth.Endpoints{
				Authorize: "https://www.patreon.com/oauth2/authorize", Token: "https://www.patreon.com/api/oauth2/token",
				UserInfo: "https://www.patreon.com/api/oauth2/v2/identity", API: "https://www.patreon.com/api/oauth2/v2",
			},
			Scopes: []string{"identity", "identity[email]"}, ScopeTexts: map[string]string{"identity": seeProfile, "identity[email]": seeEmail}, TokenAuth: oauth.AuthPost,
			UserInfoParams: url.Values{"fields[user]": {"email,full_name,image_url,is_email_verified,url,vanity"}},
			Profile: oauth.Mapping{
				Subject: "data.id", DisplayName: "data.attributes.full_name|data.attributes.vanity", FullName: "data.attributes.full_name", ProfileURL: "data.attributes.url",
				Email: "data.attributes.email", EmailVerified: "data.attributes.is_email_verified", ImageURL: "data.attributes.image_url",
			},
			RegisterURL: "https://www.patreon.com/portal/registration/register-clients",
		},
	}}
}
