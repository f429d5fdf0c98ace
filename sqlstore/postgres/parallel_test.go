package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/vault"
)

func TestRanksOfParallelInserts(t *testing.T) {
	t.Parallel()
	sqltest.Ranks(t, twoProcesses(t))
}

func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	sqltest.Deadlock(t, twoProcesses(t))
}

type conflict struct{}

func (conflict) Error() string    { return "could not serialize access" }
func (conflict) SQLState() string { return "40001" }

func TestTryingAgainEnds(t *testing.T) {
	t.Parallel()
	sqltest.TryingAgainEnds(t, open(t, databases.URL(t)), conflict{})
}

func TestTransactionOutlivesConflicts(t *testing.T) {
	t.Parallel()
	sqltest.Conflicts(t, open(t, databases.URL(t)))
}

func TestTextsOfAnyBytes(t *testing.T) {
	t.Parallel()
	sqltest.TextsOfAnyBytes(t, open(t, databases.URL(t)))
}

func TestClean(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	sqltest.Cleaned(t, sqltest.Two{open(t, url), open(t, url)}, func(n int, ends int64) {
		rows := fmt.Sprintf(`(SELECT i, %d + CASE WHEN i %% 3 = 0 THEN 1 ELSE 0 END AS ends FROM generate_series(1, %d) i) rows`, ends, n)
		run(t, url, `INSERT INTO social_claims SELECT sha256(i::text::bytea), '', ends FROM `+rows)
		// Whose key ends later in one tenant than in two others.
		run(t, url, `INSERT INTO social_attempts SELECT chr(26) || '00' || i / 3, (i % 3)::text, 1, ends FROM `+rows)
		run(t, url, `INSERT INTO social_sessions SELECT '', sha256(i::text::bytea), 'user', 0, ends, 0, '', '', '' FROM `+rows)
	})
}

// While one process cleans, another has nothing to do, and does not wait.
func TestOneCleanerAtATime(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	s, other := open(t, url), open(t, url)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, id := range []string{"a", "b"} {
		p := vault.OneTime{ID: id, Purpose: "signup", Expires: now.Add(-2 * time.Hour)}
		if err := s.PutOneTime(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	cleaned := make(chan int, 1)
	// The first cleaner waits for a row that somebody holds.
	err := other.InTx(t.Context(), func(ctx context.Context) error {
		if err := other.DeferOneTime(ctx, "a", now); err != nil {
			return err
		}
		go func() {
			n, err := s.Clean(t.Context(), now)
			if err != nil {
				t.Error(err)
			}
			cleaned <- n
		}()
		waiting := `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
		for deadline := time.Now().Add(30 * time.Second); count(t, url, waiting) == 0 && time.Now().Before(deadline); {
			time.Sleep(10 * time.Millisecond)
		}
		n, err := other.Clean(t.Context(), now)
		if n != 0 {
			t.Errorf("the second cleaned %d rows", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if n := <-cleaned; n != 2 {
		t.Errorf("the first cleaned %d rows, want 2", n)
	}
}

// A pooler in transaction mode gives each transaction another session: nothing
// may stay behind in one.
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

// Whatever the database's default is, transactions are READ COMMITTED: stricter
// ones would see rows as they were before a lock was waited for.
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
