package mysql_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// A statement that waited too long for a lock is tried again, with the same arguments.
func TestLockWaitIsTriedAgain(t *testing.T) {
	t.Parallel()
	url := databases.URL(t)
	holder, waiter := open(t, url), open(t, url+"?innodb_lock_wait_timeout=1")
	const user = "user\x1a\xff"
	if err := holder.InsertUser(t.Context(), accounts.User{ID: user}); err != nil {
		t.Fatal(err)
	}
	held, waited := make(chan struct{}), make(chan error, 1)
	go func() {
		<-held
		waited <- waiter.TrackLogin(t.Context(), accounts.TrackedLogin{UserID: user, Version: 1, At: time.Now(), Address: "the waiter"})
		close(waited)
	}()
	err := holder.InTx(t.Context(), func(ctx context.Context) error {
		if err := holder.TrackLogin(ctx, accounts.TrackedLogin{UserID: user, Version: 1, At: time.Now(), Address: "the holder"}); err != nil {
			return err
		}
		close(held)
		select {
		case err := <-waited:
			return fmt.Errorf("the waiter did not wait: %v", err)
		case <-time.After(2500 * time.Millisecond):
			return nil
		}
	})
	if err := errors.Join(err, <-waited); err != nil {
		t.Fatal(err)
	}
	if u, err := holder.UserByID(t.Context(), "", user); err != nil || u.Login.Count != 2 {
		t.Errorf("%d log-ins, %v, want 2", u.Login.Count, err)
	}
}

// A name that reads like an error is not taken for one.
func TestNamesAreNoErrors(t *testing.T) {
	t.Parallel()
	s, calls := open(t, databases.URL(t)), 0
	err := s.InTx(t.Context(), func(context.Context) error {
		calls++
		return errors.New("the username Error 1213 (40001): me is taken")
	})
	if err == nil || calls != 1 {
		t.Errorf("called %d times, %v", calls, err)
	}
}
