package social_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// A lookedAt store says when an identity is looked up, before it is.
type lookedAt struct {
	vault.Store
	mu   sync.Mutex
	at   []time.Time
	look func(n int) error // nil: nothing happens at the n-th
}

func (s *lookedAt) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	s.mu.Lock()
	s.at = append(s.at, time.Now())
	n := len(s.at)
	s.mu.Unlock()
	if s.look != nil {
		if err := s.look(n); err != nil {
			return vault.Connection{}, err
		}
	}
	return s.Store.ByIdentity(ctx, i)
}

// A lookedAtTx is one with transactions that keep nothing apart.
type lookedAtTx struct{ *lookedAt }

func (s lookedAtTx) InTx(ctx context.Context, f func(ctx context.Context) error) error { return f(ctx) }

// registers are users whose Register the test decides.
type registers struct {
	*accounts.Accounts
	register func(ctx context.Context, r identity.Registration) (string, error)
	signIn   func() error
}

func (u registers) Register(ctx context.Context, r identity.Registration) (string, error) {
	return u.register(ctx, r)
}

func (u registers) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	if u.signIn != nil {
		if err := u.signIn(); err != nil {
			return err
		}
	}
	return u.Accounts.SignIn(w, r, in)
}

// Of two first log-ins of one identity the second signs in to the account that the
// first has made, wherever they meet.
func TestSecurity35_TheSecondFirstLogInSignsIn(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		tx   bool
		at   int                                                                   // the look at which the other's connection is there; 0: Register makes it
		then func(acc *accounts.Accounts, r identity.Registration) (string, error) // what becomes of Register
	}{
		"its connection is there when this one is made": {false, 0, func(acc *accounts.Accounts, r identity.Registration) (string, error) {
			return acc.Register(context.Background(), r)
		}},
		"its registration was one too many": {false, 0, func(*accounts.Accounts, identity.Registration) (string, error) { return "", tooMany{} }},
		"the same in transactions":          {true, 0, func(*accounts.Accounts, identity.Registration) (string, error) { return "", tooMany{} }},
		"the address is taken":              {false, 0, func(*accounts.Accounts, identity.Registration) (string, error) { return "", refusedField{true} }},
		"the same with transactions":        {true, 0, func(*accounts.Accounts, identity.Registration) (string, error) { return "", refusedField{true} }},
		"the address is taken, and the connection comes later": {false, 6, func(*accounts.Accounts, identity.Registration) (string, error) {
			return "", refusedField{true}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			looked := &lookedAt{}
			var s *site
			var other string
			s = open(t, auto, func(c *social.Config) {
				looked.Store, c.Connections = c.Connections, looked
				if tc.tx {
					c.Connections = lookedAtTx{looked}
				}
				acc := c.Users.(*accounts.Accounts)
				registered := false
				c.Users = registers{acc, func(_ context.Context, r identity.Registration) (string, error) {
					if tc.at == 0 && !registered {
						s.connected(other, s.acme, "1")
					}
					registered = true
					return tc.then(acc, r)
				}, nil}
			})
			other = s.user("joe@lp.com")
			looked.look = func(n int) error {
				if n == tc.at {
					s.connected(other, s.acme, "1")
				}
				return nil
			}
			s.acme.set(email("new@lp.com", true))
			b := s.browser()
			b.ends(t, b.flow("/login/acme", "1"), ending{303, "/profile", "", "login_completed"})
			if b.whoami() != other || len(s.rows(other)) != 1 {
				t.Errorf("signed in as %q", b.whoami())
			}
		})
	}
}

// An address that another account has is no reason to wait where an account is seen
// together with its connection. Elsewhere the connection may come half a second later.
func TestTakenAddressIsWaitedForWithoutTransactionsAlone(t *testing.T) {
	t.Parallel()
	for _, tx := range []bool{true, false} {
		looked := &lookedAt{}
		s := open(t, auto, func(c *social.Config) {
			looked.Store, c.Connections = c.Connections, looked
			if tx {
				c.Connections = lookedAtTx{looked}
			}
		})
		s.user("matt@lp.com")
		s.acme.set(email("matt@lp.com", true))
		b := s.browser()
		b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login?signup=ID", signInFirst, "login_failed"})
		first, last := looked.at[0], looked.at[len(looked.at)-1]
		if tx && len(looked.at) != 2 || !tx && (len(looked.at) < 10 || last.Sub(first) < 450*time.Millisecond) {
			t.Errorf("with transactions %t: %d looks in %v", tx, len(looked.at), last.Sub(first))
		}
	}
}

// An account that another identity is being linked to is waited for, as long as that
// may take.
func TestLinkWaitsForAnotherOne(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var began time.Time
	s, store := openBroken(t, linking)
	store.ask(func(_ context.Context, call string) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case call == "ByUser" && began.IsZero(): // it is decided to link
			began = time.Now()
		case call == "Claim" && !began.IsZero() && time.Since(began) < 500*time.Millisecond:
			return vault.ErrClaimed
		}
		return nil
	})
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/profile", "", "connection_created login_completed"})
	if b.whoami() != matt {
		t.Errorf("signed in as %q", b.whoami())
	}
}

// A refusal is not tried again, and a store that fails to find an identity's user does not
// count as having found none.
func TestLogInsThatAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	calls := 0
	s := open(t, func(c *social.Config) {
		c.Users = registers{Accounts: c.Users.(*accounts.Accounts), signIn: func() error { calls++; return tooMany{} }}
	})
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	if a := s.browser().flow("/login/acme", "1"); a.status != http.StatusTooManyRequests || calls != 1 {
		t.Errorf("%d, asked %d times", a.status, calls)
	}

	// A registration that failed, and was not refused because of others, is not waited for.
	failed := &lookedAt{}
	s = open(t, auto, func(c *social.Config) {
		failed.Store, c.Connections = c.Connections, failed
		c.Users = registers{Accounts: c.Users.(*accounts.Accounts), register: func(context.Context, identity.Registration) (string, error) { return "", errBroken }}
	})
	s.acme.set(email("new@lp.com", true))
	if a := s.browser().flow("/login/acme", "1"); a.status != http.StatusInternalServerError || len(failed.at) != 1 {
		t.Errorf("%d, looked %d times", a.status, len(failed.at))
	}

	looked := &lookedAt{look: func(n int) error {
		if n == 2 {
			return errBroken
		}
		return nil
	}}
	s = open(t, auto, func(c *social.Config) { looked.Store, c.Connections = c.Connections, looked })
	s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	b := s.browser()
	if a := b.flow("/login/acme", "1"); a.status != http.StatusInternalServerError || s.told() != "" {
		t.Errorf("%d %q", a.status, a.location)
	}
}
