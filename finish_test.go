package social_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// guarded users need a second factor after a log-in through a provider.
type guarded struct {
	*accounts.Accounts
	page string
}

func (g guarded) RequireFactor(context.Context, string) (string, error) { return g.page, nil }

func openGuarded(t *testing.T, change ...func(*social.Config)) *site {
	t.Helper()
	return open(t, append(change, func(c *social.Config) { c.Users = guarded{c.Users.(*accounts.Accounts), "/factor"} })...)
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

// Who has just signed up has no factor yet.
func TestNewAccountsNeedNoFactor(t *testing.T) {
	t.Parallel()
	s := openGuarded(t, func(c *social.Config) { c.SignUp = social.Auto })
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
