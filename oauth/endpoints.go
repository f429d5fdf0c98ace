package oauth

import (
	"fmt"

	"github.com/gosocial/social/internal/hosts"
)

// Endpoints are a provider's addresses. Which ones are needed depends on the
// protocol; a discovery document fills in what is empty.
type Endpoints struct {
	RequestToken string // OAuth 1.0a
	Authorize    string
	Token        string // OAuth 1.0a: access token
	Refresh      string // where refresh tokens are exchanged, when not at Token
	UserInfo     string
	Emails       string // where e-mail addresses have their own endpoint
	Revoke       string
	Keys         string // OpenID Connect: jwks_uri
	EndSession   string // OpenID Connect RP-Initiated Logout

	DeviceAuthorization string // where a device asks for its code (RFC 8628)

	// API is the base address of the provider's API. Its host may receive the
	// token.
	API string
}

// tokenHosts collects where tokens may go: the hosts of the endpoints that take
// one, by https or, as in development, by the http that is configured, and further
// ones by https.
func tokenHosts(e Endpoints, further []string) (hosts.Set, error) {
	var set hosts.Set
	for _, endpoint := range [...]struct{ name, address string }{
		{"UserInfo", e.UserInfo}, {"Emails", e.Emails}, {"API", e.API},
	} {
		if endpoint.address == "" {
			continue
		}
		if err := set.AddAddress(endpoint.address); err != nil {
			return set, fmt.Errorf("%s: %w", "Endpoints."+endpoint.name, err)
		}
	}
	for _, name := range further {
		if err := set.AddName(name); err != nil {
			return set, fmt.Errorf("APIHosts: %q: %w", name, err)
		}
	}
	return set, nil
}
