package accounts_test

import (
	"encoding/base32"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// factorSite is a site with second factors and the users matt@lp.com and joe@lp.com.
func factorSite(t *testing.T, configure ...func(*accounts.Config)) *site {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newSite(t, "http", append([]func(*accounts.Config){func(c *accounts.Config) { c.Keys = keys }}, configure...)...)
	s.user(t, "matt@lp.com", "matt")
	s.user(t, "joe@lp.com", "")
	return s
}

// A visitor is a browser that calls the site's methods without a server.
type visitor struct {
	*site
	t       *testing.T
	cookies map[string]*http.Cookie
}

func (s *site) newVisitor(t *testing.T) *visitor {
	return &visitor{s, t, map[string]*http.Cookie{}}
}

// do calls f with a request of the visitor's, and keeps the cookies of the answer.
func (v *visitor) do(f func(w http.ResponseWriter, r *http.Request) error) error {
	r := httptest.NewRequest("POST", "/", nil)
	r = r.WithContext(tenant.With(r.Context(), v.site.tenant))
	r.Header.Set("User-Agent", strings.Repeat("x", 1000))
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	var err error
	v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = f(w, r) })).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return err
}

// logIn logs in by password, as far as that goes.
func (v *visitor) logIn(login string) *visitor {
	v.t.Helper()
	check(v.t, v.do(func(w http.ResponseWriter, r *http.Request) error { return v.LogIn(w, r, login, password, false) }))
	return v
}

// state is "" for no user, the user's address, or what the session is limited to.
func (v *visitor) state() (state string) {
	v.do(func(_ http.ResponseWriter, r *http.Request) error {
		if u := accounts.Current(r.Context()); u != nil {
			state = u.Email
		} else if s := accounts.LimitedSession(r.Context()); s != nil {
			state = s.LimitedTo
		}
		return nil
	})
	return state
}

func (v *visitor) want(state string) *visitor {
	v.t.Helper()
	if got := v.state(); got != state {
		v.t.Errorf("the browser is %q, want %q", got, state)
	}
	return v
}

func (v *visitor) setUp() (setup accounts.TOTPSetup) {
	v.t.Helper()
	check(v.t, v.do(func(_ http.ResponseWriter, r *http.Request) (err error) { setup, err = v.SetUpTOTP(r); return err }))
	return setup
}

// keyOf reads what an authenticator takes over.
func keyOf(t *testing.T, setup accounts.TOTPSetup) []byte {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(setup.Secret.Reveal())
	check(t, err)
	return key
}

// An authenticator is an application on a phone.
type authenticator struct {
	site     *site
	key      []byte
	recovery []string
}

func (p authenticator) at(step int64) string { return accounts.TOTPCode(p.key, step) }

func (p authenticator) code() string { return p.at(p.site.clock.Now().Unix() / 30) }

func (v *visitor) confirm(code string) (recovery []string, err error) {
	err = v.do(func(w http.ResponseWriter, r *http.Request) (err error) {
		recovery, err = v.ConfirmTOTP(w, r, secret.Text(code))
		return err
	})
	return recovery, err
}

// enroll sets up an authenticator, and lets the code that it showed pass.
func (v *visitor) enroll() authenticator {
	v.t.Helper()
	p := authenticator{site: v.site, key: keyOf(v.t, v.setUp())}
	var err error
	p.recovery, err = v.confirm(p.code())
	check(v.t, err)
	v.clock.Advance(time.Minute)
	return p
}

func (v *visitor) finish(kind, shown string, trust ...bool) error {
	return v.do(func(w http.ResponseWriter, r *http.Request) error {
		return v.FinishFactor(w, r, accounts.FactorAnswer{Kind: kind, Shown: secret.Text(shown), Trust: len(trust) > 0})
	})
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || err != nil && strings.Count(err.Error(), "accounts:") != 1 {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}
