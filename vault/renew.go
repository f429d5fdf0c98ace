package vault

import (
	"context"
	"errors"
	"fmt"

	"github.com/gosocial/social/oauth"
)

const renewAttempts = 16

// Renew keeps a new grant for an existing connection, which the user has
// authorized anew. Tokens, scopes and profile are replaced, the generation
// counts up, so that a refresh under way is dropped, and the status is Active.
// A grant without a refresh token keeps the old one, and the client that the old
// one was granted to.
//
// A grant of another account at the provider is ErrOtherAccount; a connection
// that is gone is ErrNoConnection.
func (v *Vault) Renew(ctx context.Context, c Connection, g *oauth.Grant) (Connection, error) {
	return v.renew(ctx, c, g, false)
}

// RenewByLogIn is Renew for a log-in, which never takes anything from the
// connection: a grant with fewer scopes than it has, or that would have to keep
// an old token which does not open, renews its profile alone. The grant's token
// is then left to expire, because at many providers revoking one ends them all. It
// changes nothing of a connection that is suspended.
func (v *Vault) RenewByLogIn(ctx context.Context, c Connection, g *oauth.Grant) (Connection, error) {
	return v.renew(ctx, c, g, true)
}

func (v *Vault) renew(ctx context.Context, c Connection, g *oauth.Grant, byLogIn bool) (Connection, error) {
	if g.ProviderID != c.ProviderID || g.Profile.Subject != c.ProviderUserID || c.ProviderUserID == "" {
		return Connection{}, ErrOtherAccount
	}
	// The first attempt uses what the caller read, unless the old token is needed:
	// log-in should be cheap.
	read := g.Token.Refresh == ""
	for range renewAttempts {
		if byLogIn && c.Suspended {
			return c, nil
		}
		now := v.now()
		profileOnly := byLogIn && v.narrows(&c, g)
		var authorized []byte
		kept := storedToken{g.Token, now, now}
		if read && (!profileOnly || v.signsRequests(&c)) {
			row, sealed, err := v.store.Token(ctx, c.ID)
			if err != nil {
				return Connection{}, fmt.Errorf("vault: renew: %w", err)
			}
			if row.ProviderID != g.ProviderID || row.ProviderUserID != g.Profile.Subject {
				return Connection{}, ErrOtherAccount
			}
			c = row
			profileOnly = byLogIn && v.narrows(&c, g)
			old, err := v.openToken(&row, sealed)
			if err != nil && !byLogIn {
				return Connection{}, fmt.Errorf("vault: renew: %w", err)
			}
			profileOnly = profileOnly || err != nil
			if profileOnly && err == nil { // the same token, and a proof that the user authorizes the connection
				old.Granted = now
				if authorized, err = v.sealToken(&c, &old); err != nil {
					return Connection{}, err
				}
			}
			if old.Refresh != "" {
				kept.Refresh, kept.RefreshExpiry, kept.ClientID = old.Refresh, old.RefreshExpiry, old.ClientID
			}
		}
		next := c
		sealed := authorized
		if profileOnly {
			next.describe(&g.Profile, now)
		} else {
			next.authorized(g, now)
			next.ClientID = kept.ClientID
			next.Generation++
			var err error
			if sealed, err = v.sealToken(&next, &kept); err != nil {
				return Connection{}, err
			}
		}
		var event Event
		if c.Status != next.Status {
			event = Recovered{subjectOf(&c)}
		}
		err := v.update(ctx, next, sealed, "", event)
		if err == nil {
			if event != nil {
				v.emit(ctx, event)
			}
			next.Version++
			v.cache.drop(c.ID)
			return next, nil
		}
		if !errors.Is(err, ErrStale) {
			return Connection{}, fmt.Errorf("vault: renew: %w", err)
		}
		if c, err = v.store.ByID(ctx, c.ID); err != nil {
			return Connection{}, fmt.Errorf("vault: renew: %w", err)
		}
	}
	return Connection{}, fmt.Errorf("vault: renew: %w", ErrStale)
}

// signsRequests reports whether the connection's provider sends requests about users who
// have removed the application, which Removal.NotAfter is for.
func (v *Vault) signsRequests(c *Connection) bool {
	p, _ := v.providers.known(c.Tenant, c.ProviderID)
	return p != nil && p.client.Description().SignedRequests
}

// narrows reports whether a grant lacks a scope that a connection has. A grant of
// unknown scopes counts as one of what was asked for.
func (v *Vault) narrows(c *Connection, g *oauth.Grant) bool {
	granted := g.Token.Scopes
	if len(granted) == 0 {
		granted = g.RequestedScopes
	}
	if len(granted) == 0 {
		granted = []string{""} // none, which is not the same as unknown
	}
	var about oauth.Description
	if p, _ := v.providers.known(c.Tenant, c.ProviderID); p != nil {
		about = p.client.Description()
	}
	return len(about.MissingScopes(c.Scopes, granted)) > 0
}
