package accounts_test

import (
	"encoding/base64"
	"fmt"
	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/tenant"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
)

// guess logs in with a wrong password as often as the limit allows, and returns the
// status of one more.
func guess(b *browser, login string, headers ...string) int {
	for range 10 {
		b.logIn(login, "wrong password", headers...)
	}
	return b.logIn(login, "wrong password", headers...).status
}

func TestSecurity38_GuessesAreCountedOnceAnAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "matt")
	stranger := s.browser(t)
	for i := range 5 {
		for _, login := range []string{"matt@lp.com", "MATT"} {
			if r := stranger.logIn(login, "wrong password"); r.status != 401 {
				t.Errorf("guess %d of %s: %d", i, login, r.status)
			}
		}
	}
	for _, login := range []string{"matt@lp.com", "matt", "Matt@LP.com"} {
		if r := stranger.logIn(login, password); r.status != 429 {
			t.Errorf("the right password after ten guesses, as %s: %d", login, r.status)
		}
	}
	if r := stranger.logIn("mat", "wrong password"); r.status != 401 {
		t.Errorf("a name that no account has: %d", r.status)
	}
}

func TestSecurity38_StrangersDoNotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Throttle.NetworkLogins.Count = 15 })
	s.user(t, "matt@lp.com", "matt")
	s.user(t, "joe@lp.com", "joe")
	owner, stranger := s.browser(t), s.browser(t)
	if r := owner.logIn("matt@lp.com", password); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	owner.do("POST", "/logout", nil)
	stranger.logIn("joe@lp.com", password) // a browser with a user of its own
	if got := guess(stranger, "matt@lp.com"); got != 429 {
		t.Fatalf("a stranger's eleventh guess: %d", got)
	}
	guess(stranger, "missing@lp.com") // the network has used its limit up, too
	if r := stranger.logIn("matt", password); r.status != 429 {
		t.Errorf("the stranger guesses on: %d", r.status)
	}
	if r := owner.logIn("matt", password); r.status != 200 {
		t.Errorf("the owner is locked out: %d", r.status)
	}
	if r := stranger.logIn("matt", password); r.status != 429 {
		t.Errorf("the owner's log-in gives the stranger more guesses: %d", r.status)
	}
	if r := s.browser(t).logIn("matt", password, "X-Forwarded-For", "192.0.2.9"); r.status != 429 {
		t.Errorf("an unknown browser: %d", r.status)
	}

	// The browser has a budget, not a free pass, and has it for its users alone.
	if got := guess(owner, "joe@lp.com", "X-Forwarded-For", "192.0.2.1"); got != 429 {
		t.Errorf("the owner guesses at another user: %d", got)
	}
	if r := stranger.logIn("joe@lp.com", password); r.status != 200 {
		t.Errorf("the other user, in their own browser: %d", r.status)
	}
	if got := guess(owner, "matt@lp.com"); got != 429 {
		t.Errorf("the owner's eleventh guess: %d", got)
	}
	s.clock.Advance(15 * time.Minute)
	if r := owner.logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("in the next window: %d", r.status)
	}
	if n := s.Trials(); n != 0 {
		t.Errorf("%d trials have not ended", n)
	}
}

// A person who once had the password can have any number of browsers that know the
// user. They get no more guesses at the new password than one network does.
func TestSecurity38_BrowsersThatKnowAUserHaveOneLimitTogether(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) { c.Throttle.NetworkLogins.Count = 12 })
	u := s.user(t, "matt@lp.com", "matt")
	owner := s.browser(t)
	owner.logIn("matt@lp.com", password)
	var known []*browser
	for range 4 {
		b := s.browser(t)
		b.logIn("matt@lp.com", password)
		known = append(known, b)
	}
	check(t, s.SetPassword(t.Context(), u.ID, "another password"))
	guesses := 0
	for round := range 10 {
		for i, b := range known {
			// Each from a network of its own.
			if r := b.logIn("matt@lp.com", password, "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", 10*round+i)); r.status == 401 {
				guesses++
			}
		}
	}
	if want := 12 + 10; guesses > want {
		t.Errorf("%d guesses, want at most %d", guesses, want)
	}
	limits := map[string]bool{}
	for _, e := range es.list {
		if throttled, ok := e.(accounts.Throttled); ok {
			limits[throttled.Limit] = true
		}
	}
	if !limits["AccountLogins"] || !limits["NetworkLogins"] || len(limits) != 2 {
		t.Errorf("the limits that were reported: %v", limits)
	}
	s.clock.Advance(15 * time.Minute)
	for range 3 {
		for _, b := range known {
			b.logIn("matt@lp.com", password)
		}
	}
	if r := owner.logIn("matt@lp.com", "another password"); r.status != 200 {
		t.Errorf("the owner, who has the limit of an unknown browser: %d", r.status)
	}
}

