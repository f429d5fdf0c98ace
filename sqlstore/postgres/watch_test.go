package postgres_test

import (
	"database/sql"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
)

// watched opens a store without tables on the database at the URL.
func watched(t *testing.T, url string, watch sqltest.Watch) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db := sqltest.Watched(t, "pgx", url, watch)
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.PostgreSQL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, db
}
