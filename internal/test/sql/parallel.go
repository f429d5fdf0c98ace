package sql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// Connections that are made at once get ranks one after the other.
func ranks(t *testing.T, d Database) {
	two := d.two(t)
	const n = 30
	given := make([]int, n)
	errs := two.atOnce(n, func(s *sqlstore.Store, i int) (err error) {
		c := vault.Connection{ID: fmt.Sprint(i), UserID: "user", ProviderID: "google", ProviderUserID: fmt.Sprint(i), Rank: -1}
		given[i], err = s.Insert(t.Context(), c, []byte("x"))
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	slices.Sort(given)
	for i, rank := range given {
		if rank != i {
			t.Fatalf("the ranks are %v", given)
		}
	}
}

// Of two transactions that wait for each other the database undoes one. That one is
// done again, from the beginning and with the same arguments, whatever its function
// made of the error.
func deadlock(t *testing.T, d Database) {
	two := d.two(t)
	users := []string{"0\x1a\xff", "1\x1a\xff"}
	for _, id := range users {
		if err := two[0].InsertUser(t.Context(), accounts.User{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, what := range []string{"returned", "reworded", "swallowed"} {
		swallow := what == "swallowed"
		var met sync.WaitGroup
		met.Add(2)
		calls, reports := make([]int, 2), make([]int, 2)
		before := logins(t, two[0], users)
		errs := two.atOnce(2, func(s *sqlstore.Store, i int) error {
			return s.InTx(t.Context(), func(ctx context.Context) error {
				calls[i]++
				s.AfterTx(ctx, func(context.Context, bool) { reports[i]++ })
				if err := s.TrackLogin(ctx, accounts.TrackedLogin{UserID: users[i], Version: 1, At: time.Now(), Address: "x"}); err != nil {
					return err
				}
				if calls[i] == 1 {
					met.Done()
					met.Wait()
				}
				err := s.TrackLogin(ctx, accounts.TrackedLogin{UserID: users[1-i], Version: 1, At: time.Now(), Address: "x"})
				if swallow {
					if _, read := s.UserByID(ctx, "", users[i]); err != nil && read == nil {
						t.Error("a transaction that is over is read in")
					}
					s.TrackLogin(ctx, accounts.TrackedLogin{UserID: users[i], Version: 1, At: time.Now(), Address: "must not be done alone"})
					return nil
				}
				if err != nil && what == "reworded" {
					return errors.New("the log-in was not tracked")
				}
				return err
			})
		})
		if err := errors.Join(errs...); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if calls[0]+calls[1] < 3 {
			t.Errorf("%s: the transactions were called %v times: they did not meet", what, calls)
		}
		if reports[0] != 1 || reports[1] != 1 {
			t.Errorf("%s: the ends of the transactions were reported %v times, want once each", what, reports)
		}
		want := before + 4
		if swallow {
			want += 2
		}
		if got := logins(t, two[0], users); got != want {
			t.Errorf("%s: %d log-ins were tracked, want %d", what, got-before, want-before)
		}
	}
}

func logins(t *testing.T, s *sqlstore.Store, users []string) (n int64) {
	t.Helper()
	for _, id := range users {
		u, err := s.UserByID(t.Context(), "", id)
		if err != nil {
			t.Fatal(err)
		}
		n += u.Login.Count
	}
	return n
}

// A transaction that never succeeds is given up, and so is one whose context ends.
func tryingAgainEnds(t *testing.T, d Database) {
	s := d.migrated(t)
	for _, conflict := range d.Retry {
		givenUp(t, s, conflict)
	}
}

func givenUp(t *testing.T, s *sqlstore.Store, conflict error) {
	t.Helper()
	calls := 0
	err := s.InTx(t.Context(), func(context.Context) error { calls++; return conflict })
	if !errors.Is(err, conflict) || calls < 5 || calls > 20 {
		t.Errorf("called %d times: %v", calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	calls = 0
	err = s.InTx(ctx, func(context.Context) error { calls++; cancel(); return conflict })
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("after the end called %d times: %v", calls, err)
	}
}
