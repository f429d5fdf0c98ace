package social_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

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
					must(t, s.acc.SetVerified(context.Background(), matt, false))
				}
				want := 1
				if tc.other {
					s.connected(matt, s.acme, "0")
					want = 2
				}
				b := s.browser()
				a := b.flow("/login/acme", "1")
				if !tc.links {
					message := signInFirst
					if policy == social.Refuse {
						message = "error: Acme account not associated with an existing user"
					}
					b.ends(t, a, ending{303, "/login", message, "login_failed"})
					if b.whoami() != "" || len(s.rows(matt)) != want-1 {
						t.Errorf("signed in as %q, %d connections", b.whoami(), len(s.rows(matt)))
					}
					return
				}
				b.ends(t, a, ending{303, "/profile", "", "connection_created login_completed"})
				if b.whoami() != matt || len(s.rows(matt)) != want {
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
		b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", signInFirst, "login_failed"})
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
	s.acme.set(email("new@lp.com", false))
	s.acme.set(func(p *stub) { p.hold = make(chan struct{}) })
	var wg sync.WaitGroup
	replies := make([]reply, 50)
	browsers := make([]*browser, 50)
	var arrived sync.WaitGroup
	for i := range replies {
		b := s.browser()
		browsers[i] = b
		callback, answer := b.begin("/login/acme", "1")
		arrived.Add(1)
		wg.Go(func() {
			arrived.Done()
			replies[i] = b.get(callback + "?" + answer.Encode())
		})
	}
	arrived.Wait()
	close(s.acme.hold)
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

func TestSecurity35_FirstLogInsInParallel(t *testing.T) {
	t.Parallel()
	first50(t, openSQL(t, func(c *social.Config) { c.SignUp = social.Auto }))
}

func TestSecurity35_FirstLogInsInParallelWithoutTransactions(t *testing.T) {
	t.Parallel()
	first50(t, open(t, func(c *social.Config) { c.SignUp = social.Auto }))
}

func TestSecurity36_TheLastWayToLogIn(t *testing.T) {
	t.Parallel()
	const last = "error: This is your last way to log in: set a password or connect another account first"
	s := openSQL(t)
	matt := s.user("matt@lp.com", without)
	s.connected(matt, s.acme, "1")
	b := s.signedIn(matt)
	for _, path := range []string{"/connect/acme/1", "/connect/acme"} {
		b.ends(t, b.do("DELETE", path, nil), ending{303, "/profile", last, ""})
	}
	if a := s.signedIn(matt).program().do("DELETE", "/connect/acme/1", nil); a.status != 409 || a.problem() != "last_login" {
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

// plainUsers have no optional powers.
type plainUsers struct{ social.Users }

func TestSignUpByForm(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	s.acme.set(email("new@lp.com", true))
	taken := s.user("taken@lp.com")

	b := s.browser()
	a := b.flow("/login/acme", "1", "next", "/there")
	b.ends(t, a, ending{303, "/register/acme?login_failed=1", "error: Acme account not associated with an existing user", "login_failed"})
	if a := b.get("/register/acme"); a.status != 200 || !strings.Contains(a.body, "Display 1") || !strings.Contains(a.body, "new@lp.com") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.browser().get("/register/acme"); a.status != 404 {
		t.Errorf("another browser: %d %s", a.status, a.body)
	}
	if a := b.get("/register/bird"); a.status != 404 {
		t.Errorf("another provider: %d", a.status)
	}
	if a := b.post("/register/acme", url.Values{"email": {"taken@lp.com"}}); a.status != 409 || len(s.rows(taken)) != 0 {
		t.Errorf("taken: %d %s", a.status, a.body)
	}
	a = b.post("/register/acme", url.Values{"email": {"New@lp.com"}})
	if a.status != 201 || !strings.Contains(a.body, `"/there"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if told := s.told(); told != "account_created connection_created login_completed" {
		t.Error(told)
	}
	if f := b.flash(); f != "success: Account created successfully" {
		t.Error(f)
	}
	u, err := s.acc.User(context.Background(), b.whoami())
	must(t, err)
	if u.Email != "New@lp.com" || u.PasswordHash != "" || u.EmailVerifiedAt.IsZero() || len(s.rows(u.ID)) != 1 {
		t.Errorf("%+v", u)
	}
	if a := b.post("/register/acme", url.Values{"email": {"again@lp.com"}}); a.status != 409 {
		t.Errorf("twice: %d %s", a.status, a.body)
	}

	// Another address than the provider's is not verified.
	b = s.browser()
	s.acme.set(email("second@lp.com", true))
	b.flow("/login/acme", "2")
	b.post("/register/acme", url.Values{"email": {"mine@lp.com"}, "password": {"correct horse"}})
	u, err = s.acc.User(context.Background(), b.whoami())
	must(t, err)
	if !u.EmailVerifiedAt.IsZero() || u.PasswordHash == "" {
		t.Errorf("%+v", u)
	}

	b = s.browser()
	b.flow("/login/acme", "3")
	s.pass(30 * time.Minute)
	if a := b.post("/register/acme", url.Values{"email": {"late@lp.com"}}); a.status != 409 || b.whoami() != "" {
		t.Errorf("late: %d %s", a.status, a.body)
	}
}

func TestSignUpAtOnce(t *testing.T) {
	t.Parallel()
	for _, trusted := range []bool{true, false} {
		s := open(t, func(c *social.Config) {
			c.SignUp = social.Auto
			c.Providers[0].(*stub).about.TrustEmail = trusted
		})
		s.acme.set(email("new@lp.com", true))
		b := s.browser()
		b.ends(t, b.flow("/login/acme", "1"),
			ending{303, "/profile", "success: Account created successfully", "account_created connection_created login_completed"})
		u, err := s.acc.User(context.Background(), b.whoami())
		must(t, err)
		if u.Email != "new@lp.com" || u.EmailVerifiedAt.IsZero() == trusted || u.PasswordHash != "" {
			t.Errorf("trusted %v: %+v", trusted, u)
		}
		// No address: the form asks for one.
		b = s.browser()
		b.ends(t, b.flow("/login/bird", "1"),
			ending{303, "/register/bird?login_failed=1", "error: Bird account not associated with an existing user", "login_failed"})
		if a := b.post("/register/bird", url.Values{"email": {"bird@lp.com"}}); a.status != 201 {
			t.Errorf("%d %s", a.status, a.body)
		}
		// An address that nobody can have.
		s.acme.set(email("no address", true))
		b = s.browser()
		if a := b.flow("/login/acme", "3"); a.location != "/register/acme?login_failed=1" {
			t.Errorf("%d %q", a.status, a.location)
		}
	}
}

// gate is Users whose SignIn does something else.
type gate struct {
	social.Users
	next string
	err  error
}

func (g gate) SignIn(w http.ResponseWriter, r *http.Request, userID, via string) (string, error) {
	if g.err != nil || g.next != "" {
		http.SetCookie(w, &http.Cookie{Name: "half", Value: "1"})
		return g.next, g.err
	}
	panic("CANARY-panic")
}

func TestSignInMayHaveMoreToSay(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = gate{Users: c.Users, next: "/second-factor"} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/second-factor", "", ""})
	b.ends(t, s.browser().flow("/login/acme", "1", "next", "/x?y"), ending{303, "/second-factor?next=%2Fx%3Fy", "", ""})
	if a := s.browser().program().flow("/login/acme", "1"); a.status != 200 || !strings.Contains(a.body, `"next":"/second-factor"`) {
		t.Errorf("%d %s", a.status, a.body)
	}

	s = open(t, func(c *social.Config) { c.Users = gate{Users: c.Users, err: errors.New("CANARY-cause")} })
	s.connected("1", s.acme, "1")
	a := s.browser().flow("/login/acme", "1")
	if a.status != 500 || strings.Contains(a.body, "CANARY") || strings.Contains(strings.Join(a.header["Set-Cookie"], " "), "half") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}

	s = open(t, func(c *social.Config) { c.Users = gate{Users: c.Users} })
	s.connected("1", s.acme, "1")
	if a := s.browser().program().flow("/login/acme", "1"); a.status != 500 || a.problem() != "internal" || !strings.Contains(s.log.String(), "CANARY-panic") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestInactiveUsers(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	must(t, s.acc.SetActive(context.Background(), matt, false))
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: This account is not active", ""})
	if a := s.browser().program().flow("/login/acme", "1"); a.status != 403 || a.problem() != "refused" || b.whoami() != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestAddressesToReturnTo(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.post("/return/login", url.Values{"to": {"/left"}})
	if !strings.Contains(b.cookies(), "post_oauth_login_url=") {
		t.Error(b.cookies())
	}
	if a := b.flow("/login/acme", "1", "next", "/named"); a.location != "/named" {
		t.Error(a.location)
	}
	b.post("/sign-out", nil)
	b.post("/return/login", url.Values{"to": {"/left"}})
	for _, want := range []string{"/left", "/profile"} {
		if a := b.flow("/login/acme", "1"); a.location != want {
			t.Errorf("%q, want %q", a.location, want)
		}
		b.post("/sign-out", nil)
	}
	b.signIn(matt)
	b.post("/return/connect", url.Values{"to": {"/left?x"}})
	for _, want := range []string{"/left?x", "/profile"} {
		if a := b.flow("/reconnect/acme", "1"); a.location != want {
			t.Errorf("%q, want %q", a.location, want)
		}
	}
}

func TestLegacyCallbacks(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.LegacyCallbacks, c.URLPrefix = true, "/social" })
	matt := s.user("matt@lp.com")
	if got := strings.Join(s.RedirectURIs("acme"), " "); got != s.url+"/social/login/acme "+s.url+"/social/connect/acme" {
		t.Error(got)
	}
	b := s.signedIn(matt)
	if callback, _ := b.begin("/social/connect/acme", "1"); callback != s.url+"/social/connect/acme" {
		t.Error(callback)
	}
	b.ends(t, b.flow("/social/connect/acme", "1"), ending{303, "/profile", "success: Connection established to Acme", "connection_created"})
	b = s.browser()
	b.ends(t, b.flow("/social/login/acme", "1"), ending{303, "/profile", "", "login_completed"})
	if a := b.get("/social/login/acme"); a.status != 400 || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d", a.status)
	}
	if a := b.get("/login/acme"); a.status != 404 {
		t.Errorf("without the prefix: %d", a.status)
	}
}

func TestNoFlash(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.NoFlash = true })
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "", "login_failed"})
}

func TestButtonsAndConnection(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.URLPrefix = "/s" })
	buttons, err := s.Buttons(context.Background())
	must(t, err)
	if len(buttons) != 3 || buttons[0].Provider.Name != "Acme" || buttons[0].LoginURL != "/s/login/acme" || buttons[2].ReconnectURL != "/s/reconnect/bird" {
		t.Errorf("%+v", buttons)
	}
	if _, err := s.Connection(context.Background(), "acme"); !errors.Is(err, vault.ErrNoConnection) {
		t.Error(err)
	}
}
