// Package github calls GitHub's API for a user, by the library go-github.
package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/google/go-github/v75/github"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
)

// A Client is go-github's. Its BaseURL ends in a slash; its errors are
// *github.ErrorResponse, *github.RateLimitError, ….
type Client = github.Client

// API returns a client for the signed-in user's default connection to the
// provider "github", at the address of the provider's API. The error
// is vault.ErrNoConnection when there is none.
func API(ctx context.Context, soc *social.Social) (*Client, error) {
	client, err := api.Client(ctx, soc, "github")
	if err != nil {
		return nil, err
	}
	c := New(client)
	base, err := api.Base(ctx, soc, "github")
	if err != nil {
		return nil, err
	}
	if base != "" {
		if c.BaseURL, err = url.Parse(base + "/"); err != nil {
			return nil, fmt.Errorf("github: %w", err)
		}
	}
	return c, nil
}

// New returns a client on an HTTP client that adds the user's token, such as a
// connection's.
func New(client *http.Client) *Client { return github.NewClient(client) }
