package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail/mailtest"
	"github.com/gosocial/social/secret"
)

func (b *browser) verify(p secret.Text, headers ...string) answer {
	b.t.Helper()
	return b.do("POST", "/verify", url.Values{"password": {p.Reveal()}}, headers...)
}

// A proof of who the user is holds for FreshFor, in the session in which it was given, and
// can be given again.
func TestAccounts6_AProofIsRecentForAWhile(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect)
	u := s.user(t, "matt@lp.com", "")
	es.want(t, "Create", accounts.Created{Subject: accounts.Subject{UserID: u.ID}})
	here, there := s.browser(t), s.browser(t)
	fresh := func(b *browser, want bool) {
		t.Helper()
		if r := b.do("GET", "/fresh", nil); r.status == 200 != want || strings.Contains(r.body, "matt@lp.com") != want {
			t.Errorf("fresh is %t: %d %s", !want, r.status, r.body)
		}
	}
	fresh(here, false)
	here.logIn("matt@lp.com", password)
	there.logIn("matt@lp.com", password)
	es.want(t, "log-ins", accounts.LoggedIn{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "127.0.0.1", NewBrowser: true},
		accounts.LoggedIn{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "127.0.0.1", NewBrowser: true})
	s.clock.Advance(15*time.Minute - time.Second)
	fresh(here, true)
	s.clock.Advance(time.Second)
	fresh(here, false)
	if r := here.verify("wrong horse"); r.status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %d %s", r.status, r.body)
	}
	fresh(here, false)
	es.want(t, "a wrong password", accounts.ReauthenticationFailed{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "127.0.0.1"})
	if r := here.verify(password); r.status != http.StatusOK {
		t.Errorf("the password: %d %s", r.status, r.body)
	}
	es.want(t, "the password", accounts.Reauthenticated{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "127.0.0.1"})
	fresh(here, true)
	fresh(there, false)
	s.clock.Advance(15*time.Minute - time.Second)
	fresh(here, true)
	s.clock.Advance(time.Second)
	fresh(here, false)
}

func TestReauthenticationIsTheUsersOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	if r := s.browser(t).verify(password); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "nobody is signed in") {
		t.Errorf("a visitor: %d %s", r.status, r.body)
	}
	ana, err := s.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
	check(t, err)
	b := s.browser(t)
	b.do("POST", "/social", url.Values{"user": {ana.ID}})
	for _, p := range []secret.Text{"", password} {
		if r := b.verify(p); r.status != http.StatusUnauthorized {
			t.Errorf("a user without a password, with %q: %d", p.Reveal(), r.status)
		}
	}
	if err := s.ProveSession(tenant.With(t.Context(), "blue"), "google"); !errors.Is(err, accounts.ErrNotSignedIn) {
		t.Errorf("no request: %v", err)
	}
}

// Who finds a browser that is signed in does not guess the password there, however often
// they change the network.
func TestAccounts15_ReauthenticationIsThrottled(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect)
	s.user(t, "matt@lp.com", "")
	s.user(t, "joe@lp.com", "")
	b, joe := s.browser(t), s.browser(t)
	b.logIn("matt@lp.com", password)
	joe.logIn("joe@lp.com", password)
	guess := func(n int) {
		t.Helper()
		for i := range n {
			if r := b.verify("wrong horse", "X-Forwarded-For", "192.0.2."+string(rune('1'+i%9))); r.status != http.StatusUnauthorized {
				t.Errorf("guess %d: %d", i, r.status)
			}
		}
	}
	guess(9)
	if r := b.verify(password); r.status != http.StatusOK { // which clears the count
		t.Errorf("the password: %d %s", r.status, r.body)
	}
	guess(10)
	if r := b.verify(password); r.status != http.StatusTooManyRequests || r.header.Get("Retry-After") != "900" {
		t.Errorf("beyond: %d, Retry-After %q", r.status, r.header.Get("Retry-After"))
	}
	es.throttled(t, "beyond", "AccountVerifications", 1)
	if r := joe.verify(password); r.status != http.StatusOK {
		t.Errorf("another user: %d", r.status)
	}
	// The log-in is not locked by them.
	if r := s.browser(t).logIn("matt@lp.com", password); r.status != http.StatusOK {
		t.Errorf("the log-in: %d", r.status)
	}
	s.clock.Advance(15 * time.Minute)
	if r := b.verify(password); r.status != http.StatusOK {
		t.Errorf("after the window: %d", r.status)
	}
}

// An endingStore ends all sessions before it locks one.
type endingStore struct {
	*memstore.Store
	ends bool
}

func (s *endingStore) LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error {
	if s.ends {
		err := s.Store.DeleteSession(ctx, tenant, hash)
		if err != nil {
			return err
		}
	}
	return s.Store.LockSession(ctx, tenant, hash, now)
}

// A session that has ended since the request came is not proved any more.
func TestASessionThatEndedIsNotProved(t *testing.T) {
	t.Parallel()
	store := &endingStore{Store: memstore.New()}
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	store.ends = true
	if r := b.verify(password); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "nobody is signed in") {
		t.Errorf("%d %s", r.status, r.body)
	}
}

