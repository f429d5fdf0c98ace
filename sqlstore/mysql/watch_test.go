package mysql_test

import (
	"testing"

	"github.com/gosocial/social/internal/test/mariadb"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
)

// watched opens a store without tables on the database at the address.
func watched(t *testing.T, address string, watch sqltest.Watch) *sqlstore.Store {
	t.Helper()
	db := sqltest.Watched(t, "mysql", mariadb.DSN(t, address, "interpolateParams=true"), watch)
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.MySQL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
