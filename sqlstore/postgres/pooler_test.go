package postgres_test

import (
	"context"
	"testing"

	"github.com/gosocial/social/accounts"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

func TestThroughPooler(t *testing.T) {
	t.Parallel()
	direct := databases.URL(t)
	address := pgtest.Pooler(t, direct)
	sqltest.TenStores(t, address, func(ctx context.Context, address string) (*sqlstore.Store, error) {
		return postgres.Open(ctx, address, postgres.Migrate(), postgres.ThroughPooler())
	})
	steppedOnce(t, direct)
	for name, s := range map[string]accounts.Store{
		"by option": open(t, address, postgres.ThroughPooler()),
		"by URL":    open(t, address+"&default_query_exec_mode=cache_describe"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s.(vault.Store) }) })
			t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
		})
	}
}
