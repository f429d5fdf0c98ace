package accounts_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// beside is a site on the same store, as another process would be.
func (s *site) beside(t *testing.T) *site {
	t.Helper()
	return newSite(t, "http", func(c *accounts.Config) { c.Store, c.Now = s.store, s.clock.Now })
}

// Processes that share a store share the limits, to the last guess.
func TestSecurity38_ProcessesAreThrottledTogether(t *testing.T) {
	t.Parallel()
	first := newSite(t, "http")
	first.user(t, "matt@lp.com", "matt")
	sites := []*site{first, first.beside(t), first.beside(t), first.beside(t)}
	var refused, throttled atomic.Int32
	var group sync.WaitGroup
	for i := range 80 {
		group.Go(func() {
			b := sites[i%len(sites)].browser(t)
			switch r := b.logIn("matt@lp.com", "wrong password", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i)); r.status {
			case 401:
				refused.Add(1)
			case 429:
				throttled.Add(1)
			default:
				t.Errorf("status %d", r.status)
			}
		})
	}
	group.Wait()
	if refused.Load() != 10 || throttled.Load() != 70 {
		t.Errorf("%d guesses, %d throttled", refused.Load(), throttled.Load())
	}
}

// The right password is too late when another process has seen ten wrong ones
// since it came, of its account or from its network.
func TestSecurity38_RightGuessComesTooLate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		network int // its limit
		login   func(i int) string
	}{
		"account": {100, func(int) string { return "matt@lp.com" }},
		"network": {10, func(i int) string { return fmt.Sprintf("somebody-%d@lp.com", i) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := func(c *accounts.Config) {
				c.Throttle.NetworkLogins = accounts.Limit{Count: tt.network, Per: 15 * time.Minute}
			}
			s := newSite(t, "http", limit)
			s.user(t, "matt@lp.com", "matt")
			other := newSite(t, "http", limit, func(c *accounts.Config) { c.Store, c.Now = s.store, s.clock.Now })
			var once sync.Once
			s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
				return func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte {
					once.Do(func() {
						for i := range 10 {
							if r := other.browser(t).logIn(tt.login(i), "wrong password"); r.status != 401 {
								t.Errorf("a wrong one: %d", r.status)
							}
						}
					})
					return derive(password, salt, time, memory, threads, keyLen)
				}
			})
			b := s.browser(t)
			if r := b.logIn("matt@lp.com", password); r.status != 429 || len(r.header["Set-Cookie"]) > 0 {
				t.Errorf("the right one: %d", r.status)
			}
			if r := b.logIn("matt@lp.com", password); r.status != 429 {
				t.Errorf("once more: %d", r.status)
			}
		})
	}
}
