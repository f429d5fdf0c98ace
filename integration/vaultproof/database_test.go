package vaultproof_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/internal/pgtest"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
)

var postgreSQL = sync.OnceValues(func() (*pgtest.Server, error) { return pgtest.Start() })

// stopPostgreSQL ends the server that tests asked for, and else lets none begin.
func stopPostgreSQL() {
	if asked {
		if server, err := postgreSQL(); err == nil {
			server.Stop()
		}
	}
}

var asked bool

// onEach runs the test on an empty database of each kind.
func onEach(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "social.db")) })
	t.Run("PostgreSQL", func(t *testing.T) {
		asked = true
		server, err := postgreSQL()
		if err != nil {
			t.Fatal(err)
		}
		test(t, server.URL(t))
	})
}

func onPostgreSQL(database string) bool { return strings.HasPrefix(database, "postgres:") }

// openStore opens either, up to date.
func openStore(ctx context.Context, database string) (*sqlstore.Store, error) {
	if onPostgreSQL(database) {
		return postgres.Open(ctx, database, postgres.Migrate())
	}
	return sqlite.Open(ctx, database, sqlite.Migrate())
}
