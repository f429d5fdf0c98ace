package vault

import (
	"context"

	"github.com/gosocial/social/internal/tenant"
)

// Connection returns a connection, or ErrNoConnection. It does not ask whose it
// is; see Own. A connection of another tenant than the context's is
// ErrNoConnection too.
func (v *Vault) Connection(ctx context.Context, id string) (Connection, error) {
	c, err := v.store.ByID(ctx, id)
	if err == nil && c.Tenant != tenant.From(ctx) {
		return Connection{}, ErrNoConnection
	}
	return c, err
}

// Own returns the user's own connection. That of another user is ErrNoConnection,
// as if there were none.
func (v *Vault) Own(ctx context.Context, userID, id string) (Connection, error) {
	c, err := v.Connection(ctx, id)
	if err == nil && (c.UserID != userID || userID == "") {
		return Connection{}, ErrNoConnection
	}
	return c, err
}

// ByIdentity returns the connection of an account at a provider, or
// ErrNoConnection.
func (v *Vault) ByIdentity(ctx context.Context, providerID, subject string) (Connection, error) {
	return v.store.ByIdentity(ctx, Identity{tenant.From(ctx), providerID, subject})
}

// Connections lists a user's connections by provider and rank; those to one
// provider when providerID is not "".
func (v *Vault) Connections(ctx context.Context, userID, providerID string) ([]Connection, error) {
	return v.store.ByUser(ctx, tenant.From(ctx), userID, providerID)
}

// Default returns the user's connection to a provider, of several the first in
// rank, or ErrNoConnection.
func (v *Vault) Default(ctx context.Context, userID, providerID string) (Connection, error) {
	all, err := v.Connections(ctx, userID, providerID)
	if err != nil {
		return Connection{}, err
	}
	if len(all) == 0 || providerID == "" {
		return Connection{}, ErrNoConnection
	}
	return all[0], nil
}
