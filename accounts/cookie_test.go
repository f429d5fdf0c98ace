package accounts_test

import (
	"crypto/sha256"
	"encoding/base64"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSecurity23_SessionCookie(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		scheme, name, remember string
		secure                 bool
		age                    int
	}{
		{"https", "__Host-session", "", true, 0},
		{"https", "__Host-session", "1", true, 90 * 24 * 3600},
		{"http", "session", "", false, 0},
		{"http", "session", "1", false, 90 * 24 * 3600},
	} {
		t.Run(test.scheme+test.remember, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, test.scheme)
			s.user(t, "matt@lp.com", "")
			b := s.browser(t)
			got := b.do("POST", "/login", url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}, "remember": {test.remember}})
			lines := got.header["Set-Cookie"]
			if len(lines) != 2 || !strings.Contains(lines[1], "social_browser=") {
				t.Fatalf("Set-Cookie: %q", lines)
			}
			if len(lines[0]) > 4096 {
				t.Errorf("the cookie has %d bytes", len(lines[0]))
			}
			c, err := http.ParseSetCookie(lines[0])
			if err != nil {
				t.Fatal(err)
			}
			if c.Name != test.name || c.Secure != test.secure || !c.HttpOnly || c.Path != "/" ||
				c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != test.age {
				t.Errorf("the cookie is %v", c)
			}
			if got.header.Get("Cache-Control") != "no-store" {
				t.Error("the answer with the cookie may be stored")
			}
			if p := b.whoami(); p.Email != "matt@lp.com" || p.Remember != (test.remember != "") {
				t.Errorf("signed in: %+v", p)
			}
		})
	}
}

func TestSecurity23_TokenIsHashedAtRest(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	token, err := base64.RawURLEncoding.DecodeString(b.cookie())
	if err != nil || len(token) != 32 {
		t.Fatalf("the token has %d bytes, %v", len(token), err)
	}
	sessions, err := s.Sessions(t.Context(), u.ID)
	if err != nil || len(sessions) != 1 || sessions[0].Hash != sha256.Sum256(token) {
		t.Errorf("sessions %v, %v", sessions, err)
	}
	if strings.Contains(sessions[0].ID(), b.cookie()) || s.with(t, "session", sessions[0].ID()).whoami().Email != "" {
		t.Error("the session's ID opens it")
	}
}

func TestSecurity24_TwoSessionCookiesAreNone(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	good := "session=" + b.cookie()
	for _, test := range []struct {
		lines  []string
		signed bool
	}{
		{[]string{good}, true},
		{[]string{"a=b; " + good + "; c=d"}, true},
		{[]string{"a=b", good}, true},
		{[]string{good + "; Session=x; __Host-session=x; sessions=x; session"}, false},
		{[]string{good + "; session=x"}, false},
		{[]string{"session=x; " + good}, false},
		{[]string{good + ";" + good}, false},
		{[]string{good, good}, false},
		{[]string{good, "session="}, false},
		{[]string{good + "; Session=x; __Host-session=x; sessions=x"}, true},
		{[]string{"\u2000" + good}, false},
		{[]string{good + "="}, false},
		{[]string{good[:len(good)-1] + "!"}, false},
		{[]string{"session=" + strings.Repeat("A", 43)}, false},
	} {
		var headers []string
		for _, line := range test.lines {
			headers = append(headers, "Cookie", line)
		}
		r := s.browser(t).do("GET", "/whoami", nil, headers...)
		if signed := strings.Contains(r.body, "matt@lp.com"); r.status != 200 || signed != test.signed {
			t.Errorf("%q: %d, signed in %v", test.lines, r.status, signed)
		}
	}
}

// A log-in ends what another person began in the browser, and a log-out also the
// messages that were not shown.
func TestSecurity24_LogInAndLogOutEndWhatWasBegun(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	for scheme, prefix := range map[string]string{"http": "", "https": "__Host-"} {
		s := newSite(t, scheme, func(c *accounts.Config) { c.Keys, c.TwoFactorRoles = keys, []string{"admin"} })
		s.user(t, "matt@lp.com", "")
		admin := s.user(t, "ann@lp.com", "")
		check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
		check(t, s.Grant(t.Context(), admin.ID, "admin"))
		begun := []*http.Cookie{
			{Name: prefix + "social_signup", Value: "a"}, {Name: prefix + "social_login", Value: "b"}, {Name: prefix + "social_flash", Value: "c"},
		}
		logIn := func(w http.ResponseWriter, r *http.Request) error {
			return s.LogIn(w, r, "matt@lp.com", password, false)
		}
		half := func(w http.ResponseWriter, r *http.Request) error {
			return s.LogIn(w, r, "ann@lp.com", password, false)
		}
		for _, tt := range []struct {
			name string
			do   func(http.ResponseWriter, *http.Request) error
			want string
		}{
			{"log-in", logIn, "session+ social_browser+ social_login- social_signup-"},
			{"the first half of one", half, "session+ social_login-"}, // what was begun goes on after the second
			{"log-out", s.SignOut, "session- social_flash- social_login- social_signup-"},
		} {
			_, header, err := s.visit(tt.do, begun...)
			check(t, err)
			var got []string
			for _, c := range (&http.Response{Header: header}).Cookies() {
				name, ok := strings.CutPrefix(c.Name, prefix)
				if !ok || c.Secure != (scheme == "https") || !c.HttpOnly || c.Path != "/" {
					t.Errorf("%s, %s: %v", scheme, tt.name, c)
				}
				if c.MaxAge < 0 {
					got = append(got, name+"-")
				} else {
					got = append(got, name+"+")
				}
			}
			slices.Sort(got)
			if strings.Join(got, " ") != tt.want {
				t.Errorf("%s, %s: %v, want %s", scheme, tt.name, got, tt.want)
			}
			if header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s, %s: the answer may be stored", scheme, tt.name)
			}
		}
	}
}

// Only the token itself opens a session, not one of another length or notation.
func TestSecurity23_TokensOfOtherForms(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	check(t, s.store.InsertSession(t.Context(), accounts.Session{Hash: zeroHash, UserID: u.ID, ExpiresAt: s.clock.Now().Add(time.Hour)}))
	for token, opens := range map[string]bool{
		zeroToken:                 true,
		"":                        false,
		"AAAA":                    false,
		zeroToken + "A":           false,
		zeroToken + "AAAA":        false,
		zeroToken[:42]:            false,
		zeroToken[:42] + "B":      false, // bits that are in no byte
		zeroToken[:42] + "!":      false,
		zeroToken[:40] + "!!!":    false,
		zeroToken[:39] + "\"A=\"": false,
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", "session="+token)
		in := false
		s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { in = accounts.Current(r.Context()) != nil })).
			ServeHTTP(httptest.NewRecorder(), r)
		if in != opens {
			t.Errorf("%q: signed in %v", token, in)
		}
	}
}
