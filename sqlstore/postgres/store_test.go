package postgres_test

import (
	"context"
	"database/sql"
	"os"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	pgtest "github.com/gosocial/social/internal/test/postgres"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

var databases *pgtest.Server

var database = sqltest.Database{
	Dialect: sqlstore.PostgreSQL,
	Address: func(t testing.TB) string { return databases.URL(t) },
	Open: func(ctx context.Context, url string, o sqltest.Options) (*sqlstore.Store, error) {
		opts := []postgres.Option{postgres.Prefix(o.Prefix), postgres.Tables(o.Tables)}
		if o.Migrate {
			opts = append(opts, postgres.Migrate())
		}
		if o.ConnectionsOnly {
			opts = append(opts, postgres.ConnectionsOnly())
		}
		if o.ReadOnly {
			url += "&default_transaction_read_only=on"
		}
		if o.Connections > 0 {
			opts = append(opts, postgres.Connections(o.Connections))
		}
		return postgres.Open(ctx, url, opts...)
	},
	Driver:      "pgx",
	Sources:     map[string]func(testing.TB, string) string{"plain": func(_ testing.TB, url string) string { return url }},
	Tables:      `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`,
	Definitions: definitions,
	Blob:        func(number string) string { return "CAST(CAST(" + number + " AS TEXT) AS BYTEA)" },
	Retry:       []error{conflict{}},
}

type conflict struct{}

func (conflict) Error() string    { return "could not serialize access" }
func (conflict) SQLState() string { return "40001" }

func TestMain(m *testing.M) {
	database.Main()
	os.Exit(pgtest.Main(m, func(s *pgtest.Server) { databases = s }))
}

func TestStore(t *testing.T) {
	t.Parallel()
	sqltest.Run(t, database)
}

// A database may undo transactions more often, as CockroachDB does.
func TestSerializable(t *testing.T) {
	t.Parallel()
	sqltest.Contracts(t, open(t, databases.URL(t)+"&default_transaction_isolation=serializable"))
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

// pool opens the application's own pool.
func pool(t *testing.T, url string) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// run runs an application's own statement.
func run(t *testing.T, url, statement string) {
	t.Helper()
	if _, err := pool(t, url).ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// definitions are the columns, indexes and constraints of the current schema.
func definitions(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	return sqltest.Pairs(t, db, `
		SELECT table_name || '.' || column_name, concat_ws(' ', data_type, collation_name, is_nullable, column_default)
			FROM information_schema.columns WHERE table_schema = current_schema()
		UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()
		UNION ALL SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace`)
}
