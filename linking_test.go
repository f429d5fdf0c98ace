package social_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// email gives every profile an address.
func email(address string, verified bool) func(*stub) {
	return func(p *stub) {
		p.profile = func(profile *oauth.Profile) { profile.Email, profile.EmailVerified = address, verified }
	}
}

// auto makes accounts at once, of addresses that Acme vouches for.
func auto(c *social.Config) {
	c.SignUp = social.Auto
	c.Providers[0].(*stub).about.TrustEmail = true
}

const signInFirst = "error: There is an account with this e-mail address already: sign in first, then connect your Acme account"

func TestSecurity33_LinkingByEmail(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Refuse, social.Form, social.Auto} {
		for name, tc := range map[string]struct {
			off, untrusted, unsaid, unverified, other, links bool
		}{
			"everything holds":          {links: true},
			"the application does not":  {off: true},
			"the provider is untrusted": {untrusted: true},
			"the provider did not say":  {unsaid: true},
			"the local address is not":  {unverified: true},
			"another subject there":     {other: true},
		} {
			t.Run(string(policy)+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := open(t, func(c *social.Config) {
					c.SignUp, c.LinkVerifiedEmail = policy, !tc.off
					c.Providers[0].(*stub).about.TrustEmail = !tc.untrusted
				})
				s.acme.set(email("Matt@LP.com", !tc.unsaid))
				matt := s.user("matt@lp.com")
				if tc.unverified {
					must(t, s.acc.SetVerifiedKeepingAccess(context.Background(), matt, false))
				}
				connections := 1
				if tc.other {
					s.connected(matt, s.acme, "0")
					connections = 2
				}
				b := s.browser()
				a := b.flow("/login/acme", "1")
				if !tc.links {
					want := ending{303, "/login?signup=ID", signInFirst, "login_failed"}
					if tc.untrusted || tc.unsaid || policy == social.Refuse {
						want.flash = "error: Acme account not associated with an existing user"
						want.to = "/login"
					}
					if policy != social.Refuse && (tc.untrusted || tc.unsaid) { // nobody has looked
						want.to = "/register/acme?login_failed=1"
					}
					b.ends(t, a, want)
					if b.whoami() != "" || len(s.rows(matt)) != connections-1 {
						t.Errorf("signed in as %q, %d connections", b.whoami(), len(s.rows(matt)))
					}
					return
				}
				b.ends(t, a, ending{303, "/profile", "", "connection_created login_completed"})
				if b.whoami() != matt || len(s.rows(matt)) != connections {
					t.Errorf("signed in as %q, %d connections", b.whoami(), len(s.rows(matt)))
				}
			})
		}
	}
}

func TestSecurity34_AnUnverifiedAccountIsNotHandedOver(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Form, social.Auto} {
		s := open(t, func(c *social.Config) {
			c.SignUp, c.LinkVerifiedEmail = policy, true
			c.Providers[0].(*stub).about.TrustEmail = true
		})
		prepared := s.user("victim@lp.com", unverified)
		s.acme.set(email("victim@lp.com", true))
		b := s.browser()
		b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login?signup=ID", signInFirst, "login_failed"})
		if a := s.browser().program().flow("/login/acme", "1"); a.status != 409 || a.problem() != "sign_in_first" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if b.whoami() != "" || len(s.rows(prepared)) != 0 {
			t.Error("handed over")
		}
		if a := b.get("/register/acme"); a.status != 404 {
			t.Errorf("the form is offered: %d", a.status)
		}
	}
}

func TestSecurity35_TakenLeavesNoTrace(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt, joe := s.user("matt@lp.com"), s.user("joe@lp.com")
	s.connected(matt, s.acme, "1")
	before := s.rows(matt)[0]
	b := s.signedIn(joe)
	if a := b.flow("/connect/acme", "1"); a.status != 303 {
		t.Errorf("%d", a.status)
	}
	after := s.rows(matt)[0]
	if len(s.rows(joe)) != 0 || after.Version != before.Version || !after.UpdatedAt.Equal(before.UpdatedAt) || b.whoami() != joe {
		t.Errorf("%+v", after)
	}
}

// first50 logs one identity in from 50 browsers at once.
func first50(t *testing.T, s *site) {
	t.Helper()
	s.acme.set(email("new@lp.com", true))
	var wg sync.WaitGroup
	replies := make([]reply, 50)
	browsers := make([]*browser, 50)
	for i := range replies {
		b := s.browser()
		browsers[i] = b
		callback, answer := b.begin("/login/acme", "1")
		wg.Go(func() { replies[i] = b.get(callback + "?" + answer.Encode()) })
	}
	wg.Wait()
	users := map[string]bool{}
	for i, a := range replies {
		if a.status != 303 || a.location != "/profile" {
			t.Errorf("%d %q %s", a.status, a.location, a.body)
		}
		users[browsers[i].whoami()] = true
	}
	all, err := s.acc.Users(context.Background(), "", 10)
	must(t, err)
	if len(all) != 1 || len(users) != 1 || !users[all[0].ID] || len(s.rows(all[0].ID)) != 1 {
		t.Errorf("%d users, signed in as %v; log:\n%s", len(all), users, s.log)
	}
	if told := s.told(); strings.Count(told, "account_created") != 1 || strings.Count(told, "login_completed") != 50 {
		t.Error(told)
	}
}

