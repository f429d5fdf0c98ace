package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
)

// Client returns the HTTP client of the signed-in user's default connection to
// a provider, or vault.ErrNoConnection.
func Client(ctx context.Context, soc *social.Social, providerID string) (*http.Client, error) {
	c, err := soc.Connection(ctx, providerID)
	if err != nil {
		return nil, err
	}
	return soc.Client(c), nil
}

// Base returns the provider's Endpoints.API without a trailing slash: the address of
// the API itself, of a proxy, or of a pretend provider. It is "" when the provider
// has none or is not configured.
func Base(soc *social.Social, providerID string) string {
	for _, p := range soc.Config().Providers {
		if p.Description().ID != providerID {
			continue
		}
		var base string
		switch p := p.(type) {
		case *oauth.OAuth1:
			base = p.Endpoints.API
		case *oauth.OAuth2:
			base = p.Endpoints.API
		case *oauth.OIDC:
			base = p.Endpoints.API
		}
		return strings.TrimSuffix(base, "/")
	}
	return ""
}
