package api

import (
	"context"
	"net/http"

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
