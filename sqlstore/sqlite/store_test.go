package sqlite_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

var database = sqltest.Database{
	Dialect: sqlstore.SQLite,
	Address: file,
	Open: func(ctx context.Context, path string, o sqltest.Options) (*sqlstore.Store, error) {
		if o.ReadOnly {
			db, err := sql.Open("sqlite", unreferenced(path)+"&_query_only=1")
			if err != nil {
				return nil, err
			}
			return sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.SQLite, OnClose: db.Close})
		}
		opts := []sqlite.Option{sqlite.Prefix(o.Prefix), sqlite.Tables(o.Tables)}
		if o.Migrate {
			opts = append(opts, sqlite.Migrate())
		}
		if o.ConnectionsOnly {
			opts = append(opts, sqlite.ConnectionsOnly())
		}
		if o.Connections > 0 {
			opts = append(opts, sqlite.Readers(o.Connections))
		}
		return sqlite.Open(ctx, path, opts...)
	},
	Driver:      "sqlite",
	Sources:     map[string]func(testing.TB, string) string{"plain": source},
	Tables:      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
	Definitions: definitions,
	Blob:        func(number string) string { return "CAST(" + number + " AS BLOB)" },
}

func TestMain(m *testing.M) {
	crashMain()
	database.Main()
	recordDisks()
	os.Exit(m.Run())
}

func TestStore(t *testing.T) {
	t.Parallel()
	sqltest.Run(t, database)
}

func open(t *testing.T, path string, opts ...sqlite.Option) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, append(opts, sqlite.Migrate())...)
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

func file(t testing.TB) string { return filepath.Join(t.TempDir(), "social.db") }

// source is a pool for reads and writes, of any number of connections.
func source(_ testing.TB, path string) string { return unreferenced(path) + "&_pragma=foreign_keys(1)" }

// unreferenced is a source whose connections do not enforce references.
func unreferenced(path string) string {
	return "file:" + path + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)"
}

func definitions(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	return sqltest.Pairs(t, db, `SELECT name, COALESCE(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'`)
}

// A database for each part of the suites, as a file and in memory.
func TestManyStores(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]func() string{
		"on file":   func() string { return file(t) },
		"in memory": func() string { return ":memory:" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			t.Run("vault", func(t *testing.T) {
				storetest.Vault(t, func(t *testing.T) vault.Store { return open(t, path()) })
			})
			t.Run("accounts", func(t *testing.T) {
				storetest.Accounts(t, func(t *testing.T) accounts.Store { return open(t, path()) })
			})
			t.Run("audit", func(t *testing.T) {
				storetest.Audit(t, func(t *testing.T) audit.Store { return open(t, path()) })
			})
			t.Run("documents", func(t *testing.T) {
				storetest.Documents(t, func(t *testing.T) document.Store { return open(t, path()) })
			})
		})
	}
}

// Not every application has SQLite enforce references.
func TestWithoutReferences(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", unreferenced(file(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.SQLite})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	sqltest.Contracts(t, s)
}
