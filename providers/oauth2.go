package providers

import "github.com/gosocial/social/oauth"

// OAuth2 is any OAuth 2.0 provider with a user-info endpoint. The mapping reads
// the usual names; replace Profile where the provider has others. id is the
// provider's name in URLs and rows, name the one for people.
func OAuth2(id, name string, e oauth.Endpoints, credentials ...oauth.Credentials) *oauth.OAuth2 {
	return &oauth.OAuth2{
		ID: id, Name: name, Credentials: credentials, Endpoints: e,
		Profile:       usual,
		UnnamedScopes: []string{"openid", "offline_access"}, // the provider may speak OpenID Connect too
	}
}

// usual are the names that many providers use.
var usual = oauth.Mapping{
	Subject:       "id_str|id|sub|user_id",
	DisplayName:   "name|display_name|username|login|preferred_username|screen_name",
	FullName:      "name|display_name",
	Email:         "email",
	EmailVerified: "email_verified",
	ProfileURL:    "profile|link|html_url|url",
	ImageURL:      "picture|avatar_url|avatar|image",
}
