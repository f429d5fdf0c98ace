package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/join"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

// A database that the application opened, with one pool for everything.
func appStore(t *testing.T) (*sqlstore.Store, *sql.DB) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "app.db")+
		"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := sqlstore.New(sqlstore.Config{DB: db, Dialect: sqlstore.SQLite, Prefix: "App2_"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, db
}

// References are not enforced here, and many connections write.
func TestOnTheApplicationsDatabase(t *testing.T) {
	t.Parallel()
	t.Run("vault", func(t *testing.T) {
		storetest.Vault(t, func(t *testing.T) vault.Store { s, _ := appStore(t); return s })
	})
	t.Run("accounts", func(t *testing.T) {
		storetest.Accounts(t, func(t *testing.T) accounts.Store { s, _ := appStore(t); return s })
	})
}

// Providers send anything; what SQLite takes comes back byte for byte.
func TestTextsOfAnyBytes(t *testing.T) {
	t.Parallel()
	s, _ := appStore(t)
	for i, text := range []string{"\x00", "a\x00b", "\xff\xfe", "é"[:1], "1,2,", ","} {
		c := vault.Connection{ID: fmt.Sprint(i), UserID: text, ProviderID: text, ProviderUserID: text, DisplayName: text,
			FullName: text + text, Email: text, Scopes: []string{text, text}, LastError: text, Version: 1}
		if _, err := s.Insert(t.Context(), c, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := s.ByIdentity(t.Context(), vault.Identity{ProviderID: text, ProviderUserID: text})
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
	}
}

// The application and the store share transactions, on one pool and on two.
func TestJoin(t *testing.T) {
	t.Parallel()
	t.Run("one pool", func(t *testing.T) {
		s, db := appStore(t)
		join.Run(t, s, db)
	})
	t.Run("two pools", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "two.db")
		s, err := sqlite.Open(t.Context(), path, sqlite.Migrate())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		db, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		join.Run(t, s, db)
	})
}

// The application's own statements can be part of a transaction.
func TestTxIsShared(t *testing.T) {
	t.Parallel()
	s, db := appStore(t)
	if _, err := db.ExecContext(t.Context(), `CREATE TABLE orders (id TEXT)`); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Tx(t.Context()); ok {
		t.Error("there is a transaction before one began")
	}
	other, _ := appStore(t)
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
