package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/vault"
)

// Connections that are made at once stand one behind the other.
func TestRanksOfParallelInserts(t *testing.T) {
	t.Parallel()
	const n = 30
	ranks := make([]int, n)
	errs := twoProcesses(t, n, func(s *sqlstore.Store, i int) (err error) {
		c := vault.Connection{ID: fmt.Sprint(i), UserID: "user", ProviderID: "google", ProviderUserID: fmt.Sprint(i), Rank: -1}
		ranks[i], err = s.Insert(t.Context(), c, []byte("x"))
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(ranks)
	for i, rank := range ranks {
		if rank != i {
			t.Fatalf("the ranks are %v", ranks)
		}
	}
}

// Two transactions that wait for each other: the database undoes one, and that is
// done again.
func TestDeadlockIsTriedAgain(t *testing.T) {
	t.Parallel()
	var once sync.Once
	var met sync.WaitGroup
	met.Add(2)
	calls := make([]int, 2)
	errs := twoProcesses(t, 2, func(s *sqlstore.Store, i int) error {
		once.Do(func() {
			for _, id := range []string{"0", "1"} {
				if err := s.InsertUser(t.Context(), accounts.User{ID: id}); err != nil {
					t.Error(err)
				}
			}
		})
		return s.InTx(t.Context(), func(ctx context.Context) error {
			calls[i]++
			if err := s.TrackLogin(ctx, fmt.Sprint(i), time.Now(), "x"); err != nil {
				return err
			}
			if calls[i] == 1 {
				met.Done()
				met.Wait()
			}
			return s.TrackLogin(ctx, fmt.Sprint(1-i), time.Now(), "x")
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if calls[0]+calls[1] < 3 {
		t.Errorf("the transactions were called %v times: they did not meet", calls)
	}
}

type conflict struct{}

func (conflict) Error() string    { return "could not serialize access" }
func (conflict) SQLState() string { return "40001" }

// What never succeeds ends, and so does waiting when the context ends.
func TestTryingAgainEnds(t *testing.T) {
	t.Parallel()
	s := open(t, server.URL(t))
	calls := 0
	err := s.InTx(t.Context(), func(context.Context) error { calls++; return conflict{} })
	if !errors.Is(err, conflict{}) || calls < 5 || calls > 20 {
		t.Errorf("called %d times: %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	err = s.InTx(ctx, func(context.Context) error { calls++; cancel(); return conflict{} })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("after the end called %d times: %v", calls, err)
	}
}

// An error that a contract names leaves the transaction as it was.
func TestTransactionOutlivesConflicts(t *testing.T) {
	t.Parallel()
	s := open(t, server.URL(t))
	want := func(err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("error %v, want %v", err, want)
		}
	}
	want(s.InsertUser(t.Context(), accounts.User{ID: "1", Email: "a@example.com", Username: "ann"}), nil)
	want(s.InTx(t.Context(), func(ctx context.Context) error {
		want(s.InsertUser(ctx, accounts.User{ID: "2", Email: "A@example.com"}), accounts.ErrEmailTaken)
		want(s.InsertUser(ctx, accounts.User{ID: "2", Username: "Ann"}), accounts.ErrUsernameTaken)
		want(s.InsertUser(ctx, accounts.User{ID: "2", Email: "b@example.com"}), nil)
		u, err := s.UserByID(ctx, "2")
		want(err, nil)
		u.Email = "a@example.com"
		want(s.UpdateUser(ctx, u), accounts.ErrEmailTaken)
		want(s.InsertSession(ctx, accounts.Session{UserID: "nobody"}), accounts.ErrNoUser)
		want(s.GrantRole(ctx, "2", "nothing"), accounts.ErrNoRole)
		return nil
	}), nil)
	_, err := s.UserByID(t.Context(), "2")
	want(err, nil)
}

// Providers and browsers send anything; it comes back byte for byte, and two
// identities stay two.
func TestTextsOfAnyBytes(t *testing.T) {
	t.Parallel()
	s := open(t, server.URL(t))
	for i, text := range []string{"\x00", "a\x00b", "\xff\xfe", "é"[:1], "1,2,", "\x1a", "\x1a00", "\x1a\x1a1", "\ufffd", "x\x1a4", "\u2028\x1a"} {
		c := vault.Connection{ID: fmt.Sprint(i), UserID: text, ProviderID: text, ProviderUserID: text, DisplayName: text,
			FullName: text + text, Email: text, Scopes: []string{text, text}, LastError: text, Version: 1}
		if _, err := s.Insert(t.Context(), c, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got, err := s.ByIdentity(t.Context(), text, text)
		if err != nil || !reflect.DeepEqual(got, c) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
		p := vault.Parcel{ID: text, Purpose: text, Sealed: []byte(text), Expires: time.UnixMicro(2).UTC()}
		if err := s.PutParcel(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if got, err := s.TakeParcel(t.Context(), text, time.UnixMicro(1)); err != nil || !reflect.DeepEqual(got, p) {
			t.Errorf("%q came back as %+v, %v", text, got, err)
		}
	}
}

// Expired rows go in steps, also where two processes clean at once.
func TestClean(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	s := open(t, url)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	if err := s.InsertUser(t.Context(), accounts.User{ID: "user"}); err != nil {
		t.Fatal(err)
	}
	const n = 12000
	expiry := fmt.Sprintf("%d + CASE WHEN i %% 3 = 0 THEN 1 ELSE 0 END", now.UnixMicro())
	run(t, url, fmt.Sprintf(`INSERT INTO social_claims SELECT sha256(i::text::bytea), %s FROM generate_series(1, %d) i`, expiry, n))
	run(t, url, fmt.Sprintf(`INSERT INTO social_attempts SELECT chr(26) || '00' || i, 1, %s FROM generate_series(1, %d) i`, expiry, n))
	run(t, url, fmt.Sprintf(`INSERT INTO social_sessions SELECT sha256(i::text::bytea), 'user', 0, %s, 0, 0, '', '', '' FROM generate_series(1, %d) i`, expiry, n))
	stores := []*sqlstore.Store{s, open(t, url)}
	cleaned := make(chan int, len(stores))
	for _, s := range stores {
		go func() {
			n, err := s.Clean(t.Context(), now)
			if err != nil {
				t.Error(err)
			}
			cleaned <- n
		}()
	}
	if total := <-cleaned + <-cleaned; total != 3*n*2/3 {
		t.Errorf("cleaned %d rows, want %d", total, 3*n*2/3)
	}
	if n, err := s.Clean(t.Context(), now.Add(time.Second)); err != nil || n != 12000 {
		t.Errorf("cleaned %d rows, %v, want the other %d", n, err, 12000)
	}
}

// While one process cleans, another has nothing to do, and does not wait.
func TestOneCleanerAtATime(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	s, other := open(t, url), open(t, url)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, id := range []string{"a", "b"} {
		p := vault.Parcel{ID: id, Purpose: "signup", Expires: now.Add(-2 * time.Hour)}
		if err := s.PutParcel(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	cleaned := make(chan int, 1)
	// The first cleaner waits for a row that somebody holds.
	err := other.InTx(t.Context(), func(ctx context.Context) error {
		if err := other.DeferParcel(ctx, "a", now); err != nil {
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
	s := open(t, server.URL(t), postgres.ThroughPooler(), postgres.Connections(1))
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
