package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// twoProcesses opens one database twice and calls f n times at once, in turns on
// either store.
func twoProcesses(t *testing.T, n int, f func(s *sqlstore.Store, i int) error) []error {
	t.Helper()
	url := server.URL(t)
	return atOnce([]*sqlstore.Store{open(t, url), open(t, url)}, n, f)
}

func atOnce(stores []*sqlstore.Store, n int, f func(s *sqlstore.Store, i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var done sync.WaitGroup
	for i := range n {
		done.Go(func() {
			<-begin
			errs[i] = f(stores[i%2], i)
		})
	}
	close(begin)
	done.Wait()
	return errs
}

func wantOneWinner(t *testing.T, errs []error, lost error) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		if err == nil {
			winners++
		} else if !errors.Is(err, lost) {
			t.Errorf("error %v, want %v", err, lost)
		}
	}
	if winners != 1 {
		t.Errorf("%d calls succeeded, want 1", winners)
	}
}

func TestSecurity02_StateIsClaimedOnce(t *testing.T) {
	t.Parallel()
	now := time.Now()
	errs := twoProcesses(t, 20, func(s *sqlstore.Store, _ int) error {
		return s.Claim(t.Context(), []byte("state"), now, now.Add(10*time.Minute))
	})
	wantOneWinner(t, errs, vault.ErrClaimed)
}

func TestSecurity35_FiftyFirstLoginsMakeOneUser(t *testing.T) {
	t.Parallel()
	var store *sqlstore.Store
	var mu sync.Mutex
	errs := twoProcesses(t, 50, func(s *sqlstore.Store, i int) error {
		mu.Lock()
		store = s
		mu.Unlock()
		return s.InTx(t.Context(), func(ctx context.Context) error {
			id := fmt.Sprintf("user-%02d", i)
			if err := s.InsertUser(ctx, accounts.User{ID: id, Email: id + "@example.com"}); err != nil {
				return err
			}
			_, err := s.Insert(ctx, vault.Connection{ID: id, UserID: id, ProviderID: "google", ProviderUserID: "1"}, []byte("x"))
			return err
		})
	})
	wantOneWinner(t, errs, vault.ErrTaken)
	users, err := store.Users(t.Context(), "", 100)
	if err != nil || len(users) != 1 {
		t.Errorf("%d users, %v, want 1", len(users), err)
	}
	if c, err := store.ByIdentity(t.Context(), "google", "1"); err != nil || c.UserID != users[0].ID {
		t.Errorf("the connection is %s's, %v", c.UserID, err)
	}
}

func TestSecurity36_ParallelRemovalsKeepALogin(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	stores := []*sqlstore.Store{open(t, url), open(t, url)}
	for i := range 30 {
		user := fmt.Sprint("user", i)
		insertFor(t, stores[0], user, "google")
		insertFor(t, stores[0], user, "facebook")
		errs := atOnce(stores, 2, func(s *sqlstore.Store, i int) error {
			_, err := s.Remove(t.Context(), vault.Removal{UserID: user, ProviderID: []string{"google", "facebook"}[i],
				KeepLogin: []string{"google", "facebook"}})
			return err
		})
		wantOneWinner(t, errs, vault.ErrLastLogin)
	}
}

func insertFor(t *testing.T, s *sqlstore.Store, userID, providerID string) {
	t.Helper()
	c := vault.Connection{ID: userID + providerID, UserID: userID, ProviderID: providerID, ProviderUserID: userID}
	if _, err := s.Insert(t.Context(), c, []byte("x")); err != nil {
		t.Error(err)
	}
}