// A crowd lets the first so many who look for an identity go on only when all
// of them have seen that there is none.
type crowd struct {
	size int64
	seen atomic.Int64
	all  chan struct{}
}

func newCrowd(size int64) *crowd { return &crowd{size: size, all: make(chan struct{})} }

func (c *crowd) wait() {
	n := c.seen.Add(1)
	if n == c.size {
		close(c.all)
	}
	if n <= c.size {
		<-c.all
	}
}

type crowdedStore struct {
	vault.Store
	*crowd
}

func (s crowdedStore) ByIdentity(ctx context.Context, i vault.Identity) (vault.Connection, error) {
	c, err := s.Store.ByIdentity(ctx, i)
	s.wait()
	return c, err
}

func TestSecurity35_FirstLogInsInParallel(t *testing.T) {
	t.Parallel()
	first50(t, openTx(t, auto))
}

func TestSecurity35_FirstLogInsInParallelWithoutTransactions(t *testing.T) {
	t.Parallel()
	first50(t, open(t, auto, func(c *social.Config) { c.Connections = crowdedStore{c.Connections, newCrowd(50)} }))
}

func TestSecurity33_LinkingInParallel(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) {
		c.LinkVerifiedEmail = true
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	matt := s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", true))
	var wg sync.WaitGroup
	for range 20 {
		b := s.browser()
		callback, answer := b.begin("/login/acme", "1")
		wg.Go(func() {
			if a := b.get(callback + "?" + answer.Encode()); a.status != 303 || a.location != "/profile" || b.whoami() != matt {
				t.Errorf("%d %q %s", a.status, a.location, a.body)
			}
		})
	}
	wg.Wait()
	if n := len(s.rows(matt)); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestSecurity36_TheLastWayToLogIn(t *testing.T) {
	t.Parallel()
	const last = "error: This is your last way to log in: set a password or connect another account first"
	s := openTx(t)
	matt := s.user("matt@lp.com", without)
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	for _, path := range []string{"/connect/acme/1", "/connect/acme"} {
		b.ends(t, b.do("DELETE", path, nil), ending{303, "/profile", last, ""})
	}
	if a := s.signedIn(matt).program().do("DELETE", "/connect/acme/1", nil); a.status != 409 || a.problem() != "last_way_in" {
		t.Errorf("%d %s", a.status, a.body)
	}
	// A connection to a provider that is not configured any more is no way in.
	_, err := s.store.Insert(context.Background(), vault.Connection{ID: "old", UserID: matt, ProviderID: "gone", ProviderUserID: "9", Rank: -1, Status: vault.Active}, []byte("x"))
	must(t, err)
	b.ends(t, b.do("DELETE", "/connect/acme/1", nil), ending{303, "/profile", last, ""})

	s.connected(matt, s.bird, "1")
	var wg sync.WaitGroup
	for _, path := range []string{"/connect/acme/1", "/connect/bird/1"} {
		wg.Go(func() { s.signedIn(matt).do("DELETE", path, nil) })
	}
	wg.Wait()
	if n := len(s.rows(matt)); n != 2 {
		t.Errorf("two parallel removals leave %d connections, want one and the old", n)
	}
	must(t, s.acc.SetPassword(context.Background(), matt, "correct horse"))
	b = s.signedIn(matt)
	for _, path := range []string{"/connect/acme", "/connect/bird"} {
		b.do("DELETE", path, nil)
	}
	if n := len(s.rows(matt)); n != 1 {
		t.Errorf("with a password %d connections stay", n)
	}
}

func TestSecurity36_UsersWithoutPasswords(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = plainUsers{c.Users} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	if a := s.signedIn(matt).program().do("DELETE", "/connect/acme/1", nil); a.status != 409 {
		t.Errorf("%d", a.status)
	}
}

// A user who may not log in gets no connection either, whatever the store can.
func TestRefusedUsersAreNotLinked(t *testing.T) {
	t.Parallel()
	for _, opens := range []func(*testing.T, ...func(*social.Config)) *site{open, openTx} {
		s := opens(t, func(c *social.Config) {
			c.LinkVerifiedEmail = true
			c.Providers[0].(*stub).about.TrustEmail = true
		})
		s.acme.set(email("matt@lp.com", true))
		matt := s.user("matt@lp.com")
		must(t, s.acc.SetActive(context.Background(), matt, false))
		b := s.browser()
		b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: Account is disabled.", ""})
		if n := len(s.rows(matt)); n != 0 || b.whoami() != "" {
			t.Errorf("%d connections, signed in as %q", n, b.whoami())
		}
	}
}

// plainUsers have no optional powers.
type plainUsers struct{ social.Users }

// gate is Users whose SignIn does something else.
