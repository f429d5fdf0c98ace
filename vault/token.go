package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"golang.org/x/oauth2"
)

// Token returns a token that is good for use now, refreshed when it was due.
// The refresh token is left out: refreshing is the vault's. Errors:
// ErrNeedsReauthorization, ErrSuspended, ErrNoConnection, *oauth.ProviderError, those of the
// key ring, and oauth.ErrNoToken for a connection whose provider gave no token.
//
// Token, Client and Check are not for use inside a transaction of the store: a
// refresh writes on its own, and would wait for it.
func (v *Vault) Token(ctx context.Context, c Connection) (oauth.Token, error) {
	return v.TokenFor(ctx, c, 0)
}

// TokenFor is Token for a caller that uses the token for so long: one that would end before
// is refreshed first, once for all callers. The token that there is serves where the provider
// gives no new one now, or gives none that live so long: see its Expiry.
func (v *Vault) TokenFor(ctx context.Context, c Connection, least time.Duration) (oauth.Token, error) {
	p, err := v.providerOf(ctx, &c)
	if err != nil {
		return oauth.Token{}, err
	}
	a, _, err := v.usableNow(ctx, &c, p, least)
	if err != nil {
		return oauth.Token{}, err
	}
	if a.token.Access == "" {
		return oauth.Token{}, fmt.Errorf("vault: %w", oauth.ErrNoToken)
	}
	return a.token, nil
}

// providerOf returns the connection's provider as it was at most MaxStale ago.
func (v *Vault) providerOf(ctx context.Context, c *Connection) (*provider, error) {
	return v.providers.get(ctx, c.Tenant, c.ProviderID, v.maxStale)
}

// IDToken returns the ID token that the provider gave last, expired or not: ""
// when it gave none. It sends no request. The provider that gave it takes it as
// a hint of who logs out (OpenID Connect RP-Initiated Logout 1.0 §2); it must not
// go anywhere else.
func (v *Vault) IDToken(ctx context.Context, c Connection) (secret.Text, error) {
	a, err := v.access(ctx, &c, v.now())
	if err != nil {
		return "", err
	}
	return a.token.ID, nil
}

// Refreshable reports whether a refresh token is kept for the connection. It may be
// dead: see Connection.Status.
func (v *Vault) Refreshable(ctx context.Context, c Connection) (bool, error) {
	a, err := v.access(ctx, &c, v.now())
	if err != nil {
		return false, err
	}
	return a.refreshable, nil
}

// TokenSource hands the connection's token to third-party clients, with ctx for
// each time it is asked. Its tokens carry no refresh token. A source that keeps
// tokens for itself, such as oauth2.ReuseTokenSource or oauth2.NewClient, does not
// see a disconnect before they expire, and nothing refreshes upon 401; an
// oauth2.Transport with it as Source, and Client, ask it for each request.
//
// A connection by OAuth 1.0a has no such token: errors.ErrUnsupported.
func (v *Vault) TokenSource(ctx context.Context, c Connection) oauth2.TokenSource {
	return tokenSource{ctx, v, c}
}

type tokenSource struct {
	ctx context.Context
	v   *Vault
	c   Connection
}

func (s tokenSource) Token() (*oauth2.Token, error) {
	p, err := s.v.providerOf(s.ctx, &s.c)
	if err != nil {
		return nil, err
	}
	if p.client.Description().Protocol == oauth.ProtocolOAuth1 {
		return nil, fmt.Errorf("vault: OAuth 1.0a signs each request: use Client: %w", errors.ErrUnsupported)
	}
	a, err := s.v.usable(s.ctx, &s.c, p)
	if err != nil {
		return nil, err
	}
	t := &a.token
	if t.Access == "" {
		return nil, fmt.Errorf("vault: %w", oauth.ErrNoToken)
	}
	return &oauth2.Token{AccessToken: t.Access.Reveal(), TokenType: t.Type, Expiry: t.Expiry}, nil
}

// Refresh gets a new token from the provider, due or not, unless another process
// has just got one, and returns the connection as it is then. Errors are those
// of Token, and ErrNotRefreshable.
func (v *Vault) Refresh(ctx context.Context, c Connection) (Connection, error) {
	p, err := v.providerOf(ctx, &c)
	if err != nil {
		return Connection{}, err
	}
	a, err := v.load(ctx, c.ID, nil, v.now())
	switch {
	case err != nil:
		return Connection{}, err
	case a.conn.UserID != c.UserID || a.conn.Tenant != c.Tenant:
		return Connection{}, ErrNoConnection
	case a.conn.Suspended:
		return Connection{}, ErrSuspended
	case a.conn.Status == NeedsReauthorization:
		return Connection{}, ErrNeedsReauthorization
	}
	if a, err = v.refreshed(ctx, a, p, true); err != nil {
		return Connection{}, err
	}
	return a.conn, nil
}
