package sqlite_test

import (
	"context"
	"os"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
)

func unmigrated(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, file(t))
	sqltest.Migrated(t, s)
	insert(t, s, "x")
}

// Two prefixes are two schemas in one file.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	path := file(t)
	a, b := open(t, path), open(t, path, sqlite.Prefix("b_"))
	insert(t, a, "x")
	insert(t, b, "x")
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	sqltest.NewerSchema(t, file(t), migrate)
}

func migrate(ctx context.Context, path string) (*sqlstore.Store, error) {
	return sqlite.Open(ctx, path, sqlite.Migrate())
}

func TestMain(m *testing.M) {
	sqltest.Main(migrate)
	os.Exit(m.Run())
}

func TestMigrateByTenStores(t *testing.T) {
	t.Parallel()
	for range 3 {
		sqltest.TenStores(t, file(t), migrate)
	}
}

func TestMigrateByTenProcesses(t *testing.T) {
	t.Parallel()
	path := file(t)
	sqltest.TenProcesses(t, path)
	insert(t, open(t, path), "x")
}
