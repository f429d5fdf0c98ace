// Package google calls Google's APIs for a user, by the libraries of
// google.golang.org/api.
package google

import (
	"context"
	"net/http"

	oauth2 "google.golang.org/api/oauth2/v2"
	"google.golang.org/api/option"
	"google.golang.org/api/people/v1"

	"github.com/gosocial/social"
	"github.com/gosocial/social/api"
)

// A Client acts for one user. The errors of its services are *googleapi.Error. It is
// safe for concurrent use.
type Client struct {
	options []option.ClientOption
}

// API returns a client for the signed-in user's default connection to the
// provider "google"; see New for the options. The error is
// vault.ErrNoConnection when there is none.
func API(ctx context.Context, soc *social.Social, options ...option.ClientOption) (*Client, error) {
	client, err := api.Client(ctx, soc, "google")
	if err != nil {
		return nil, err
	}
	return New(client, options...), nil
}

// New returns a client on an HTTP client that adds the user's token, such as a
// connection's. The options, such as option.WithEndpoint, apply to every service.
func New(client *http.Client, options ...option.ClientOption) *Client {
	return &Client{append([]option.ClientOption{option.WithHTTPClient(client)}, options...)}
}

// Options returns the options with which any service of google.golang.org/api acts
// for the user:
//
//	files, err := drive.NewService(ctx, g.Options()...)
func (c *Client) Options() []option.ClientOption {
	return append([]option.ClientOption(nil), c.options...)
}

// UserInfo returns the user's profile.
func (c *Client) UserInfo(ctx context.Context) (*oauth2.Userinfo, error) {
	s, err := oauth2.NewService(ctx, c.options...)
	if err != nil {
		return nil, err
	}
	return s.Userinfo.Get().Context(ctx).Do()
}

// People returns the service for the user's contacts and profile.
func (c *Client) People(ctx context.Context) (*people.Service, error) {
	return people.NewService(ctx, c.options...)
}
