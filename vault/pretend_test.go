package vault_test

import (
	"context"
	"net/http"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A pretend provider opens clients of which a part is the test's.
type pretend struct {
	oauth.Provider
	as func(oauth.Client) oauth.Client
}

func (p pretend) Open(e oauth.Env) (oauth.Client, error) {
	c, err := p.Provider.Open(e)
	if err != nil {
		return nil, err
	}
	return p.as(c), nil
}

// withClient changes the client of the first provider.
func withClient(as func(oauth.Client) oauth.Client) func(*vault.Config) {
	return func(c *vault.Config) { c.Providers[0] = pretend{c.Providers[0], as} }
}

// A refresher is a client that refreshes, and can do nothing else that is optional.
type refresher struct {
	oauth.Client
	refresh func(context.Context, oauth.Token) (*oauth.Token, error)
}

func (c refresher) Refresh(ctx context.Context, t oauth.Token) (*oauth.Token, error) {
	return c.refresh(ctx, t)
}

// refreshes answers each refresh so.
func refreshes(t *oauth.Token, err error) func(*vault.Config) {
	return withClient(func(c oauth.Client) oauth.Client {
		return refresher{c, func(context.Context, oauth.Token) (*oauth.Token, error) { return t, err }}
	})
}

// A revoker is a client that revokes, and can do nothing else that is optional.
type revoker struct {
	oauth.Client
	revoke func(context.Context, oauth.Token) error
}

func (c revoker) Revoke(ctx context.Context, t oauth.Token) error { return c.revoke(ctx, t) }

// A signer is a client that signs all requests by the same headers.
type signer struct {
	oauth.Client
	header http.Header
	ok     bool
}

func (c signer) SignatureHeader(oauth.Token) (http.Header, bool) { return c.header, c.ok }

// A plainClient can do nothing that is optional.
type plainClient struct{ oauth.Client }
