package accounts_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// A hasty store does nothing for a request that has ended, as databases do.
type hastyStore struct{ accounts.Store }

func (s hastyStore) Attempt(ctx context.Context, a accounts.Attempt) (int, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return 0, time.Time{}, err
	}
	return s.Store.Attempt(ctx, a)
}

// Somebody who hangs up before the answer has guessed all the same.
func TestSecurity38_HangingUpSavesNoGuess(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = hastyStore{c.Store} })
	s.user(t, "matt@lp.com", "matt")
	var hangUp atomic.Pointer[context.CancelFunc]
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			if cancel := hangUp.Load(); cancel != nil {
				(*cancel)()
			}
			return derive(p, salt, time, memory, threads, length)
		}
	})
	for i := range 12 {
		ctx, cancel := context.WithCancel(t.Context())
		hangUp.Store(&cancel)
		r := httptest.NewRequest("POST", "/login", nil).WithContext(ctx)
		err := s.LogIn(httptest.NewRecorder(), r, "matt@lp.com", "wrong password", false)
		cancel()
		if throttled := new(accounts.ThrottledError); i < 10 != errors.Is(err, accounts.ErrCredentials) || i >= 10 != errors.As(err, &throttled) {
			t.Errorf("guess %d: %v", i, err)
		}
	}
	hangUp.Store(nil)
	if r := s.browser(t).logIn("matt@lp.com", password); r.status != 429 {
		t.Errorf("the right password after ten guesses: %d", r.status)
	}
}

// A burst hashes no more passwords than it may guess, for an account that exists and
// for one that does not.
func TestSecurity38_ABurstHashesNoMoreThanItMayGuess(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http").hashAsServed()
	s.user(t, "matt@lp.com", "matt")
	var hashes atomic.Int32
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			hashes.Add(1)
			return derive(p, salt, time, memory, threads, length)
		}
	})
	for _, login := range []string{"matt@lp.com", "missing@lp.com"} {
		hashes.Store(0)
		var group sync.WaitGroup
		for range 40 {
			group.Go(func() {
				if r := s.browser(t).logIn(login, "wrong password"); r.status != 401 && r.status != 429 {
					t.Errorf("%s: %d", login, r.status)
				}
			})
		}
		group.Wait()
		if n := hashes.Load(); n != 10 {
			t.Errorf("%s: %d passwords were hashed for 10 guesses", login, n)
		}
	}
	if n := s.Queues(); n != 0 {
		t.Errorf("%d queues are left", n)
	}
}
