package social_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// A waiter is a browser in which something waits.
type waiter struct {
	*browser
	matt string // who has an account at the site, with bird 7
	id   string // of a sign-up
}

// waits brings a browser to where a log-in through Acme or a sign-up waits, or where
// the user is asked whether to connect Acme.
func (s *site) waits(t *testing.T, matt, what string) waiter {
	t.Helper()
	w := waiter{browser: s.browser(), matt: matt}
	switch what {
	case "log-in":
		w.flow("/login/bird", "7", "next", "/there")
	case "sign-up", "question":
		w.flow("/login/acme", "1", "next", "/there")
		w.id = w.pendingID()
		if what == "question" {
			w.post("/log-in", url.Values{"email": {"matt@lp.com"}, "signup": {w.id}})
		}
	}
	return w
}

// openWaiting serves a site whose users need a second factor, and where new ones sign
// up by a form.
func openWaiting(t *testing.T, change ...func(*social.Config)) (s *site, matt string) {
	t.Helper()
	s = openGuarded(t, append([]func(*social.Config){func(c *social.Config) { c.SignUp = social.Form }}, change...)...)
	matt = s.user("matt@lp.com")
	s.connected(matt, s.bird, "7")
	return s, matt
}

// A store that fails is a failure, and not an answer that nothing waits. What another
// request has taken since is gone. In neither case anything is written, and what was
// not taken waits for another try.
func TestWhatWaitsInAStoreThatFails(t *testing.T) {
	t.Parallel()
	const noLogin, noSignUp, broken = "social: no log-in waits here\n", "social: no unfinished sign-up\n", "the store is broken"
	for name, tc := range map[string]struct {
		waits, request string // a method and an address
		form           url.Values
		call           string // of the store, that fails
		status         int
		gone, fails    string // in the answer, when the row is gone and when the store fails
		page           bool   // the failure is in the log alone
	}{
		"whose factor":       {"log-in", "GET /pending-login", nil, "OneTime", 409, noLogin, broken, false},
		"finishing":          {"log-in", "POST /finish/MATT", nil, "OneTime", 409, noLogin, broken, false},
		"finishing, taking":  {"log-in", "POST /finish/MATT", nil, "TakeOneTime", 409, noLogin, broken, false},
		"the form":           {"sign-up", "GET /register/acme", nil, "OneTime", 404, noSignUp, broken, false},
		"signing up":         {"sign-up", "POST /register/acme", url.Values{"email": {"new@lp.com"}}, "OneTime", 409, noSignUp, broken, false},
		"signing up, taking": {"sign-up", "POST /register/acme", url.Values{"email": {"new@lp.com"}}, "TakeOneTime", 409, noSignUp, broken, false},
		"logging in with it": {"sign-up", "POST /log-in", url.Values{"email": {"matt@lp.com"}, "signup": {"ID"}}, "OneTime", 500, "", broken, false},
		"the question":       {"question", "GET /connections/pending", nil, "OneTime", 404, `"no_signup"`, "", true},
		"yes":                {"question", "POST /connections/pending", url.Values{"signup": {"ID"}}, "OneTime", 404, `"no_signup"`, "", true},
		"yes, taking":        {"question", "POST /connections/pending", url.Values{"signup": {"ID"}}, "TakeOneTime", 500, `"provider_id":"acme"`, "", true},
		"no":                 {"question", "DELETE /connections/pending", nil, "OneTime", 404, `"no_signup"`, "", true},
		"no, taking":         {"question", "DELETE /connections/pending", nil, "TakeOneTime", 500, "", "", true},
	} {
		for failure, err := range map[string]error{"gone": onetime.ErrNone, "fails": errBroken} {
			t.Run(name+", "+failure, func(t *testing.T) {
				t.Parallel()
				store := &brokenStore{}
				s, matt := openWaiting(t, func(c *social.Config) {
					m := newMemory()
					store.Store = struct{ vault.Store }{m}
					c.Connections = store
				})
				b := s.waits(t, matt, tc.waits)
				before := b.whoami()
				s.told()
				form := url.Values{}
				for k, v := range tc.form {
					form.Set(k, strings.Replace(v[0], "ID", b.id, 1))
				}
				method, path, _ := strings.Cut(tc.request, " ")
				path = strings.Replace(path, "MATT", matt, 1)
				b.json = true
				store.failWith(err, tc.call)
				a := b.do(method, path, form)
				store.fail()
				status, want := tc.status, tc.gone
				switch {
				case failure == "fails" && tc.page:
					status, want = 500, `"internal"`
					if !strings.Contains(s.log.String(), broken) {
						t.Errorf("the log:\n%s", s.log)
					}
				case failure == "fails":
					want = tc.fails
				case name == "logging in with it", name == "yes, taking":
					status = 200
				case name == "no, taking":
					status = 204
				}
				if exact := strings.HasSuffix(want, "\n"); a.status != status || !strings.Contains(a.body, want) || exact && a.body != want {
					t.Errorf("%d %q, want %d %q", a.status, a.body, status, want)
				}
				if name == "logging in with it" {
					return // the log-in itself was another's to make
				}
				rows := len(s.rows(matt))
				if b.whoami() != before || rows != 1 && !strings.HasPrefix(name, "yes, taking") {
					t.Errorf("signed in as %q, %d connections", b.whoami(), rows)
				}
				if told := s.told(); told != "" && told != "connection_created" {
					t.Errorf("events %s", told)
				}
			})
		}
	}
}

