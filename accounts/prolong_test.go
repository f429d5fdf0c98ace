package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// A prolongStore says when the use of a session was written, and can be slow or fail.
type prolongStore struct {
	accounts.Store
	wait  chan struct{} // nil: no write waits
	fails bool
	done  chan accounts.Session
}

func (s *prolongStore) ProlongSession(ctx context.Context, tenant string, hash [32]byte, seen, expires time.Time) error {
	if s.wait != nil {
		<-s.wait
	}
	if ends, ok := ctx.Deadline(); !ok || time.Until(ends) > 10*time.Second {
		s.done <- accounts.Session{} // no session is seen then
		return errors.New("the write may take for ever")
	}
	err := s.Store.ProlongSession(ctx, tenant, hash, seen, expires)
	if s.fails {
		err = errors.New("the disk is full")
	}
	s.done <- accounts.Session{LastSeenAt: seen, ExpiresAt: expires}
	return err
}

func prolongSite(t *testing.T, configure ...func(*accounts.Config)) (*site, *prolongStore) {
	store := &prolongStore{done: make(chan accounts.Session, 100)}
	s := newSite(t, "http", append(configure, func(c *accounts.Config) { store.Store, c.Store = c.Store, store })...)
	s.user(t, "matt@lp.com", "")
	return s, store
}

func (b *browser) logInFor(remember string) *browser {
	b.t.Helper()
	form := url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}, "remember": {remember}}
	if r := b.do("POST", "/login", form); r.status != http.StatusOK {
		b.t.Fatalf("%d %s", r.status, r.body)
	}
	return b
}

func (b *browser) signedIn() bool { return b.whoami().Email != "" }

func TestAccounts7_UseProlongsASession(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, tt := range []struct {
		name, remember string
		lifetime       time.Duration
		configure      func(*accounts.Config)
		max            time.Duration // 0: never
	}{
		{"by default", "", day, func(*accounts.Config) {}, 90 * day},
		{"remembered", "1", 30 * day, func(*accounts.Config) {}, 90 * day},
		{"as configured", "", time.Hour, func(c *accounts.Config) { c.SessionLifetime, c.SessionMax = time.Hour, 10*time.Hour }, 10 * time.Hour},
		{"remembered as configured", "1", 2 * day, func(c *accounts.Config) { c.RememberLifetime, c.SessionMax = 2*day, 7*day }, 7 * day},
		{"without a last day", "", day, func(c *accounts.Config) { c.SessionMax = -1 }, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, store := prolongSite(t, tt.configure)
			began := s.clock.Now()
			unused := s.browser(t).logInFor(tt.remember)
			b := s.browser(t).logInFor(tt.remember)
			for used := time.Duration(0); ; {
				step := tt.lifetime * 3 / 4
				if tt.max > 0 && used+step >= tt.max || tt.max == 0 && used > 200*day {
					break
				}
				s.clock.Advance(step)
				used += step
				if !b.signedIn() {
					t.Fatalf("after %v of use it has ended", used)
				}
				got := <-store.done
				ends := began.Add(used + tt.lifetime)
				if tt.max > 0 && used+tt.lifetime > tt.max {
					ends = began.Add(tt.max)
				}
				if !got.LastSeenAt.Equal(began.Add(used)) || !got.ExpiresAt.Equal(ends) {
					t.Fatalf("after %v: seen at %v, ends at %v, want %v", used, got.LastSeenAt, got.ExpiresAt, ends)
				}
			}
			if unused.signedIn() {
				t.Error("a session that nobody used goes on")
			}
			if tt.max == 0 {
				return
			}
			s.clock.Advance(began.Add(tt.max - 1).Sub(s.clock.Now()))
			if !b.signedIn() {
				t.Error("it ends before its last day")
			}
			s.clock.Advance(1)
			if b.signedIn() {
				t.Error("it goes on after its last day")
			}
		})
	}
}

func TestAccounts7_UseIsWrittenEveryFiveMinutes(t *testing.T) {
	t.Parallel()
	s, store := prolongSite(t)
	b := s.browser(t).logInFor("")
	for _, tt := range []struct {
		after  time.Duration
		writes int
	}{{0, 0}, {5*time.Minute - 1, 0}, {1, 1}, {0, 0}, {4 * time.Minute, 0}, {time.Minute, 1}} {
		s.clock.Advance(tt.after)
		if !b.signedIn() {
			t.Fatal("not signed in")
		}
		for range tt.writes {
			<-store.done
		}
		if n := len(store.done); n != 0 {
			t.Errorf("after %v more: %d writes too many", tt.after, n)
		}
	}
	ss, err := s.Sessions(t.Context(), s.userID(t))
	check(t, err)
	if len(ss) != 1 || !ss[0].LastSeenAt.Equal(s.clock.Now()) {
		t.Errorf("%+v", ss)
	}
}

// No request waits for the write, nor fails with it; and writes do not pile up.
func TestAccounts7_RequestsDoNotWaitForTheWrite(t *testing.T) {
	t.Parallel()
	s, store := prolongSite(t)
	store.wait, store.fails = make(chan struct{}), true
	b := s.browser(t).logInFor("")
	s.clock.Advance(5 * time.Minute)
	for range 30 {
		if !b.signedIn() {
			t.Fatal("not signed in")
		}
	}
	close(store.wait)
	for range 8 {
		<-store.done
	}
	if n := len(store.done); n != 0 {
		t.Errorf("%d writes beyond 8 at once", n)
	}
	until(t, func() bool {
		return strings.Count(s.log.String(), `a session was not prolonged" error="the disk is full"`) == 8
	})
	if !b.signedIn() {
		t.Error("not signed in")
	}
}

func TestRememberedCookieLastsAsLongAsUseProlongs(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for limit, want := range map[time.Duration]string{
		0: "Max-Age=7776000;", 7 * day: "Max-Age=604800;", 1000 * day: "Max-Age=34560000;", -1: "Max-Age=34560000;",
	} {
		s := newSite(t, "http", func(c *accounts.Config) { c.SessionMax = limit })
		s.user(t, "matt@lp.com", "")
		form := url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}, "remember": {"1"}}
		if r := s.browser(t).do("POST", "/login", form); !strings.Contains(r.header["Set-Cookie"][0], want) {
			t.Errorf("SessionMax %v: %q", limit, r.header["Set-Cookie"])
		}
	}
}

func TestShortSessionsAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	for _, set := range []func(*accounts.Config, time.Duration){
		func(c *accounts.Config, d time.Duration) { c.SessionLifetime = d },
		func(c *accounts.Config, d time.Duration) { c.RememberLifetime = d },
	} {
		for d, ok := range map[time.Duration]bool{10 * time.Minute: true, 10*time.Minute - 1: false, -1: false} {
			c := accounts.Config{Store: s.store, AppURL: "http://localhost"}
			set(&c, d)
			if _, err := accounts.New(c); (err == nil) != ok {
				t.Errorf("%v: %v", d, err)
			}
		}
	}
}

func (s *site) userID(t *testing.T) string {
	t.Helper()
	us, err := s.Users(t.Context(), "", 1)
	check(t, err)
	return us[0].ID
}
