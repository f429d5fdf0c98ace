package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore/postgres"
)

// A pooler in transaction mode gives each transaction another session, so nothing may be
// kept in one.
func TestNoSessionState(t *testing.T) {
	t.Parallel()
	s := open(t, databases.URL(t), postgres.ThroughPooler(), postgres.Connections(1))
	for range 3 {
		if err := s.InsertRole(t.Context(), accounts.Role{Name: "x"}); err != nil && !errors.Is(err, accounts.ErrRoleTaken) {
			t.Fatal(err)
		}
	}
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		var left int
		err := tx.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM pg_prepared_statements WHERE name <> '') +
			(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())`).Scan(&left)
		if left != 0 {
			t.Errorf("%d things are left in the session", left)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// Transactions are READ COMMITTED, whatever the database's default: stricter ones would
// see rows as they were before a lock was waited for.
func TestTransactionsAreReadCommitted(t *testing.T) {
	t.Parallel()
	s := open(t, databases.URL(t)+"&default_transaction_isolation=serializable")
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		var level string
		err := tx.QueryRowContext(ctx, `SHOW transaction_isolation`).Scan(&level)
		if err == nil && level != "read committed" {
			t.Errorf("a transaction is %s", level)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
