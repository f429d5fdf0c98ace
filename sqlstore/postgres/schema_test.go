package postgres_test

import (
	"context"
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

// run runs an application's own statement.
func run(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// count asks for a number.
func count(t *testing.T, url, query string) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s, err := postgres.Open(t.Context(), databases.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	sqltest.Migrated(t, s)
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	sqltest.NewerSchema(t, databases.URL(t), migrate)
}

func migrate(ctx context.Context, url string) (*sqlstore.Store, error) {
	return postgres.Open(ctx, url, postgres.Migrate(), postgres.Connections(2))
}

func TestMigrateByTenStores(t *testing.T) {
	t.Parallel()
	for range 3 {
		url := databases.URL(t)
		sqltest.TenStores(t, url, migrate)
		steppedOnce(t, url)
	}
}

func TestMigrateByTenProcesses(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	sqltest.TenProcesses(t, url)
	steppedOnce(t, url)
}

// A process may be killed while it brings the schema up.
func TestMigrateAfterKilledProcesses(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	sqltest.KilledProcesses(t, url)
	open(t, url)
	steppedOnce(t, url)
}

func steppedOnce(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	sqltest.SteppedOnce(t, db)
}
