package vault_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/vault"
)

// A token opens as what it was sealed as: for this purpose, row and column. What the
// same keys sealed as anything else does not.
func TestVault15_BoundToItsPurpose(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		bind func(c vault.Connection) []byte
		ok   bool
	}{
		"as it is": {func(c vault.Connection) []byte {
			return keyring.Bind("social/vault/connection", c.Tenant, c.ID, c.UserID, c.ProviderID, "token")
		}, true},
		"another purpose": {func(c vault.Connection) []byte {
			return keyring.Bind("social/one-time", c.Tenant, c.ID, c.UserID, c.ProviderID, "token")
		}, false},
		"no purpose": {func(c vault.Connection) []byte {
			return keyring.Bind("", c.Tenant, c.ID, c.UserID, c.ProviderID, "token")
		}, false},
		"another column": {func(c vault.Connection) []byte {
			return keyring.Bind("social/vault/connection", c.Tenant, c.ID, c.UserID, c.ProviderID, "secret")
		}, false},
		"an empty column": {func(c vault.Connection) []byte {
			return keyring.Bind("social/vault/connection", c.Tenant, c.ID, c.UserID, c.ProviderID, "")
		}, false},
		"no column": {func(c vault.Connection) []byte {
			return keyring.Bind("social/vault/connection", c.Tenant, c.ID, c.UserID, c.ProviderID)
		}, false},
		"nothing": {func(vault.Connection) []byte { return nil }, false},
	} {
		b := newBench(t)
		c := b.connect("ada", time.Hour)
		row, sealed, err := b.store.Token(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := b.keys.Open(sealed, keyring.Bind("social/vault/connection", row.Tenant, row.ID, row.UserID, row.ProviderID, "token"))
		if err != nil {
			t.Fatal(err)
		}
		if sealed, err = b.keys.Seal(plain, tc.bind(row)); err != nil {
			t.Fatal(err)
		}
		if err := b.store.Update(t.Context(), row, sealed); err != nil {
			t.Fatal(err)
		}
		b.clock.advance(time.Minute) // so that the row is read again
		if _, err := b.Token(t.Context(), row); tc.ok != (err == nil) || !tc.ok && !errors.Is(err, keyring.ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
