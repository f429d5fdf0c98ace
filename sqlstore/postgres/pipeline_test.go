package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/test/wire"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

var errOnPurpose = errors.New("on purpose")

// wired opens a store with one connection, whose trips the wire notes.
func wired(t *testing.T) (*sqlstore.Store, *wire.Wire) {
	t.Helper()
	u, err := url.Parse(databases.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	w := wire.PostgreSQL(t, u.Host)
	u.Host = w.Address
	return open(t, u.String(), postgres.Connections(1)), w
}

// BEGIN and what nothing waits for is sent with the next statement or the COMMIT, in order.
func TestPipeline(t *testing.T) {
	t.Parallel()
	s, w := wired(t)
	user := func(id string) accounts.User { return accounts.User{ID: id, Email: id + "@example.com"} }
	var id string
	run := func(inTx func(context.Context, func(context.Context) error) error, f func(ctx context.Context) error) func() error {
		return func() error { return inTx(t.Context(), f) }
	}
	if err := s.InsertUser(t.Context(), accounts.User{ID: "ann", Email: "ann@example.com", Active: true}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name  string
		do    func() error
		err   error
		trips []string
	}{
		{"nothing", run(s.InTx, func(context.Context) error { return nil }), nil, nil},
		{"a read after that", run(s.InTx, func(ctx context.Context) error {
			u, err := s.UserByID(ctx, "", "ann")
			if u.Email != "ann@example.com" || !u.Active {
				t.Errorf("the user is %+v", u)
			}
			return err
		}), nil, []string{"begin; SELECT", "commit"}},
		{"nothing that fails", run(s.InTx, func(context.Context) error { return errOnPurpose }), errOnPurpose, nil},
		{"two reads", run(s.InTx, func(ctx context.Context) error {
			list, err := s.Users(ctx, "", "", 9)
			all, failed := s.Users(ctx, "", "", 9)
			if len(list) == 0 || len(list) != len(all) || list[0].Email == "" {
				t.Errorf("the users are %+v and %+v", list, all)
			}
			return errors.Join(err, failed)
		}), nil, []string{"begin; SELECT", "SELECT", "commit"}},
		{"a read that fails", run(s.InTx, func(ctx context.Context) error {
			_, err := s.Users(ctx, "", "", 1)
			return errors.Join(err, errOnPurpose)
		}), errOnPurpose, []string{"begin; SELECT", "rollback"}},
		{"a write", run(s.InTx, func(ctx context.Context) error { return s.InsertUser(ctx, user(id)) }), nil,
			[]string{"begin; SAVEPOINT; INSERT", "RELEASE; commit"}},
		{"a write without interest", run(s.InTx, func(ctx context.Context) error { return s.DeleteSession(ctx, "", [32]byte{}) }), nil,
			[]string{"begin; DELETE; commit"}},
		{"a refused write", run(s.InTx, func(ctx context.Context) error {
			first := s.InsertUser(ctx, user(id))
			return errors.Join(first, s.InsertUser(ctx, accounts.User{ID: "another", Email: user(id).Email}))
		}), accounts.ErrEmailTaken, []string{"begin; SAVEPOINT; INSERT", "RELEASE; SAVEPOINT; INSERT", "ROLLBACK", "rollback"}},
		{"an optimistic write", run(s.InOptimisticTx, func(ctx context.Context) error { return s.InsertUser(ctx, user(id)) }), nil,
			[]string{"begin; WITH; commit"}},
		{"an optimistic write that fails", run(s.InOptimisticTx, func(ctx context.Context) error {
			return errors.Join(s.InsertUser(ctx, user(id)), errOnPurpose)
		}), errOnPurpose, nil},
		{"a refused optimistic write", run(s.InOptimisticTx, func(ctx context.Context) error {
			first := s.InsertUser(ctx, user(id))
			return errors.Join(first, s.InsertUser(ctx, accounts.User{ID: "another", Email: user(id).Email}))
		}), accounts.ErrEmailTaken, []string{"begin; WITH; WITH; commit", "rollback",
			"begin; SAVEPOINT; INSERT", "RELEASE; SAVEPOINT; INSERT", "ROLLBACK", "rollback"}},
	} {
		id = rand.Text()
		var err error
		if got := verbs(w.During(func() { err = tt.do() })); !slices.Equal(got, tt.trips) || !errors.Is(err, tt.err) {
			t.Errorf("%s makes the round trips %q, want %q; %v", tt.name, got, tt.trips, err)
		}
	}
}

// verbs are the first words of the statements of trips.
func verbs(trips []wire.Trip) (all []string) {
	for _, trip := range trips {
		var words []string
		for _, text := range trip {
			word, _, _ := strings.Cut(text, " ")
			words = append(words, word)
		}
		// Neither what prepares statements nor a ping.
		if line := strings.Join(words, "; "); line != "" && line != "--" {
			all = append(all, line)
		}
	}
	return all
}

// What the application sends in the store's transaction comes after what the store has
// written, and the store's results are exact from then on.
func TestPipelineAndApplication(t *testing.T) {
	t.Parallel()
	s := open(t, databases.URL(t), postgres.Connections(1))
	ann := accounts.User{ID: "ann", Email: "ann@example.com"}
	count := func(ctx context.Context) (n int) {
		tx, _ := s.Tx(ctx)
		stmt, err := tx.PrepareContext(ctx, `SELECT count(*) FROM social_users`)
		if err == nil {
			err = stmt.QueryRowContext(ctx).Scan(&n)
		}
		if err != nil {
			t.Error(err)
		}
		return n
	}
	for name, inTx := range map[string]func(context.Context, func(context.Context) error) error{"InTx": s.InTx, "InOptimisticTx": s.InOptimisticTx} {
		err := inTx(t.Context(), func(ctx context.Context) error {
			if err := s.InsertUser(ctx, ann); err != nil {
				return err
			}
			if n := count(ctx); n != 1 {
				t.Errorf("%s: the application sees %d users, want 1", name, n)
			}
			if err := s.InsertUser(ctx, accounts.User{ID: "bob", Email: ann.Email}); !errors.Is(err, accounts.ErrEmailTaken) {
				t.Errorf("%s: error %v, want %v", name, err, accounts.ErrEmailTaken)
			}
			if err := s.DeleteUser(ctx, "", "ann"); err != nil {
				return err
			}
			if n := count(ctx); n != 0 {
				t.Errorf("%s: the application sees %d users, want none", name, n)
			}
			return errOnPurpose
		})
		if !errors.Is(err, errOnPurpose) {
			t.Errorf("%s: error %v, want %v", name, err, errOnPurpose)
		}
		// A write that is refused, and the application's statement after it.
		calls := 0
		err = inTx(t.Context(), func(ctx context.Context) error {
			calls++
			first := s.InsertUser(ctx, ann)
			second := s.InsertUser(ctx, accounts.User{ID: "bob", Email: ann.Email})
			tx, _ := s.Tx(ctx)
			if _, err := tx.ExecContext(ctx, `DELETE FROM social_users`); err != nil {
				return err
			}
			return errors.Join(first, second)
		})
		if !errors.Is(err, accounts.ErrEmailTaken) || calls > 2 {
			t.Errorf("%s: error %v after %d calls, want %v", name, err, calls, accounts.ErrEmailTaken)
		}
		// The application reads what the store never does, before anything else is sent.
		err = inTx(t.Context(), func(ctx context.Context) error {
			tx, _ := s.Tx(ctx)
			var at time.Time
			var number string
			err := tx.QueryRowContext(ctx, `SELECT now(), 1.5::numeric`).Scan(&at, &number)
			if number != "1.5" || at.IsZero() {
				t.Errorf("%s: the application reads %v and %q", name, at, number)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// The application's statement fails, and its error is lost.
		err = inTx(t.Context(), func(ctx context.Context) error {
			tx, _ := s.Tx(ctx)
			tx.ExecContext(ctx, `SELECT 1/0`)
			return nil
		})
		if !errors.Is(err, pgx.ErrTxCommitRollback) {
			t.Errorf("%s: error %v, want %v", name, err, pgx.ErrTxCommitRollback)
		}
	}
	if list, err := s.Users(t.Context(), "", "", 9); err != nil || len(list) != 0 {
		t.Errorf("%d users, %v", len(list), err)
	}
}

// Without tables, and after a context has ended, a connection goes on to work.
func TestPipelineFails(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	s, err := postgres.Open(t.Context(), address, postgres.Connections(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	insert := func(ctx context.Context) error { return s.InsertUser(ctx, accounts.User{ID: "ann"}) }
	for _, inTx := range []func(context.Context, func(context.Context) error) error{s.InTx, s.InOptimisticTx} {
		if err := inTx(t.Context(), insert); !errors.Is(err, schema.ErrOlder) {
			t.Errorf("without tables: error %v, want %v", err, schema.ErrOlder)
		}
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(t.Context())
	err = s.InOptimisticTx(ctx, func(ctx context.Context) error {
		if err := insert(ctx); err != nil {
			return err
		}
		end()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if err := s.InOptimisticTx(t.Context(), insert); err != nil {
		t.Error(err)
	}
	if err := s.InOptimisticTx(t.Context(), insert); err == nil {
		t.Error("an ID that is used: no error")
	}
	if list, err := s.Users(t.Context(), "", "", 9); err != nil || len(list) != 1 {
		t.Errorf("%d users, %v", len(list), err)
	}
}
