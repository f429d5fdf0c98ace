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

// Connect keeps a grant as a new connection of the user, after the user's other
// connections to the provider. ErrTaken when the provider account is connected
// already, to this user or another: then nothing has changed.
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
		ID:             connectionPrefix + id.New(now),
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
	t := storedToken{g.Token, now, now}
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

// authorized sets what a grant says.
func (c *Connection) authorized(g *oauth.Grant, now time.Time) {
	c.describe(&g.Profile, now)
	c.ClientID, c.RequestedScopes = g.Token.ClientID, g.RequestedScopes
	c.Scopes, c.ExpiresAt = g.Token.Scopes, g.Token.Expiry
	c.granted(now)
}

// describe sets what a profile says, which may come from a client or an import that
// has not judged it.
func (c *Connection) describe(from *oauth.Profile, now time.Time) {
	p := *from
	p.Tidy()
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

// granted notes that the provider gave a new token.
func (c *Connection) granted(now time.Time) {
	c.enter(Active, "", now)
	c.RefusedSince, c.Refusals = time.Time{}, 0
}
