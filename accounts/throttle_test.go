package accounts_test

import (
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// beside starts another site on the same store, as another process does.
func (s *site) beside(t *testing.T) *site {
	t.Helper()
	return newSite(t, "http", func(c *accounts.Config) { c.Store, c.Now = s.store, s.clock.Now }).hashAsServed()
}

// Processes that share a store share the limits exactly.
func TestSecurity38_ProcessesAreThrottledTogether(t *testing.T) {
	t.Parallel()
	first := newSite(t, "http").hashAsServed()
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

// The right password is refused when other processes have counted ten wrong ones for
// the account or the network while it was hashed.
func TestSecurity38_RightGuessComesTooLate(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		network int // its limit
		login   func(i int) string
	}{
		"account": {100, func(int) string { return "matt@lp.com" }},
		"network": {10, func(i int) string { return fmt.Sprintf("user-%d@lp.com", i) }},
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
								t.Errorf("a wrong password: %d", r.status)
							}
						}
					})
					return derive(password, salt, time, memory, threads, keyLen)
				}
			})
			b := s.browser(t)
			if r := b.logIn("matt@lp.com", password); r.status != 429 || len(r.header["Set-Cookie"]) > 0 {
				t.Errorf("the right password: %d", r.status)
			}
			if r := b.logIn("matt@lp.com", password); r.status != 429 {
				t.Errorf("once more: %d", r.status)
			}
		})
	}
}

func TestSecurity38_AccountIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http").hashAsServed()
	s.user(t, "matt@lp.com", "matt")
	// Users that exist and users that do not, in a burst.
	for _, login := range []string{"matt@lp.com", "missing@lp.com", "missing"} {
		var refused, throttled atomic.Int32
		var group sync.WaitGroup
		for i := range 40 {
			group.Go(func() {
				switch r := s.browser(t).logIn(login, "wrong password", "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", i)); r.status {
				case 401:
					refused.Add(1)
				case 429:
					throttled.Add(1)
					if r.header.Get("Retry-After") != "900" {
						t.Errorf("Retry-After: %s", r.header.Get("Retry-After"))
					}
				default:
					t.Errorf("%s: %d", login, r.status)
				}
			})
		}
		group.Wait()
		if refused.Load() != 10 || throttled.Load() != 30 {
			t.Errorf("%s: %d guesses, %d throttled", login, refused.Load(), throttled.Load())
		}
	}
	b := s.browser(t)
	if r := b.logIn("MATT@lp.com", password); r.status != 429 {
		t.Errorf("the right password after 10 wrong ones: %d", r.status)
	}
	s.clock.Advance(15 * time.Minute)
	for range 9 {
		b.logIn("matt@lp.com", "wrong password")
	}
	if r := b.logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("after 9 wrong ones: %d", r.status)
	}
	for range 9 {
		b.logIn("matt@lp.com", "wrong password")
	}
	if r := b.logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("a success does not clear the count: %d", r.status)
	}
}

func TestSecurity38_NetworkIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Throttle.NetworkLogins = accounts.Limit{Count: 3, Per: time.Minute}
		c.Throttle.NetworkRegistrations = accounts.Limit{Count: 3, Per: time.Minute}
	})
	b := s.browser(t)
	n := 0
	fail := func(from string) int {
		n++
		return b.logIn(fmt.Sprintf("missing%d", n), "wrong password", "X-Forwarded-For", from).status
	}
	register := func(from string) int {
		n++
		return b.do("POST", "/register", url.Values{"email": {fmt.Sprintf("n%d@lp.com", n)}}, "X-Forwarded-For", from).status
	}
	for _, try := range []struct {
		name string
		do   func(string) int
		ok   int
	}{{"log-in", fail, 401}, {"registration", register, 200}} {
		for i := range 3 {
			if got := try.do(fmt.Sprintf("2001:db8:1:2::%d", i)); got != try.ok {
				t.Errorf("%s %d: %d", try.name, i, got)
			}
		}
		for from, want := range map[string]int{
			"2001:db8:1:2:ffff::1":            429, // the same /64
			"192.0.2.7, 2001:db8:1:2:ffff::1": 429, // what the client wrote itself counts for nothing
			"2001:db8:1:3::1":                 try.ok,
			"192.0.2.1":                       try.ok,
			// Translated from IPv4 (RFC 6052): each is an address of its own.
			"64:ff9b::192.0.2.5": try.ok,
			"64:ff9b::192.0.2.6": try.ok,
			"64:ff9b::192.0.2.7": try.ok,
			"64:ff9b::192.0.2.8": try.ok,
		} {
			if got := try.do(from); got != want {
				t.Errorf("%s from %s: %d", try.name, from, got)
			}
		}
	}
	s.clock.Advance(time.Minute)
	if got := register("2001:db8:1:2::1"); got != 200 {
		t.Errorf("in the next window: %d", got)
	}
}

// What is counted: guesses of a name in any case, each kind for itself, and the answer
// says how long to wait.
func TestSecurity38_WhatIsThrottled(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) {
		quarter := 15 * time.Minute
		c.Throttle.AccountLogins, c.Throttle.NetworkLogins = accounts.Limit{Count: 2, Per: quarter}, accounts.Limit{Count: 4, Per: quarter}
		c.Throttle.NetworkFlows = accounts.Limit{Count: 1, Per: quarter}
	})
	headers := []string{"X-Forwarded-For", client}
	b := s.browser(t)
	refused := func(limit, login string, wait time.Duration) {
		t.Helper()
		es.list = nil
		if r := b.logIn(login, "wrong", headers...); r.status != 429 || r.header.Get("Retry-After") != fmt.Sprint(int(wait.Seconds())) {
			t.Errorf("%s: %d, Retry-After %s, want %v", login, r.status, r.header.Get("Retry-After"), wait)
		}
		es.want(t, login, accounts.Throttled{Limit: limit, Address: client, RetryAfter: wait})
	}
	for _, login := range []string{"Missing@LP.com", "missing@lp.com"} {
		if r := b.logIn(login, "wrong", headers...); r.status != 401 {
			t.Errorf("%s: %d", login, r.status)
		}
	}
	for _, wait := range []struct{ passed, want time.Duration }{
		{0, 15 * time.Minute},
		{400 * time.Millisecond, 15 * time.Minute},
		{200 * time.Millisecond, 15*time.Minute - time.Second},
		{15*time.Minute - 2*time.Second, time.Second},
		{time.Second, time.Second},
	} {
		s.clock.Advance(wait.passed)
		refused("AccountLogins", "MISSING@lp.com", wait.want)
	}
	s.clock.Advance(15 * time.Minute)
	for i := range 4 {
		b.logIn(fmt.Sprintf("missing%d", i), "wrong", headers...)
	}
	refused("NetworkLogins", "another", 15*time.Minute)
	// Flows of the network are counted by themselves.
	check(t, s.BeginFlow(from(client), identity.FlowBegins))
	es.list = nil
	if err := s.BeginFlow(from(client), identity.FlowBegins); err == nil {
		t.Error("a second flow")
	}
	es.want(t, "flows", accounts.Throttled{Limit: "NetworkFlows", Address: client, RetryAfter: 15 * time.Minute})
}
