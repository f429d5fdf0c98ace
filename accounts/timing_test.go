package accounts_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/secret"
)

func TestSecurity38_UnknownAndKnownAnswerAlike(t *testing.T) {
	t.Parallel()
	type work struct {
		time, memory, length uint32
		threads              uint8
	}
	var mu sync.Mutex
	var done []work
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Throttle.AccountLogins.Count = -1
		c.Store = strictStore{c.Store}
	})
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			mu.Lock()
			done = append(done, work{time, memory, length, threads})
			mu.Unlock()
			return derive(p, salt, time, memory, threads, length)
		}
	})
	s.user(t, "matt@lp.com", "matt")
	if _, err := s.Create(t.Context(), accounts.NewUser{Email: "social@lp.com"}); err != nil {
		t.Fatal(err)
	}
	off := s.user(t, "off@lp.com", "")
	check(t, s.SetActive(t.Context(), off.ID, false))

	done = nil
	b := s.browser(t)
	first := b.logIn("matt@lp.com", "wrong password")
	if first.status != 401 || len(done) != 1 {
		t.Fatalf("%d, %d hashes", first.status, len(done))
	}
	for _, login := range []string{"matt", "missing@lp.com", "missing", "social@lp.com", "off@lp.com", "", "@", "a\x00b", "\xff@lp.com", strings.Repeat("x", 10_000)} {
		r := b.logIn(login, "wrong password")
		if r.status != first.status || r.body != first.body || len(r.header["Set-Cookie"]) != 0 {
			t.Errorf("%.20q: %d %s", login, r.status, r.body)
		}
	}
	for _, p := range []secret.Text{"", "\x00", secret.Text(strings.Repeat("x", 100_000))} {
		for _, login := range []string{"matt@lp.com", "social@lp.com"} {
			if r := b.logIn(login, p); r.status != first.status || r.body != first.body {
				t.Errorf("%d bytes: %d %s", len(p), r.status, r.body)
			}
		}
	}
	for _, w := range done {
		if w != done[0] {
			t.Errorf("hashing %+v differs from %+v", w, done[0])
		}
	}
	if log := s.log.String(); log != "" {
		t.Errorf("log: %s", log)
	}
	if want := 1 + 10 + 3*2; len(done) != want {
		t.Errorf("%d hashes for %d log-ins", len(done), want)
	}
}

// Behind a log-in in vain the same work is done for every kind of account, at the store as
// with hashes, also where addresses are confirmed.
func TestSecurity38_LogInsWorkAlike(t *testing.T) {
	t.Parallel()
	for _, configure := range []func(*accounts.Config){func(*accounts.Config) {}, confirming} {
		s := newMailSite(t, configure, func(c *accounts.Config) { c.Throttle.AccountLogins.Count, c.Throttle.NetworkLogins.Count = -1, -1 })
		first := ""
		for what, address := range s.kinds(t) {
			for range 3 {
				did := s.calls.during(func() { wantStatus(t, what, s.browser(t).logIn(address, "wrong password"), 401) })
				if first == "" {
					first = did
				}
				if did != first || strings.Count(did, "hash") != 1 {
					t.Errorf("%s: it did %s, want %s", what, did, first)
				}
			}
		}
	}
}

// A strictStore refuses texts that PostgreSQL refuses, and names that no user has.
type strictStore struct{ accounts.Store }

func (s strictStore) check(name string) error {
	if name == "" || !utf8.ValidString(name) || strings.Contains(name, "\x00") {
		return errors.New("invalid byte sequence")
	}
	return nil
}

func (s strictStore) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	if err := s.check(id); err != nil {
		return accounts.User{}, err
	}
	return s.Store.UserByID(ctx, tenant, id)
}

func (s strictStore) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	if err := s.check(email); err != nil {
		return accounts.User{}, err
	}
	return s.Store.UserByEmail(ctx, tenant, email)
}

func (s strictStore) UserByUsername(ctx context.Context, tenant, username string) (accounts.User, error) {
	if err := s.check(username); err != nil {
		return accounts.User{}, err
	}
	return s.Store.UserByUsername(ctx, tenant, username)
}
