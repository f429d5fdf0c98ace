package linear_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	mariatest "github.com/gosocial/social/internal/test/mariadb"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/mysql"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// histories is how many are recorded: SOCIAL_HISTORIES, which soak sets, or a few.
func histories(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("SOCIAL_HISTORIES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 100
}

func opened(t *testing.T, s *sqlstore.Store, err error) vault.Store {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestMemory(t *testing.T) {
	t.Parallel()
	check(t, []vault.Store{memstore.New()}, histories(t), calm)
}

// Two stores on one file, as two processes have them.
func TestSQLite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "social.db")
	var stores []vault.Store
	for range 2 {
		s, err := sqlite.Open(t.Context(), file, sqlite.Migrate())
		stores = append(stores, opened(t, s, err))
	}
	check(t, stores, histories(t), usage{cut: 0.2, claimFor: 25})
}

func TestPostgreSQL(t *testing.T) {
	t.Parallel()
	url := pgtest.Start(t).URL(t)
	var stores []vault.Store
	for range 2 {
		s, err := postgres.Open(t.Context(), url, postgres.Migrate())
		stores = append(stores, opened(t, s, err))
	}
	disturb(t, stores[0].(*sqlstore.Store), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database() ORDER BY random() LIMIT 1`)
	check(t, stores, histories(t), usage{cut: 0.2, claimFor: 25})
}

func TestMariaDB(t *testing.T) {
	t.Parallel()
	url := mariatest.Start(t).URL(t)
	var stores []vault.Store
	for range 2 {
		s, err := mysql.Open(t.Context(), url, mysql.Migrate())
		stores = append(stores, opened(t, s, err))
	}
	// A claim that has expired is deleted before the next one, in two steps. So one that ends
	// may let a caller pass whose clock is behind another's.
	check(t, stores, histories(t), usage{cut: 0.2, claimFor: 1 << 20})
}

// disturb ends a connection of the database now and then, until the test ends.
func disturb(t *testing.T, s *sqlstore.Store, statement string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	t.Cleanup(func() { stop(); <-ended })
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			s.InTx(ctx, func(ctx context.Context) error {
				tx, _ := s.Tx(ctx)
				_, err := tx.ExecContext(ctx, statement)
				return err
			})
			select {
			case <-time.After(30 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
}
