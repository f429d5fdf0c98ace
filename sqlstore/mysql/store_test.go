package mysql_test

import (
	"os"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

var databases *mariadb.Server

func TestMain(m *testing.M) {
	sqltest.Main(migrate)
	os.Exit(mariadb.Main(m, func(s *mariadb.Server) { databases = s }))
}

func open(t *testing.T, address string, opts ...mysql.Option) *sqlstore.Store {
	t.Helper()
	s, err := mysql.Open(t.Context(), address, append(opts, mysql.Migrate())...)
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

func storeTest(t *testing.T, s *sqlstore.Store) {
	t.Run("vault", func(t *testing.T) { storetest.Vault(t, func(*testing.T) vault.Store { return s }) })
	t.Run("accounts", func(t *testing.T) { storetest.Accounts(t, func(*testing.T) accounts.Store { return s }) })
}

func TestStore(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]mysql.Option{
		"plain":         nil,
		"prefix":        {mysql.Prefix("Other_")},
		"one at a time": {mysql.Connections(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storeTest(t, open(t, databases.URL(t), opts...))
		})
	}
}
