package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gosocial/social"
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

// Base returns the provider's Description.API without a trailing slash: the address of
// the API itself, of a proxy, or of a pretend provider. It is "" when the provider has
// none. The error is vault.ErrUnknownProvider when the provider is not configured.
func Base(ctx context.Context, soc *social.Social, providerID string) (string, error) {
	d, err := soc.Provider(ctx, providerID)
	return strings.TrimSuffix(d.API, "/"), err
}
