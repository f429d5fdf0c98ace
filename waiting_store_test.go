package social_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/keyring"
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
		page           bool   // the failure is told in the log alone
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

// jar opens and seals the site's cookies.
func (s *site) jar() *cookie.Jar { return cookie.New(s.keys, s.url, false, s.now) }

// kept opens a cookie of the browser.
func (b *browser) kept(name string) []byte {
	b.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", b.cookies())
	value, err := b.jar().Get(r, name)
	must(b.t, err)
	return value
}

// sealed returns a Cookie header with a value.
func (s *site) sealed(name string, value []byte) string {
	s.t.Helper()
	w := httptest.NewRecorder()
	must(s.t, s.jar().Set(w, name, value, time.Minute))
	pair, _, _ := strings.Cut(w.Header().Get("Set-Cookie"), ";")
	return pair
}

// What another version of this package has left, in a browser or in the store, is not
// read as if it were this one's.
func TestWhatWaitsInAnotherLayout(t *testing.T) {
	t.Parallel()
	s, matt := openWaiting(t)
	signUp, login := s.waits(t, matt, "sign-up").kept("social_signup"), s.waits(t, matt, "log-in").kept("social_login")
	d := keyring.NewDecoder(signUp)
	version, form, token, user := d.Byte(), d.Bool(), d.Text(), d.Text()
	if !d.Whole() || !form || token == "" || user != "" {
		t.Fatal("the cookie has another layout")
	}
	at := func(token string) []byte {
		var e keyring.Encoder
		e.Byte(version)
		e.Bool(form)
		e.Text(token)
		e.Text(user)
		return e
	}
	// again holds what a token finds, with other data.
	again := func(purpose, token string, change func([]byte) []byte) string {
		held, err := s.Vault().Held(t.Context(), purpose, token)
		must(t, err)
		held.Data = change(held.Data)
		token, err = s.Vault().Hold(t.Context(), held, time.Minute)
		must(t, err)
		return token
	}
	for name, tc := range map[string]struct {
		change func([]byte) []byte
		waits  bool
	}{
		"as it is":        {func(b []byte) []byte { return b }, true},
		"another version": {func(b []byte) []byte { return append([]byte{b[0] + 1}, b[1:]...) }, false},
		"longer":          {func(b []byte) []byte { return append(b[:len(b):len(b)], 0) }, false},
		"shorter":         {func(b []byte) []byte { return b[:len(b)-1] }, false},
		"empty":           {func([]byte) []byte { return nil }, false},
	} {
		for where, request := range map[string][2]string{
			"a sign-up's cookie": {s.sealed("social_signup", tc.change(signUp)), "/register/acme"},
			"a sign-up's row":    {s.sealed("social_signup", at(again("signup", token, tc.change))), "/register/acme"},
			"a log-in's row":     {s.sealed("social_login", []byte(again("login", string(login), tc.change))), "/pending-login"},
		} {
			a := s.browser().get(request[1], "Cookie", request[0])
			if waits := a.status == 200; waits != tc.waits || !waits && !strings.HasPrefix(a.body, "social: no ") {
				t.Errorf("%s, %s: %d %s", where, name, a.status, a.body)
			}
		}
	}
}

// A keeper notes how long the last row is kept, and its ID.
type keeper struct {
	vault.Store
	longest atomic.Int64
	id      atomic.Pointer[string]
}

func (k *keeper) PutOneTime(ctx context.Context, v onetime.Value) error {
	k.longest.Store(int64(time.Until(v.Expires)))
	k.id.Store(&v.ID)
	return k.Store.PutOneTime(ctx, v)
}

// A row is kept no longer than the cookie that finds it.
func TestRowsEndWithTheirCookies(t *testing.T) {
	t.Parallel()
	kept := &keeper{}
	s, matt := openWaiting(t, func(c *social.Config) { kept.Store, c.Connections = c.Connections, kept })
	for what, most := range map[string]time.Duration{"log-in": 10 * time.Minute, "sign-up": 30 * time.Minute} {
		s.waits(t, matt, what)
		if d := time.Duration(kept.longest.Load()); d > most || d < most-time.Minute {
			t.Errorf("%s: for %v", what, d)
		}
	}
}

// The ID that forms have of a sign-up is no part of the row's.
func TestSignUpIDsAreNotTheirRows(t *testing.T) {
	t.Parallel()
	kept := &keeper{}
	s, matt := openWaiting(t, func(c *social.Config) { kept.Store, c.Connections = c.Connections, kept })
	id := s.waits(t, matt, "sign-up").id
	row, err := hex.DecodeString(*kept.id.Load())
	must(t, err)
	own, err := base64.RawURLEncoding.DecodeString(id)
	must(t, err)
	if len(own) != 12 || bytes.Contains(row, own) {
		t.Errorf("%x of %x", own, row)
	}
}
