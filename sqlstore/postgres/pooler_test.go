package postgres_test

import (
	"context"
	"testing"

	pgtest "github.com/gosocial/social/internal/test/postgres"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

// A pooler in transaction mode gives each transaction another session.
func TestThroughPooler(t *testing.T) {
	t.Parallel()
	direct := databases.URL(t)
	address := pgtest.Pooler(t, direct)
	sqltest.TenStores(t, func(ctx context.Context) (*sqlstore.Store, error) {
		return postgres.Open(ctx, address, postgres.Migrate(), postgres.ThroughPooler())
	})
	sqltest.StepsOnce(t, pool(t, direct))
	for name, s := range map[string]*sqlstore.Store{
		"by option": open(t, address, postgres.ThroughPooler()),
		"by URL":    open(t, address+"&default_query_exec_mode=cache_describe"),
	} {
		t.Run(name, func(t *testing.T) { sqltest.Contracts(t, s) })
	}
}

func TestSharedTransactionsThroughPooler(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	sqltest.SharedTransactions(t, open(t, url, postgres.ThroughPooler(), postgres.Connections(1)), pool(t, url))
}
