package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

func open(t *testing.T, path string, opts ...sqlite.Option) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, append(opts, sqlite.Migrate())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func file(t *testing.T) string { return filepath.Join(t.TempDir(), "social.db") }

func TestVaultOnFile(t *testing.T) {
	t.Parallel()
	storetest.Vault(t, func(t *testing.T) vault.Store { return open(t, file(t)) })
}

func TestVaultInMemory(t *testing.T) {
	t.Parallel()
	storetest.Vault(t, func(t *testing.T) vault.Store { return open(t, ":memory:") })
}

func TestAccountsOnFile(t *testing.T) {
	t.Parallel()
	storetest.Accounts(t, func(t *testing.T) accounts.Store { return open(t, file(t)) })
}

func TestAccountsInMemory(t *testing.T) {
	t.Parallel()
	storetest.Accounts(t, func(t *testing.T) accounts.Store { return open(t, ":memory:") })
}

// One store for all parts, as an external database would be tested.
func TestSharedStore(t *testing.T) {
	t.Parallel()
	s := open(t, file(t), sqlite.Prefix("other_"))
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
}
