package providers

import "github.com/gosocial/social/oauth"

// OAuth1 is any OAuth 1.0a provider with a user-info endpoint that takes signed
// requests. The mapping reads the usual names; replace Profile where the provider
// has others. id is the provider's name in URLs and rows, name the one for
// people.
func OAuth1(id, name string, e oauth.Endpoints, credentials ...oauth.Credentials) *oauth.OAuth1 {
	return &oauth.OAuth1{ID: id, Name: name, Credentials: credentials, Endpoints: e, Profile: usual}
}
