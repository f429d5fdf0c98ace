package social_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// The page that asks for the factor knows whose account at the provider it is, and a
// finished log-in leaves nothing in the browser.
func TestFinishLeavesNothing(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	s.acme.set(email("matt@work.example", true))
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.flow("/login/acme", "1")
	if a := b.get("/pending-login"); !strings.Contains(a.body, "matt@work.example") {
		t.Errorf("the page learns %s", a.body)
	}
	if !strings.Contains(b.cookies(), "social_login") {
		t.Fatalf("the cookies are %s", b.cookies())
	}
	if a := b.finish(matt); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if strings.Contains(b.cookies(), "social_login") {
		t.Errorf("the cookies are still %s", b.cookies())
	}
}

// An address that the provider does not vouch for is not verified by the factor.
func TestFinishOfASignUpKeepsWhatIsProved(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Auto, social.Form} {
		for _, verified := range []bool{true, false} {
			if policy == social.Auto && !verified {
				continue // it goes through the form
			}
			s := open(t, func(c *social.Config) {
				auto(c)
				c.SignUp = policy
				c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor", new: true}
			})
			s.acme.set(email("new@lp.com", verified))
			b := s.browser()
			b.flow("/login/acme", "1")
			if policy == social.Form {
				b.post("/register/acme", map[string][]string{"email": {"new@lp.com"}, "password": {"correct horse"}})
			}
			if a := b.post("/finish/", nil); a.status != 200 {
				t.Fatalf("%s, verified %t: %d %s", policy, verified, a.status, a.body)
			}
			u, err := s.acc.User(context.Background(), b.whoami())
			must(t, err)
			if u.EmailVerifiedAt.IsZero() == verified {
				t.Errorf("%s: verified by the provider %t, here at %v", policy, verified, u.EmailVerifiedAt)
			}
		}
	}
}

// A user who may not sign in any more gets no session by the factor, nor a cookie of one,
// and the application learns why.
func TestFinishIsRefusedByTheUsers(t *testing.T) {
	t.Parallel()
	for name, tx := range map[string]func(*testing.T, ...func(*social.Config)) *site{"with transactions": openTx, "without": open} {
		s := tx(t, func(c *social.Config) { c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor"} })
		matt := s.user("matt@lp.com")
		s.connected(matt, s.acme, "1")
		b := s.browser()
		b.flow("/login/acme", "1")
		must(t, s.acc.SetActive(context.Background(), matt, false))
		a := b.finish(matt)
		if a.status != http.StatusConflict || !strings.Contains(a.body, "not active") || b.whoami() != "" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if strings.Contains(b.cookies(), "session") {
			t.Errorf("%s: the cookies are %s", name, b.cookies())
		}
	}
}

// A finished log-in whose sign-up cannot be read is no success: its page would not ask.
func TestFinishFailsWithTheStore(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, func(c *social.Config) {
		c.SignUp = social.Form
		c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor"}
	})
	matt := s.user("matt@lp.com")
	s.connected(matt, s.bird, "7")
	b := s.waits(t, matt, "sign-up")
	if a := b.flow("/login/bird", "7", "signup", b.id); a.location != "/factor" {
		t.Fatalf("%d %q", a.status, a.location)
	}
	var reads atomic.Int64
	store.ask(func(_ context.Context, call string) error {
		if call == "TakeOneTime" || reads.Load() > 0 && call == "OneTime" {
			if reads.Add(1) > 1 {
				return errBroken
			}
		}
		return nil
	})
	if a := b.finish(matt); a.status != 409 || !strings.Contains(a.body, errBroken.Error()) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A log-in through a provider whose sign-up cannot be read is no success.
func TestLogInFailsWithTheStoreOfItsSignUp(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, func(c *social.Config) { c.SignUp = social.Form })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.bird, "7")
	b := s.waits(t, matt, "sign-up")
	callback, answer := b.begin("/login/bird", "7", "signup", b.id)
	store.fail("OneTime")
	if a := b.get(callback + "?" + answer.Encode()); a.status != 500 {
		t.Errorf("%d %q", a.status, a.location)
	}
}
