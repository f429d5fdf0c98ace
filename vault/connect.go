package vault

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/oauth"
)

// Connect keeps a grant as a new connection of the user, behind the user's
// other connections to the provider. ErrTaken when the provider account is
// connected already, to whomever: then nothing has changed.
func (v *Vault) Connect(ctx context.Context, userID string, g *oauth.Grant) (Connection, error) {
	switch {
	case userID == "":
		return Connection{}, errors.New("vault: a connection needs a user")
	case g.Profile.Subject == "":
		return Connection{}, errors.New("vault: a grant without a subject")
	}
	if _, err := v.client(g.ProviderID); err != nil {
		return Connection{}, err
	}
	now := v.now()
	c := Connection{
		ID:             newID(now),
		UserID:         userID,
		ProviderID:     g.ProviderID,
		ProviderUserID: g.Profile.Subject,
		Rank:           -1,
		CreatedAt:      now,
		Version:        1,
		Generation:     1,
	}
	c.authorized(g, now)
	sealed, err := v.sealToken(&c, &keptToken{g.Token, now})
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
	p := &g.Profile
	c.DisplayName, c.FullName, c.Email = p.DisplayName, p.FullName, p.Email
	c.ProfileURL, c.ImageURL = p.ProfileURL, p.ImageURL
	c.Scopes, c.ExpiresAt = g.Token.Scopes, g.Token.Expiry
	c.enter(Active, "", now)
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

// Renew keeps a new grant for a connection there is: at log-in, and when the
// user authorizes anew. Tokens, scopes and profile are replaced, the generation
// counts up, so that a refresh under way is dropped, and the status is Active.
// A grant without a refresh token keeps the old one.
//
// A grant of another account at the provider is ErrOtherAccount; a connection
// that is gone is ErrNoConnection.
func (v *Vault) Renew(ctx context.Context, c Connection, g *oauth.Grant) (Connection, error) {
	if g.ProviderID != c.ProviderID || g.Profile.Subject != c.ProviderUserID || c.ProviderUserID == "" {
		return Connection{}, ErrOtherAccount
	}
	// What the caller read serves for the first attempt, unless the old token is
	// needed: log-in is to be cheap.
	read := g.Token.Refresh == ""
	for range renewAttempts {
		kept := keptToken{g.Token, v.now()}
		if read {
			row, sealed, err := v.store.Token(ctx, c.ID)
			if err != nil {
				return Connection{}, fmt.Errorf("vault: renew: %w", err)
			}
			if row.ProviderID != g.ProviderID || row.ProviderUserID != g.Profile.Subject {
				return Connection{}, ErrOtherAccount
			}
			c = row
			if kept.Refresh == "" {
				old, err := v.openToken(&row, sealed)
				if err != nil {
					return Connection{}, fmt.Errorf("vault: renew: %w", err)
				}
				kept.Refresh = old.Refresh
			}
		}
		next := c
		next.authorized(g, kept.Issued)
		next.Generation++
		sealed, err := v.sealToken(&next, &kept)
		if err != nil {
			return Connection{}, err
		}
		err = v.store.Update(ctx, next, sealed)
		if err == nil {
			next.Version++
			v.cache.drop(c.ID)
			if c.Status != Active {
				v.emit(ctx, Recovered{subjectOf(&c)})
			}
			return next, nil
		}
		if !errors.Is(err, ErrStale) {
			return Connection{}, fmt.Errorf("vault: renew: %w", err)
		}
		read = true
	}
	return Connection{}, fmt.Errorf("vault: renew: %w", ErrStale)
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID makes a row's ID: 48 bits of time, so that new rows lie side by side in
// an index, and 80 random ones.
func newID(now time.Time) string {
	var b [16]byte
	rand.Read(b[6:])
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return idEncoding.EncodeToString(b[:])
}
