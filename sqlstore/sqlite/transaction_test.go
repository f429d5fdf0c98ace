package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
)

// onPool returns a store on the application's own pool.
func onPool(t *testing.T) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	s, db := database.Watched(t, file(t), func(context.Context, string) error { return nil })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, db
}

// The application's own statements can be part of a transaction.
func TestTxIsShared(t *testing.T) {
	t.Parallel()
	s, db := onPool(t)
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE orders (id TEXT)`); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Tx(t.Context()); ok {
		t.Error("there is a transaction before one began")
	}
	other, _ := onPool(t)
	order := func(end error) error {
		return s.InTx(t.Context(), func(ctx context.Context) error {
			if _, ok := other.Tx(ctx); ok {
				t.Error("another store takes the transaction for its own")
			}
			tx, _ := s.Tx(ctx)
			if _, err := tx.ExecContext(ctx, `INSERT INTO orders VALUES ('1')`); err != nil {
				return err
			}
			if err := s.InsertUser(ctx, accounts.User{ID: "user", Email: "a@example.com"}); err != nil {
				return err
			}
			return end
		})
	}
	count := func(want int) {
		t.Helper()
		var orders int
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM orders`).Scan(&orders); err != nil || orders != want {
			t.Errorf("%d orders, %v, want %d", orders, err, want)
		}
	}
	failed := errors.New("failed")
	if err := order(failed); !errors.Is(err, failed) {
		t.Errorf("error %v, want %v", err, failed)
	}
	count(0)
	if err := order(nil); err != nil {
		t.Error(err)
	}
	count(1)
}
