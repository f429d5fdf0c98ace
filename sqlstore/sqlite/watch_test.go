package sqlite_test

import (
	"database/sql"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
)

// watched opens a store without tables on the file at path.
func watched(t *testing.T, path string, watch sqltest.Watch) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db := sqltest.Watched(t, "sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)", watch)
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.SQLite})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, db
}
