package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
)

// An Unsealed is a connection as an application kept it before, its token in the
// clear. UserID, and of the Grant ProviderID, Profile.Subject and a token, are
// needed, and for OAuth 1.0a the token's secret. What the profile has that cannot be
// shown is left out, as oauth.Profile.Tidy says.
type Unsealed struct {
	UserID string
	Grant  oauth.Grant
	// Rank is the connection's among the user's connections to the provider; below
	// 0 means after the others.
	Rank      int
	CreatedAt time.Time // now when zero
}

// Import seals a connection that was kept elsewhere, in the clear, and adds it to
// the context's tenant. An import of a whole table may be interrupted and run
// again, while the application already uses what was added: a connection that the
// user has already stays as it is, because its token may be newer, and imported is
// false. ErrTaken when another user has it.
//
// It is not known when the token was issued: it is refreshed a minute before it
// ends, and by KeepAlive as if it were as old as the connection. A grant without
// Token.ClientID is refreshed as the first of the provider's clients.
func (v *Vault) Import(ctx context.Context, u Unsealed) (c Connection, imported bool, err error) {
	if u.Grant.Token.Access == "" && u.Grant.Token.Refresh == "" {
		return Connection{}, false, errors.New("vault: import: no token")
	}
	if u.Grant.Token.Access == "" {
		u.Grant.Token.Expiry = v.now() // refreshed at its first use
	}
	if profile := u.Grant.Profile; profile.Tidy() != nil {
		return Connection{}, false, fmt.Errorf("vault: import: %w", profile.Tidy())
	}
	client, err := v.Provider(ctx, u.Grant.ProviderID)
	if err != nil {
		return Connection{}, false, err
	}
	if client.Description().Protocol == oauth.ProtocolOAuth1 && (u.Grant.Token.Access == "" || u.Grant.Token.Secret == "") {
		return Connection{}, false, errors.New("vault: import: a token of OAuth 1.0a without its secret, which every request is signed with")
	}
	c, err = v.add(ctx, u.UserID, &u.Grant, func(c *Connection, t *storedToken) {
		c.Rank, t.Issued = u.Rank, time.Time{}
		if !u.CreatedAt.IsZero() {
			c.CreatedAt = u.CreatedAt
		}
	})
	if !errors.Is(err, ErrTaken) {
		return c, err == nil, err
	}
	existing, err := v.store.ByIdentity(ctx, Identity{tenant.From(ctx), u.Grant.ProviderID, u.Grant.Profile.Subject})
	switch {
	case err != nil:
		return Connection{}, false, fmt.Errorf("vault: import: %w", err)
	case existing.UserID != u.UserID:
		return Connection{}, false, fmt.Errorf("vault: import: %w", ErrTaken)
	}
	return existing, false, nil
}