func TestSecurity38_BrowserCookie(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newSite(t, "http", func(c *accounts.Config) { c.Keys = keys })
	u := s.user(t, "matt@lp.com", "matt")
	owner := s.browser(t)
	line := owner.logIn("matt@lp.com", password).header["Set-Cookie"][1]
	c, err := http.ParseSetCookie(line)
	check(t, err)
	if c.Name != "social_browser" || c.MaxAge != 365*24*3600 || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode {
		t.Errorf("%v", c)
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	check(t, err)
	for _, text := range []string{u.ID, u.Email, u.Username} {
		if strings.Contains(line, text) || strings.Contains(string(raw), text) {
			t.Errorf("the cookie shows %q", text)
		}
	}
	guess(s.browser(t), "matt@lp.com")
	status := func(at *site, value string) int {
		return at.with(t, "social_browser", value).logIn("matt@lp.com", password).status
	}
	// Another process with the keys knows the browser, one without does not.
	same := newSite(t, "http", func(c *accounts.Config) { c.Store, c.Now, c.Keys, c.AppURL = s.store, s.clock.Now, keys, s.url })
	other := newSite(t, "http", func(c *accounts.Config) { c.Store, c.Now, c.AppURL = s.store, s.clock.Now, s.url })
	raw[len(raw)-1] ^= 1
	for _, tt := range []struct {
		name  string
		site  *site
		value string
		want  int
	}{
		{"whole", s, c.Value, 200},
		{"in another process", same, c.Value, 200},
		{"with other keys", other, c.Value, 429},
		{"changed", s, base64.RawURLEncoding.EncodeToString(raw), 429},
		{"cut off", s, c.Value[:20], 429},
		{"empty", s, "", 429},
	} {
		if got := status(tt.site, tt.value); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	s.clock.Advance(364 * 24 * time.Hour)
	guess(s.browser(t), "matt@lp.com")
	if got := status(s, c.Value); got != 200 {
		t.Errorf("a day before its end: %d", got)
	}
	s.clock.Advance(24 * time.Hour)
	guess(s.browser(t), "matt@lp.com")
	if got := status(s, c.Value); got != 429 {
		t.Errorf("after a year: %d", got)
	}

	// A user without a password has nothing to guess; a browser knows its ten latest.
	plain, err := s.Create(t.Context(), accounts.NewUser{Email: "social@lp.com"})
	check(t, err)
	for _, line := range s.browser(t).do("POST", "/social", url.Values{"user": {plain.ID}}).header["Set-Cookie"] {
		if strings.Contains(line, "social_browser") {
			t.Error("a browser is remembered for a user without a password")
		}
	}
	s.clock.Advance(15 * time.Minute)
	shared := s.browser(t)
	shared.logIn("matt@lp.com", password)
	for i := range 10 {
		login := string(rune('a'+i)) + "@lp.com"
		v := s.user(t, login, "")
		shared.do("POST", "/social", url.Values{"user": {v.ID}})
		if i == 8 {
			guess(s.browser(t), "matt@lp.com")
			if r := shared.logIn("matt@lp.com", "wrong password"); r.status != 401 {
				t.Errorf("after nine other users: %d", r.status)
			}
		}
	}
	if r := shared.logIn("matt@lp.com", password); r.status != 429 {
		t.Errorf("after ten other users: %d", r.status)
	}
}

// Each browser has a budget of its own for each of its users.
func TestSecurity38_BrowsersDoNotShareABudget(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	s.user(t, "joe@lp.com", "")
	phone, laptop := s.browser(t), s.browser(t)
	for _, b := range []*browser{phone, laptop} {
		b.logIn("joe@lp.com", password)
		for range 12 { // which do not push the other user out
			b.logIn("matt@lp.com", password)
		}
	}
	guess(s.browser(t), "joe@lp.com")
	guess(s.browser(t), "matt@lp.com")
	if got := guess(phone, "matt@lp.com"); got != 429 {
		t.Errorf("the eleventh guess: %d", got)
	}
	for name, login := range map[string]string{"another browser": "matt@lp.com", "another user of it": "joe@lp.com"} {
		if r := laptop.logIn(login, password); r.status != 200 {
			t.Errorf("%s: %d", name, r.status)
		}
	}
}

// A user of one tenant is no user of another, whatever their ID is.
func TestSecurity38_BrowserKnowsUsersOfOneTenant(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ tenant, id, otherTenant, otherID string }{
		{"blue", "7", "green", "7"},
		{"blue", "7", "", "7"},
		{"blue", "7", "blu", "e7"},
	} {
		s := newSite(t, "http")
		for id, of := range map[string]string{tt.tenant: tt.id, tt.otherTenant: tt.otherID} {
			_, err := s.Import(tenant.With(t.Context(), id), accounts.ImportedUser{ID: of, Email: "matt@lp.com", Password: password})
			check(t, err)
		}
		b := s.browser(t)
		if r := b.logIn("matt@lp.com", password, in(tt.tenant)...); r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		guess(s.browser(t), "matt@lp.com", in(tt.otherTenant)...)
		if r := b.logIn("matt@lp.com", password, in(tt.otherTenant)...); r.status != 429 {
			t.Errorf("%+v: %d", tt, r.status)
		}
	}
}

// A cookie of another layout, as another release may seal it, knows no user.
func TestBrowserCookieOfAnotherLayout(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newSite(t, "http", func(c *accounts.Config) { c.Keys = keys })
	s.user(t, "matt@lp.com", "")
	jar := cookie.New(keys, s.url, false, s.clock.Now)
	for _, length := range []int{0, 1, 15, 16, 17, 33} {
		w := httptest.NewRecorder()
		check(t, jar.Set(w, "social_browser", make([]byte, length), time.Hour))
		logIn := func(w http.ResponseWriter, r *http.Request) error {
			return s.LogIn(w, r, "matt@lp.com", password, false)
		}
		if _, header, err := s.visit(logIn, w.Result().Cookies()...); err != nil || len(header["Set-Cookie"]) != 2 {
			t.Errorf("%d bytes: %v, %q", length, err, header["Set-Cookie"])
		}
	}
}