// Who has nothing that waits costs the store no read, at each page that asks.
func TestNothingThatWaitsIsNotLookedUp(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t, func(c *social.Config) { c.SignUp = social.Form })
	store.fail("OneTime", "TakeOneTime")
	b := s.browser()
	if a := b.get("/register/acme"); a.status != 404 || a.body != "social: no unfinished sign-up\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.program().get("/connections/pending"); a.status != 401 || a.problem() != "not_signed_in" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// What waits for a provider that is not configured any more goes on with nothing.
func TestWhatWaitsForAProviderThatIsGone(t *testing.T) {
	t.Parallel()
	const gone = "unknown provider"
	for _, tc := range []struct {
		waits, request string
		form           url.Values
		status         int
		want           string
	}{
		{"log-in", "GET /pending-login", nil, 409, gone},
		{"log-in", "POST /finish/MATT", nil, 409, gone},
		{"sign-up", "GET /register/acme", nil, 404, gone},
		{"sign-up", "POST /register/acme", url.Values{"email": {"new@lp.com"}}, 409, gone},
		{"question", "GET /connections/pending", nil, 404, `"unknown_provider"`},
		{"question", "POST /connections/pending", url.Values{"signup": {"ID"}}, 404, `"unknown_provider"`},
		{"question", "DELETE /connections/pending", nil, 404, `"unknown_provider"`},
	} {
		t.Run(tc.request, func(t *testing.T) {
			t.Parallel()
			d := &directory{}
			s, matt := openGone(t, d)
			b := s.waits(t, matt, tc.waits)
			before := b.whoami()
			d.set("")
			form := url.Values{}
			for k, v := range tc.form {
				form.Set(k, strings.Replace(v[0], "ID", b.id, 1))
			}
			method, path, _ := strings.Cut(tc.request, " ")
			b.json = true
			a := b.do(method, strings.Replace(path, "MATT", matt, 1), form)
			if a.status != tc.status || !strings.Contains(a.body, tc.want) {
				t.Errorf("%d %s, want %d %s", a.status, a.body, tc.status, tc.want)
			}
			all, err := s.acc.Users(t.Context(), "", 10)
			must(t, err)
			if b.whoami() != before || len(s.rows(matt)) != 1 || len(all) != 1 {
				t.Errorf("signed in as %q, %d connections, %d users", b.whoami(), len(s.rows(matt)), len(all))
			}
		})
	}
}

// openGone is openWaiting with providers that can go.
func openGone(t *testing.T, d *directory) (s *site, matt string) {
	t.Helper()
	s = openGuarded(t, func(c *social.Config) {
		d.set("", c.Providers...)
		c.Providers, c.Source, c.SignUp = nil, d, social.Form
	})
	matt = s.user("matt@lp.com")
	s.connected(matt, s.bird, "7")
	return s, matt
}
