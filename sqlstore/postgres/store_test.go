package postgres_test

import (
	"os"
	"testing"

	"github.com/gosocial/social/accounts"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

var databases *pgtest.Server

func TestMain(m *testing.M) {
	sqltest.Main(migrate)
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) { databases = s }))
}

func open(t *testing.T, url string, opts ...postgres.Option) *sqlstore.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, append(opts, postgres.Migrate())...)
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

func TestStore(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]postgres.Option{
		"plain":         nil,
		"pooler":        {postgres.ThroughPooler(), postgres.Prefix("Other_")},
		"one at a time": {postgres.Connections(1)},
		"serializable":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := databases.URL(t)
			if name == "serializable" {
				// What comes in another's way is undone then, as CockroachDB does it.
				url += "&default_transaction_isolation=serializable"
			}
			s := open(t, url, opts...)
			t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
			t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
		})
	}
}
