package social_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// guarded users need a second factor after a log-in through a provider.
type guarded struct {
	*accounts.Accounts
	page string
	new  bool // also of people who sign up
}

func (g guarded) RequireFactor(_ context.Context, userID string) (string, error) {
	if userID == "" && !g.new {
		return "", nil
	}
	return g.page, nil
}

func openGuarded(t *testing.T, change ...func(*social.Config)) *site {
	t.Helper()
	return open(t, append(change, func(c *social.Config) { c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor"} })...)
}

func (b *browser) finish(userID string) reply {
	b.t.Helper()
	return b.post("/finish/"+userID, nil)
}

// A log-in that waits for a second factor has written nothing: no session, no
// token, no event. The factor's user finishes it, once.
func TestSecurity39_SecondFactorComesFirst(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	matt, eve := s.user("matt@lp.com"), s.user("eve@lp.com")
	c := s.connected(matt, s.acme, "1")
	before := s.token(c)
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1", "next", "/x?y"), ending{303, "/factor?next=%2Fx%3Fy", "", ""})
	if b.whoami() != "" || s.token(c) != before {
		t.Error("something was written before the factor")
	}
	if a := b.get("/pending-login"); a.status != 200 || !strings.Contains(a.body, matt) || !strings.Contains(a.body, `"Acme"`) {
		t.Errorf("the page that asks learns %d %s", a.status, a.body)
	}
	if a := s.browser().finish(matt); a.status != 409 {
		t.Errorf("another browser finishes: %d %s", a.status, a.body)
	}
	for _, other := range []string{eve, "nobody"} {
		if a := b.finish(other); a.status != 409 || b.whoami() != "" {
			t.Errorf("another user finishes: %d %s", a.status, a.body)
		}
	}
	if a := b.finish(matt); a.status != 200 || !strings.Contains(a.body, `"/x?y"`) || b.whoami() != matt {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := s.told(); got != "login_completed" {
		t.Errorf("events: %s", got)
	}
	if s.token(c) == before {
		t.Error("the new token was not kept")
	}
	if a := b.finish(matt); a.status != 409 {
		t.Errorf("a second time: %d %s", a.status, a.body)
	}
	if a := s.browser().program().flow("/login/acme", "1"); a.status != 200 || !strings.Contains(a.body, `"next":"/factor"`) {
		t.Errorf("as JSON: %d %s", a.status, a.body)
	}
}

func TestSecurity39_SecondFactorComesBeforeLinking(t *testing.T) {
	t.Parallel()
	s := openGuarded(t, func(c *social.Config) {
		c.LinkVerifiedEmail = true
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	s.acme.set(email("matt@lp.com", true))
	matt := s.user("matt@lp.com")
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/factor", "", ""})
	if n := len(s.rows(matt)); n != 0 {
		t.Fatalf("%d connections before the factor", n)
	}
	if a := b.finish(matt); a.status != 200 || b.whoami() != matt || len(s.rows(matt)) != 1 {
		t.Errorf("%d %s, %d connections", a.status, a.body, len(s.rows(matt)))
	}
	if got := s.told(); got != "connection_created login_completed" {
		t.Errorf("events: %s", got)
	}
}

// What was decided is decided again: the identity may have become another
// user's, and the account may have got another identity.
func TestFinishDecidesAgain(t *testing.T) {
	t.Parallel()
	s := openGuarded(t, func(c *social.Config) {
		c.LinkVerifiedEmail, c.SignUp = true, social.Auto
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	s.acme.set(email("matt@lp.com", true))
	matt, eve := s.user("matt@lp.com"), s.user("eve@lp.com")

	b := s.browser()
	b.flow("/login/acme", "1")
	s.connected(eve, s.acme, "1")
	if a := b.finish(matt); a.status != 409 || b.whoami() != "" || len(s.rows(matt)) != 0 {
		t.Errorf("the identity is another user's: %d %s", a.status, a.body)
	}

	b = s.browser()
	b.flow("/login/acme", "2")
	s.connected(matt, s.acme, "3")
	if a := b.finish(matt); a.status != 409 || b.whoami() != "" || len(s.rows(matt)) != 1 {
		t.Errorf("the account has another identity: %d %s", a.status, a.body)
	}
}

func TestFinishEndsAfterTenMinutes(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.flow("/login/acme", "1")
	s.pass(10*time.Minute + time.Second)
	if a := b.finish(matt); a.status != 409 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.get("/pending-login"); a.status != 409 {
		t.Errorf("it still waits: %d %s", a.status, a.body)
	}
}

func TestFinishOnceInParallel(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.flow("/login/acme", "1")
	var group sync.WaitGroup
	var mu sync.Mutex
	finished := 0
	for range 20 {
		group.Go(func() {
			if a := b.finish(matt); a.status == http.StatusOK {
				mu.Lock()
				defer mu.Unlock()
				finished++
			}
		})
	}
	group.Wait()
	if finished != 1 {
		t.Errorf("finished %d times", finished)
	}
}

// A sign-up waits as a log-in does, when Users asks for more.
func TestSecurity39_SecondFactorComesBeforeSignUp(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Auto, social.Form} {
		s := open(t, func(c *social.Config) {
			auto(c)
			c.SignUp = policy
			c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: "/factor", new: true}
		})
		s.acme.set(email("new@lp.com", true))
		b := s.browser()
		a := b.flow("/login/acme", "1", "next", "/there")
		if policy == social.Form {
			a = b.post("/register/acme", url.Values{"email": {"other@lp.com"}, "password": {"correct horse"}})
			if a.status != 201 || !strings.Contains(a.body, `"UserID":""`) || !strings.Contains(a.body, "/factor?next=%2Fthere") {
				t.Fatalf("%s: %d %s", policy, a.status, a.body)
			}
		} else if a.location != "/factor?next=%2Fthere" {
			t.Fatalf("%s: %d %q", policy, a.status, a.location)
		}
		all, err := s.acc.Users(context.Background(), "", 10)
		must(t, err)
		if len(all) != 0 || b.whoami() != "" {
			t.Fatalf("%s: %d accounts before the factor", policy, len(all))
		}
		s.told()
		if a := b.post("/finish/", nil); a.status != 200 || !strings.Contains(a.body, `"/there"`) || b.whoami() == "" {
			t.Fatalf("%s: %d %s", policy, a.status, a.body)
		}
		u, err := s.acc.User(context.Background(), b.whoami())
		must(t, err)
		if policy == social.Form && (u.Email != "other@lp.com" || u.PasswordHash == "") || len(s.rows(u.ID)) != 1 {
			t.Errorf("%s: %+v", policy, u)
		}
		if got := s.told(); got != "account_created connection_created login_completed" {
			t.Errorf("%s: %s", policy, got)
		}
		if a := b.post("/finish/", nil); a.status != 409 {
			t.Errorf("%s: a second time: %d", policy, a.status)
		}
	}
}

// When writing fails, the log-in still waits.
func TestFinishCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	failing := &failingUpdate{memory: newMemory()}
	s := openGuarded(t, func(c *social.Config) { c.Connections = failing })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.flow("/login/acme", "1")
	failing.fail.Store(true)
	if a := b.finish(matt); a.status == 200 || b.whoami() != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
	failing.fail.Store(false)
	if a := b.finish(matt); a.status != 200 || b.whoami() != matt {
		t.Errorf("again: %d %s", a.status, a.body)
	}
}

type failingUpdate struct {
	memory
	fail atomic.Bool
}

func (f *failingUpdate) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	if f.fail.Load() {
		return errors.New("the store fails")
	}
	return f.memory.Update(ctx, c, sealed)
}

// A user who has just signed up has no factor yet.
func TestNewAccountsNeedNoFactor(t *testing.T) {
	t.Parallel()
	s := openGuarded(t, auto)
	s.acme.set(email("new@lp.com", true))
	b := s.browser()
	if a := b.flow("/login/acme", "1"); a.location != "/profile" || b.whoami() == "" {
		t.Errorf("%d %q", a.status, a.location)
	}
}

var _ social.FactorRequirer = guarded{}

// A tenant's log-in does not finish in another.
func TestFinishStaysInItsTenant(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	acme := social.WithTenant(context.Background(), "acme")
	u, err := s.acc.Create(acme, accounts.NewUser{Email: "matt@lp.com", Password: "correct horse"})
	must(t, err)
	_, err = s.Vault().Connect(acme, u.ID, s.acme.grant("1"))
	must(t, err)
	b := s.browser().in("acme")
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/factor", "", ""})
	if a := b.in("").finish(u.ID); a.status != 409 {
		t.Errorf("in the default tenant: %d %s", a.status, a.body)
	}
	if a := b.in("acme").finish(u.ID); a.status != 200 || b.whoami() != u.ID {
		t.Errorf("in its own: %d %s", a.status, a.body)
	}
}