// What was entered comes back from the page that asks for the proof, but for secrets.
func TestRequireFreshLeadsBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	if r := b.do("GET", "/fresh?a=1", nil); r.status != 303 || r.header.Get("Location") != "/login?next=%2Ffresh%3Fa%3D1" {
		t.Errorf("a visitor: %d to %s", r.status, r.header.Get("Location"))
	}
	b.logIn("matt@lp.com", password)
	s.clock.Advance(time.Hour)
	for name, tt := range map[string]struct {
		method, path string
		form         url.Values
		referer      string
		want         string // next
	}{
		"a page":         {"GET", "/fresh?a=1&name=x", nil, s.url + "/from", "/fresh?a=1&name=x"},
		"its HEAD":       {"HEAD", "/fresh", nil, "", "/fresh"},
		"a form":         {"POST", "/fresh?name=query", url.Values{"name": {"My & token"}, "password": {"secret"}, "scopes": {"read", "write"}}, s.url + "/from?name=old&b=2", "/from?b=2&name=My+%26+token&scopes=read+write"},
		"an empty field": {"POST", "/fresh", url.Values{"name": {""}}, s.url + "/from?name=old", "/from?name="},
		"too long":       {"POST", "/fresh", url.Values{"name": {strings.Repeat("x", 2048)}}, s.url + "/from", "/from"},
		"elsewhere":      {"POST", "/fresh", url.Values{"name": {"x"}}, "https://evil.example/from", ""},
	} {
		r := b.do(tt.method, tt.path, tt.form, "Referer", tt.referer)
		to, err := url.Parse(r.header.Get("Location"))
		check(t, err)
		if r.status != 303 || to.Path != "/verify" || to.Query().Get("next") != tt.want || strings.Contains(to.RawQuery, "secret") {
			t.Errorf("%s: %d to %s, want %s", name, r.status, to, tt.want)
		}
	}
	problem(t, b.do("POST", "/fresh", url.Values{"name": {"x"}}, "Accept", "application/json"), 401, "reauthentication_required")
}

func TestVerifyPageIsTheApplications(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.VerifyPage, c.FreshFor = "/prove", time.Nanosecond })
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	s.clock.Advance(time.Second)
	if r := b.do("GET", "/fresh", nil); r.header.Get("Location") != "/prove?next=%2Ffresh" {
		t.Errorf("to %s", r.header.Get("Location"))
	}
}

// A way to prove is a password, a second factor, or an address that is known to be the
// user's and gets mail to sign in or to set a password.
func TestAccounts6_WaysToProve(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		new       accounts.NewUser
		configure func(*accounts.Config)
		factor    bool
		want      bool
	}{
		"nothing":                 {new: accounts.NewUser{Email: "ana@lp.com", EmailVerified: true}},
		"a password":              {new: accounts.NewUser{Email: "ana@lp.com", Password: password}, want: true},
		"a second factor":         {new: accounts.NewUser{Email: "ana@lp.com"}, factor: true, want: true},
		"a reset":                 {new: accounts.NewUser{Email: "ana@lp.com", EmailVerified: true}, configure: withMail, want: true},
		"an address never proved": {new: accounts.NewUser{Email: "ana@lp.com"}, configure: withMail},
		"no recovery": {new: accounts.NewUser{Email: "ana@lp.com", EmailVerified: true}, configure: func(c *accounts.Config) {
			withMail(c)
			c.NoRecovery = true
		}},
		"a magic link": {new: accounts.NewUser{Email: "ana@lp.com", EmailVerified: true}, want: true, configure: func(c *accounts.Config) {
			withMail(c)
			c.NoRecovery, c.MagicLink = true, true
		}},
	} {
		s := factorSite(t, func(c *accounts.Config) {
			if tt.configure != nil {
				tt.configure(c)
			}
		})
		u, err := s.Create(t.Context(), tt.new)
		check(t, err)
		v := s.newVisitor(t)
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
			return s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		}))
		if tt.factor {
			v.enroll()
		}
		check(t, v.do(func(_ http.ResponseWriter, r *http.Request) error {
			if can, err := s.CanProve(r.Context()); can != tt.want || err != nil {
				t.Errorf("%s: %t, %v", name, can, err)
			}
			check(t, s.Delete(r.Context(), u.ID))
			if can, err := s.CanProve(r.Context()); can || !errors.Is(err, accounts.ErrNoUser) {
				t.Errorf("%s, deleted: %t, %v", name, can, err)
			}
			return nil
		}))
		if can, err := s.CanProve(t.Context()); can || err != nil {
			t.Errorf("%s, nobody: %t, %v", name, can, err)
		}
	}
}

// Whose user is known by an API token can log in again, whatever they have here.
func TestAccounts6_ATokenLeavesTheLogInToProve(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", withTokens)
	u, err := s.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
	check(t, err)
	bearer, _ := s.tokenFor(t, u)
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", bearer)
	s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if can, err := s.CanProve(r.Context()); !can || err != nil {
			t.Errorf("%t, %v", can, err)
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
}

func withMail(c *accounts.Config) { c.Mail = new(mailtest.Box) }
