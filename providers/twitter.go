package providers

import (
	"net/url"

	"github.com/gosocial/social/oauth"
)

// Twitter is X by OAuth 1.0a, whose tokens do not expire. The e-mail address
// comes only where the application may ask for it ("Request email from users"
// at the developer portal); then it is a verified one.
func Twitter(credentials ...oauth.Credentials) *oauth.OAuth1 {
	return &oauth.OAuth1{
		ID: "twitter", Name: "Twitter", Credentials: credentials,
		Endpoints: oauth.Endpoints{
			RequestToken: "https://api.x.com/oauth/request_token",
			Authorize:    "https://api.x.com/oauth/authenticate",
			Token:        "https://api.x.com/oauth/access_token",
			UserInfo:     "https://api.x.com/1.1/account/verify_credentials.json",
			Revoke:       "https://api.x.com/1.1/oauth/invalidate_token.json",
			API:          "https://api.x.com/1.1",
		},
		UserInfoParams: url.Values{"include_email": {"true"}, "include_entities": {"false"}, "skip_status": {"true"}},
		Profile: oauth.Mapping{
			Subject:       "id_str|id",
			DisplayName:   "@{screen_name}",
			FullName:      "name",
			Email:         "email",
			EmailVerified: "always",
			ProfileURL:    "https://twitter.com/{screen_name}",
			ImageURL:      "profile_image_url_https|profile_image_url",
		},
		APIHosts:    []string{"api.twitter.com", "upload.twitter.com", "upload.x.com"},
		RegisterURL: "https://developer.x.com/en/portal/dashboard",
	}
}
