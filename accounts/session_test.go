package accounts_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/identity"
)

func TestSecurity25_SessionChangesAtLogin(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	matt := s.user(t, "matt@lp.com", "")
	joe := s.user(t, "joe@lp.com", "")
	b := s.browser(t)

	steps := []func() answer{
		func() answer { return b.logIn("matt@lp.com", password) },
		func() answer { return b.logIn("matt@lp.com", password) },
		func() answer { return b.do("POST", "/social", url.Values{"user": {joe.ID}}) },
		func() answer { return b.do("POST", "/social", url.Values{"user": {matt.ID}}) },
	}
	seen := map[string]bool{"": true}
	for i, step := range steps {
		before := b.cookie()
		if r := step(); r.status != 200 {
			t.Fatalf("step %d: %d %s", i, r.status, r.body)
		}
		if seen[b.cookie()] {
			t.Errorf("step %d: the session is not new", i)
		}
		seen[b.cookie()] = true
		if before != "" && s.with(t, "session", before).whoami().Email != "" {
			t.Errorf("step %d: the session before lives on", i)
		}
	}

	fixed := s.with(t, "session", strings.Repeat("A", 43))
	fixed.logIn("matt@lp.com", password)
	if fixed.cookie() == strings.Repeat("A", 43) || fixed.whoami().Email == "" {
		t.Error("a session that came from outside was adopted")
	}
}

// A caller may have the session go on until its transaction ends.
func TestLockSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	_, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		ctx := r.Context()
		want := func(when string, want bool) {
			t.Helper()
			if on, err := s.LockSession(ctx); on != want || err != nil {
				t.Errorf("%s: %v, %v", when, on, err)
			}
		}
		want("without a session", false)
		err := s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		want("after the log-in", true)
		s.clock.Advance(24*time.Hour - 1)
		want("before it expires", true)
		s.clock.Advance(1)
		want("after it has expired", false)
		return err
	})
	check(t, err)
	if on, err := s.LockSession(t.Context()); on || err != nil {
		t.Errorf("without a request: %v, %v", on, err)
	}
}

func TestSecurity25_LogoutAndPasswordChangeEndSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	for name, end := range map[string]func(b *browser){
		"logout":   func(b *browser) { b.do("POST", "/logout", nil) },
		"password": func(*browser) { check(t, s.SetPassword(t.Context(), u.ID, password)) },
		"inactive": func(*browser) {
			check(t, s.SetActive(t.Context(), u.ID, false))
			check(t, s.SetActive(t.Context(), u.ID, true))
		},
		"expiry": func(*browser) { s.clock.Advance(24 * time.Hour) },
		"administer": func(*browser) {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			check(t, err)
		},
	} {
		b := s.browser(t)
		b.logIn("matt@lp.com", password)
		token := b.cookie()
		if b.whoami().Email == "" {
			t.Fatalf("%s: not signed in", name)
		}
		end(b)
		if s.with(t, "session", token).whoami().Email != "" {
			t.Errorf("%s: the session lives on", name)
		}
		if name == "logout" && b.cookie() != "" {
			t.Error("the browser keeps the cookie")
		}
	}
}
