package vaultproof_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
)

// onEach runs the test on an empty database of each kind.
func onEach(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, filepath.Join(t.TempDir(), "social.db")) })
	t.Run("PostgreSQL", func(t *testing.T) {
		test(t, pgtest.Start(t).URL(t))
	})
	t.Run("MariaDB", func(t *testing.T) {
		test(t, mariadb.Start(t).URL(t))
	})
}

// openStore opens a database and migrates its schema.
func openStore(ctx context.Context, database string) (*sqlstore.Store, error) {
	switch kind, _, _ := strings.Cut(database, ":"); kind {
	case "postgres":
		return postgres.Open(ctx, database, postgres.Migrate())
	case "mysql":
		return mysql.Open(ctx, database, mysql.Migrate())
	}
	return sqlite.Open(ctx, database, sqlite.Migrate())
}
