package vault

import (
	"context"
	"net/http"

	"github.com/gosocial/social/oauth"
	"golang.org/x/oauth2"
)

// Client returns an HTTP client that acts for the connection's user: requests
// are signed, and the token is refreshed when it is due. A request to a host
// that is neither the provider's nor among further is ErrForeignHost.
func (v *Vault) Client(c Connection, further ...string) *http.Client {
	return &http.Client{Transport: v.api, Timeout: v.callTimeout}
}

// Token returns a token that is good for use now, refreshed when it was due.
// The refresh token is left out: refreshing is the vault's.
func (v *Vault) Token(ctx context.Context, c Connection) (oauth.Token, error) {
	row, sealed, err := v.store.Token(ctx, c.ID)
	if err != nil {
		return oauth.Token{}, err
	}
	kept, err := v.openToken(&row, sealed)
	kept.Refresh = ""
	return kept.Token, err
}

// TokenSource hands the connection's token to third-party clients. Its tokens
// carry no refresh token.
func (v *Vault) TokenSource(ctx context.Context, c Connection) oauth2.TokenSource {
	return tokenSource{ctx, v, c}
}

type tokenSource struct {
	ctx context.Context
	v   *Vault
	c   Connection
}

func (s tokenSource) Token() (*oauth2.Token, error) {
	t, err := s.v.Token(s.ctx, s.c)
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: t.Access.Reveal(), TokenType: t.Type, Expiry: t.Expiry}, nil
}

// Check asks the provider who the connection's user is, and so whether the
// connection works.
func (v *Vault) Check(ctx context.Context, c Connection) (*oauth.Profile, error) {
	client, err := v.client(c.ProviderID)
	if err != nil {
		return nil, err
	}
	t, err := v.Token(ctx, c)
	if err != nil {
		return nil, err
	}
	return client.Profile(ctx, t)
}
