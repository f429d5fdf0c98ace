package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// copied returns a guest whose browser has copies of another's cookies, as a thief has.
func (g *guest) copied() *guest {
	g.t.Helper()
	at, err := url.Parse(g.url)
	if err != nil {
		g.t.Fatal(err)
	}
	thief := g.liveSite.guest()
	jar, err := cookiejar.New(nil)
	if err != nil {
		g.t.Fatal(err)
	}
	jar.SetCookies(at, g.Jar.Cookies(at))
	thief.Client = http.Client{Jar: jar, Transport: g.transport}
	return thief
}

// An intruder who has copied the cookie of a session is signed out when its owner proves who they
// are, or changes the password; the owner goes on. Pages and JSON are alike in this.
func TestAccounts7_AProofSignsOutACopiedCookie(t *testing.T) {
	t.Parallel()
	for proof, prove := range map[string]func(t *testing.T, g *guest, passkey func() string) (at, page string){
		"by password": func(_ *testing.T, g *guest, _ func() string) (string, string) {
			return g.do("POST", "/verify", "password", "correct horse", "next", "/security")
		},
		"by passkey": func(_ *testing.T, g *guest, passkey func() string) (string, string) {
			return g.do("POST", "/verify", "credential", passkey(), "next", "/security")
		},
		"by password, as JSON": func(t *testing.T, g *guest, _ func() string) (string, string) {
			if status, _, body := g.asJSON("POST", "/verify", "password", "correct horse"); status != 200 {
				t.Errorf("%d %s", status, body)
			}
			return g.do("GET", "/security")
		},
		"a change of the password": func(_ *testing.T, g *guest, _ func() string) (string, string) {
			g.do("POST", "/change-password", "password", "correct horse", "new_password", "battery staple", "new_password_confirm", "battery staple")
			return g.do("GET", "/security")
		},
	} {
		for remember, fields := range map[string][]string{"": nil, ", remembered": {"remember", "y"}} {
			t.Run(proof+remember, func(t *testing.T) {
				t.Parallel()
				s, keys := openPasskeys(t, nil)
				owner := s.guest()
				owner.do("POST", "/login", append([]string{"email", "matt@lp.com", "password", "correct horse"}, fields...)...)
				owner.do("POST", "/security/passkeys", "credential", owner.create(keys))
				s.pass(20 * time.Minute)
				thief := owner.copied()
				if at, page := thief.do("GET", "/profile"); at != "/profile" || !strings.Contains(page, "matt@lp.com") {
					t.Fatalf("the copy is no good: %s\n%s", at, page)
				}
				at, page := prove(t, owner, func() string { return owner.get(keys, "/passkeys/options?for=verify") })
				if at != "/security" {
					t.Fatalf("the owner goes to %s:\n%s", at, page)
				}
				if at, page := thief.do("GET", "/profile"); at != "/login?next=%2Fprofile" {
					t.Errorf("the thief goes on to %s:\n%s", at, page)
				}
				if status, _, body := thief.asJSON("GET", "/session"); status != 401 {
					t.Errorf("the thief: %d %s", status, body)
				}
				if at, page := owner.do("GET", "/profile"); at != "/profile" || !strings.Contains(page, "matt@lp.com") {
					t.Errorf("the owner is signed out: %s\n%s", at, page)
				}
				var list []struct{ Current bool }
				if _, _, body := owner.asJSON("GET", "/sessions"); json.Unmarshal([]byte(body), &list) != nil || len(list) != 1 || !list[0].Current {
					t.Errorf("the sessions: %s", body)
				}
			})
		}
	}
}
