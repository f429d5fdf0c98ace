package sql

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

var errOnPurpose = errors.New("on purpose")

// signUp makes the application's own user and the connection, in the context's
// transaction; id is a number and a subject. It stops where stop says.
func signUp(ctx context.Context, s *sqlstore.Store, tx *sql.Tx, id, stop string) error {
	if stop == "before" {
		return errOnPurpose
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO people (id) VALUES (`+id+`)`); err != nil {
		return err
	}
	if stop == "between" {
		return errOnPurpose
	}
	if _, err := s.Insert(ctx, vault.Connection{ID: id, UserID: id, ProviderID: "hub", ProviderUserID: id, Rank: -1}, nil); err != nil {
		return err
	}
	switch stop {
	case "after":
		return errOnPurpose
	case "panic":
		panic(errOnPurpose)
	}
	return nil
}

// sharedTransactions: the store and the application's own statements take part in one
// transaction, on one pool and on two.
func sharedTransactions(t *testing.T, d Database) {
	t.Run("one pool", func(t *testing.T) {
		s, db := d.Watched(t, d.Address(t), func(context.Context, string) error { return nil })
		want(t, s.Migrate(t.Context()), nil)
		SharedTransactions(t, s, db)
	})
	t.Run("two pools", func(t *testing.T) {
		address := d.Address(t)
		SharedTransactions(t, d.open(t, address, Options{Migrate: true}), d.pool(t, address))
	})
}

// SharedTransactions checks that s and db, a pool on its database, share transactions.
func SharedTransactions(t *testing.T, s *sqlstore.Store, db *sql.DB) {
	run := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE TABLE people (id BIGINT NOT NULL PRIMARY KEY)`)

	ways := map[string]func(ctx context.Context, id, stop string) error{
		"the store's transaction": func(ctx context.Context, id, stop string) error {
			return s.InTx(ctx, func(ctx context.Context) error {
				tx, _ := s.Tx(ctx)
				return signUp(ctx, s, tx, id, stop)
			})
		},
		"the application's transaction": func(ctx context.Context, id, stop string) error {
			return begin(ctx, db, func(tx *sql.Tx) error { return signUp(s.WithTx(ctx, tx), s, tx, id, stop) })
		},
		"the store's within the application's": func(ctx context.Context, id, stop string) error {
			return begin(ctx, db, func(tx *sql.Tx) error {
				return s.InTx(s.WithTx(ctx, tx), func(ctx context.Context) error {
					if s.AfterTx(ctx, func(context.Context, bool) { t.Error("the end was reported") }) {
						t.Error("the store says that it ends the application's transaction")
					}
					joined, ok := s.Tx(ctx)
					if !ok || joined != tx {
						t.Error("the store has another transaction")
					}
					return signUp(ctx, s, tx, id, stop)
				})
			})
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			there := func(id string, want bool) {
				t.Helper()
				var people int
				if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM people WHERE id = `+id).Scan(&people); err != nil {
					t.Fatal(err)
				}
				_, err := s.ByIdentity(t.Context(), vault.Identity{ProviderID: "hub", ProviderUserID: id})
				if err != nil && !errors.Is(err, vault.ErrNoConnection) {
					t.Fatal(err)
				}
				if got := err == nil; got != want || (people == 1) != want {
					t.Errorf("%d people and a connection: %v; want both: %v", people, got, want)
				}
			}
			for _, stop := range []string{"before", "between", "after"} {
				if err := way(t.Context(), "1", stop); !errors.Is(err, errOnPurpose) {
					t.Errorf("stopping %s: error %v, want %v", stop, err, errOnPurpose)
				}
				there("1", false)
			}
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				way(t.Context(), "1", "panic")
			}()
			there("1", false)
			ending, end := context.WithCancel(t.Context())
			end()
			if err := way(ending, "1", ""); !errors.Is(err, context.Canceled) {
				t.Errorf("with an ended context: error %v, want %v", err, context.Canceled)
			}
			there("1", false)

			if err := way(t.Context(), "1", ""); err != nil {
				t.Fatal(err)
			}
			there("1", true)

			// The store refuses a row, and then the application's table does.
			run(`DELETE FROM people`)
			if err := way(t.Context(), "1", ""); !errors.Is(err, vault.ErrTaken) {
				t.Errorf("an identity that is taken: error %v, want %v", err, vault.ErrTaken)
			}
			run(`INSERT INTO people (id) VALUES (1), (2)`)
			there("1", true)
			if err := way(t.Context(), "2", ""); err == nil {
				t.Error("a person who is there: no error")
			}
			run(`DELETE FROM people WHERE id = 2`)
			there("2", false)

			if _, err := s.Remove(t.Context(), vault.Removal{UserID: "1"}); err != nil {
				t.Fatal(err)
			}
			run(`DELETE FROM people`)
		})
	}
	t.Run("deleting a user", func(t *testing.T) { deletesUser(t, s, db) })
	t.Run("conflicts leave the transaction as it was", func(t *testing.T) { applicationConflicts(t, s, db) })
}

// begin calls f in a transaction of the application.
func begin(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func applicationConflicts(t *testing.T, s *sqlstore.Store, db *sql.DB) {
	ann := accounts.User{ID: "ann", Email: "ann@example.com", Username: "ann"}
	want(t, s.InsertUser(t.Context(), ann), nil)
	want(t, begin(t.Context(), db, func(tx *sql.Tx) error {
		ctx := s.WithTx(t.Context(), tx)
		want(t, s.InsertUser(ctx, accounts.User{ID: "bob", Email: "ANN@example.com"}), accounts.ErrEmailTaken)
		want(t, s.InsertUser(ctx, accounts.User{ID: "bob", Username: "ANN"}), accounts.ErrUsernameTaken)
		want(t, s.GrantRole(ctx, "", "ann", "nothing"), accounts.ErrNoRole)
		want(t, s.InsertUser(ctx, accounts.User{ID: "bob", Email: "bob@example.com"}), nil)
		_, err := s.UserByID(ctx, "", "bob")
		want(t, err, nil)
		_, err = s.ByUser(ctx, "", "bob", "")
		want(t, err, nil)
		return nil
	}), nil)
	_, err := s.UserByID(t.Context(), "", "bob")
	want(t, err, nil)
}
