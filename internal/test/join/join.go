// Package join checks that an application and a store share transactions, each
// dialect of which has ends of its own.
package join

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
	case "behind":
		return errOnPurpose
	case "panic":
		panic(errOnPurpose)
	}
	return nil
}

// Run runs the checks: s keeps accounts too, and db is a pool of the application's
// on its database.
func Run(t *testing.T, s *sqlstore.Store, db *sql.DB) {
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
			for _, stop := range []string{"before", "between", "behind"} {
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

			// The store refuses what the application would take, and the other way
			// round.
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
	t.Run("forgetting a user", func(t *testing.T) { forgets(t, s, db) })
	t.Run("conflicts leave it as it was", func(t *testing.T) { outlivesConflicts(t, s, db) })
}

// begin is how applications do it.
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

func outlivesConflicts(t *testing.T, s *sqlstore.Store, db *sql.DB) {
	want := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	ann := accounts.User{ID: "ann", Email: "ann@example.com", Username: "ann"}
	want(s.InsertUser(t.Context(), ann), nil)
	want(begin(t.Context(), db, func(tx *sql.Tx) error {
		ctx := s.WithTx(t.Context(), tx)
		want(s.InsertUser(ctx, accounts.User{ID: "bob", Email: "ANN@example.com"}), accounts.ErrEmailTaken)
		want(s.InsertUser(ctx, accounts.User{ID: "bob", Username: "ANN"}), accounts.ErrUsernameTaken)
		want(s.GrantRole(ctx, "", "ann", "nothing"), accounts.ErrNoRole)
		want(s.InsertUser(ctx, accounts.User{ID: "bob", Email: "bob@example.com"}), nil)
		_, err := s.UserByID(ctx, "", "bob")
		want(err, nil)
		_, err = s.ByUser(ctx, "", "bob", "")
		want(err, nil)
		return nil
	}), nil)
	_, err := s.UserByID(t.Context(), "", "bob")
	want(err, nil)
}
