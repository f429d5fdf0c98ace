package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
)

// Connect keeps a grant as a new connection of the user, behind the user's
// other connections to the provider. ErrTaken when the provider account is
// connected already, to whomever: then nothing has changed.
func (v *Vault) Connect(ctx context.Context, userID string, g *oauth.Grant) (Connection, error) {
	return v.add(ctx, userID, g, func(*Connection, *storedToken) {})
}

func (v *Vault) add(ctx context.Context, userID string, g *oauth.Grant, change func(*Connection, *storedToken)) (Connection, error) {
	switch {
	case userID == "":
		return Connection{}, errors.New("vault: a connection needs a user")
	case g.Profile.Subject == "":
		return Connection{}, errors.New("vault: a grant without a subject")
	}
	if p, _ := v.providers.known(tenant.From(ctx), g.ProviderID); p == nil {
		if _, err := v.Provider(ctx, g.ProviderID); err != nil {
			return Connection{}, err
		}
	}
	now := v.now()
	c := Connection{
		ID:             id.New(now),
		Tenant:         tenant.From(ctx),
		UserID:         userID,
		ProviderID:     g.ProviderID,
		ProviderUserID: g.Profile.Subject,
		Rank:           -1,
		CreatedAt:      now,
		Version:        1,
		Generation:     1,
	}
	c.authorized(g, now)
	t := storedToken{g.Token, now}
	change(&c, &t)
	sealed, err := v.sealToken(&c, &t)
	if err != nil {
		return Connection{}, err
	}
	if c.Rank, err = v.store.Insert(ctx, c, sealed); err != nil {
		return Connection{}, fmt.Errorf("vault: connect: %w", err)
	}
	return c, nil
}

// authorized takes over what a grant says.
func (c *Connection) authorized(g *oauth.Grant, now time.Time) {
	c.describe(&g.Profile, now)
	c.ClientID, c.RequestedScopes = g.Token.ClientID, g.RequestedScopes
	c.Scopes, c.ExpiresAt = g.Token.Scopes, g.Token.Expiry
	c.enter(Active, "", now)
}

func (c *Connection) describe(p *oauth.Profile, now time.Time) {
	c.DisplayName, c.FullName, c.Email = p.DisplayName, p.FullName, p.Email
	c.ProfileURL, c.ImageURL = p.ProfileURL, p.ImageURL
	c.UpdatedAt = now
}

// enter changes the status; StatusSince stays when it is the same.
func (c *Connection) enter(s Status, lastError string, now time.Time) {
	if c.Status != s {
		c.Status, c.StatusSince = s, now
	}
	c.LastError = lastError
}

const renewAttempts = 16

// Renew keeps a new grant for a connection there is, which the user has
// authorized anew. Tokens, scopes and profile are replaced, the generation
// counts up, so that a refresh under way is dropped, and the status is Active.
// A grant without a refresh token keeps the old one.
//
// A grant of another account at the provider is ErrOtherAccount; a connection
// that is gone is ErrNoConnection.
func (v *Vault) Renew(ctx context.Context, c Connection, g *oauth.Grant) (Connection, error) {
	return v.renew(ctx, c, g, false)
}

// RenewByLogIn is Renew for a log-in, which never takes anything from the
// connection: a grant with fewer scopes than it has, or that would have to keep
// an old token which does not open, renews its profile alone. The grant's token
// is then left to expire, because at many providers revoking one ends them all.
func (v *Vault) RenewByLogIn(ctx context.Context, c Connection, g *oauth.Grant) (Connection, error) {
	return v.renew(ctx, c, g, true)
}

func (v *Vault) renew(ctx context.Context, c Connection, g *oauth.Grant, byLogIn bool) (Connection, error) {
	if g.ProviderID != c.ProviderID || g.Profile.Subject != c.ProviderUserID || c.ProviderUserID == "" {
		return Connection{}, ErrOtherAccount
	}
	// What the caller read serves for the first attempt, unless the old token is
	// needed: log-in is to be cheap.
	read := g.Token.Refresh == ""
	for range renewAttempts {
		now := v.now()
		profileOnly := byLogIn && v.narrows(&c, g)
		kept := storedToken{g.Token, now}
		if read && !profileOnly {
			row, sealed, err := v.store.Token(ctx, c.ID)
			if err != nil {
				return Connection{}, fmt.Errorf("vault: renew: %w", err)
			}
			if row.ProviderID != g.ProviderID || row.ProviderUserID != g.Profile.Subject {
				return Connection{}, ErrOtherAccount
			}
			c = row
			profileOnly = byLogIn && v.narrows(&c, g)
			if kept.Refresh == "" {
				old, err := v.openToken(&row, sealed)
				if err != nil && !byLogIn {
					return Connection{}, fmt.Errorf("vault: renew: %w", err)
				}
				profileOnly = profileOnly || err != nil
				kept.Refresh, kept.RefreshExpiry = old.Refresh, old.RefreshExpiry
			}
		}
		next := c
		var sealed []byte
		if profileOnly {
			next.describe(&g.Profile, now)
		} else {
			next.authorized(g, now)
			next.Generation++
			var err error
			if sealed, err = v.sealToken(&next, &kept); err != nil {
				return Connection{}, err
			}
		}
		err := v.store.Update(ctx, next, sealed)
		if err == nil {
			next.Version++
			v.cache.drop(c.ID)
			if c.Status != next.Status {
				v.emit(ctx, Recovered{subjectOf(&c)})
			}
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
