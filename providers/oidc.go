package providers

import "github.com/gosocial/social/oauth"

// OIDC is any OpenID Connect provider: its endpoints are discovered at
// issuer. id is the provider's name in URLs and rows, name the one for people.
func OIDC(id, name, issuer string, credentials ...oauth.Credentials) *oauth.OIDC {
	return &oauth.OIDC{OAuth2: oauth.OAuth2{
		ID: id, Name: name, Credentials: credentials,
		Issuer: issuer,
		Scopes: []string{"openid", "profile", "email"},
	}}
}
