package web_test

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/web"
)

// A failingSite is a site whose stores have an outage.
type failingSite struct {
	*liveSite
	out   *outage
	keys  *passkeytest.Authenticator
	pages *logbook // what the pages log
}

func openFailing(t *testing.T, configure func(*accounts.Config)) *failingSite {
	t.Helper()
	s := &failingSite{out: &outage{}, pages: &logbook{}}
	store := accountstore.New()
	log, err := audit.New(audit.Config{Store: failingAccounts{store, s.out}})
	if err != nil {
		t.Fatal(err)
	}
	s.liveSite = openLiveOn(t, failingConnections{memstore.New(), s.out}, func(c *accounts.Config) {
		c.Store, c.MagicLink = failingAccounts{store, s.out}, true
		c.Passkeys = passkeytest.RelyingParty{ID: "localhost", Origin: c.AppURL}
		none := accounts.Limit{Count: -1}
		c.Throttle.AccountResets, c.Throttle.NetworkResets, c.Throttle.AccountMagicLinks, c.Throttle.NetworkMagicLinks, c.Throttle.AccountVerifications = none, none, none, none, none
		if configure != nil {
			configure(c)
		}
	}, web.Options{Audit: log, Logger: slog.New(slog.NewTextHandler(s.pages, nil))})
	s.keys = &passkeytest.Authenticator{Origin: s.url}
	return s
}

// What cannot be read is not shown as if there were none, and what cannot be done is not
// answered as if it were: each call to the stores that fails gives the page of an unexpected
// failure, once, and the problem of one to programs.
func TestPagesFailWithTheirStores(t *testing.T) {
	t.Parallel()
	visitor := func(s *failingSite) (*guest, string) { return s.guest(), "" }
	signedIn := func(s *failingSite) (*guest, string) { return s.guest().byPassword(), "" }
	linkOf := func(kind string, ask ...string) func(s *failingSite) (*guest, string) {
		return func(s *failingSite) (*guest, string) {
			g := s.guest()
			if ask[0] == "/change-email" {
				g.byPassword()
			}
			g.do("POST", ask[0], ask[1:]...)
			return g, s.mailed(kind, ask[2])
		}
	}
	withPasskey := func(s *failingSite) (*guest, string) {
		g := s.guest().byPassword()
		if len(s.keys.Passkeys) == 0 {
			g.do("POST", "/security/passkeys", "credential", g.create(s.keys), "name", "laptop")
		} else {
			g.do("POST", "/two-factor", "credential", g.get(s.keys, "/passkeys/options"))
		}
		return g, ""
	}
	passkey := func(s *failingSite) (*guest, string) {
		g, _ := withPasskey(s)
		_, page := g.do("GET", "/security/passkeys")
		return g, passkeyLink.FindStringSubmatch(page)[1]
	}
	second := func(s *failingSite) (*guest, string) {
		if len(s.keys.Passkeys) == 0 {
			withPasskey(s)
		}
		return s.guest().byPassword(), ""
	}
	byProvider := func(s *failingSite) (*guest, string) {
		g, _ := withPasskey(s)
		s.pretend.Approve("ana")
		g.do("POST", "/connect/google")
		due := s.guest()
		due.do("POST", "/login/google")
		return due, ""
	}
	connected := func(s *failingSite) (*guest, string) {
		s.pretend.Approve("ana")
		g := s.guest().byPassword()
		g.do("POST", "/connect/google")
		_, page := g.do("GET", "/connections")
		return g, removeLink.FindStringSubmatch(page)[1]
	}
	waiting := func(s *failingSite) (*guest, string) {
		s.pretend.Approve("jun")
		g := s.guest()
		_, page := g.do("POST", "/login/google")
		g.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse", "signup", signUpLink.FindStringSubmatch(page)[1])
		return g, ""
	}
	token := func(s *failingSite) (*guest, string) {
		g := s.guest().byPassword()
		g.do("POST", "/security/tokens", "name", "deploy", "scopes", "read")
		_, page := g.do("GET", "/security/tokens")
		return g, tokenAction.FindStringSubmatch(page)[1]
	}
	get := []string{http.MethodGet}
	post := []string{http.MethodPost}
	type request struct {
		name    string
		enter   func(s *failingSite) (g *guest, path string)
		methods []string
		path    string // after enter's
		fields  []string
		least   int    // calls that fail
		spares  string // a method whose failure is no failure of the request
	}
	toConfirm := func(s *failingSite) (*guest, string) {
		g := s.guest()
		g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
		g.do("POST", "/confirm", "email", "jane@lp.com")
		return g, s.mailed(mail.KindConfirm, "jane@lp.com")
	}
	for name, requests := range map[string][]request{
		"an address to confirm": {
			{"log in", visitor, get, "/login", nil, 1, ""},
			{"the form to register", visitor, get, "/register", nil, 1, ""},
			{"ask again", visitor, post, "/confirm", []string{"email", "jane@lp.com"}, 1, ""},
			{"the link", toConfirm, get, "", nil, 2, ""},
			{"the link, signed in", func(s *failingSite) (*guest, string) {
				_, link := toConfirm(s)
				return s.guest().byPassword(), link
			}, get, "", nil, 3, ""},
			{"register", visitor, post, "/register", []string{"email", "joe@lp.com", "password", "correct horse", "password_confirm", "correct horse"}, 1, ""},
			{"confirm", toConfirm, post, "", nil, 2, ""},
		},
		"a user with a password": {
			{"connections", signedIn, get, "/connections", nil, 1, ""},
			{"disconnect", connected, get, "", nil, 1, ""},
			{"what waits to be connected", waiting, get, "/connections/pending", nil, 1, ""},
			{"profile", signedIn, get, "/profile", nil, 1, ""},
			{"security", signedIn, get, "/security", nil, 7, ""},
			{"tokens", signedIn, get, "/security/tokens", nil, 1, ""},
			{"a new token", signedIn, post, "/security/tokens", []string{"name", "deploy", "scopes", "read"}, 1, ""},
			{"end a token", token, post, "", []string{"_method", "DELETE"}, 1, ""},
			{"sessions", signedIn, get, "/sessions", nil, 2, ""},
			{"activity", signedIn, get, "/security/activity", nil, 2, ""},
			{"end sessions", signedIn, post, "/sessions", []string{"_method", "DELETE"}, 1, ""},
			{"end a session", func(s *failingSite) (*guest, string) {
				s.guest().byPassword()
				g := s.guest().byPassword()
				_, page := g.do("GET", "/sessions")
				return g, sessionAction.FindAllStringSubmatch(page, -1)[1][1] // the first is this one
			}, post, "", []string{"_method", "DELETE"}, 2, ""},
			{"log out", signedIn, post, "/logout", nil, 1, ""},
			{"passkeys", signedIn, get, "/security/passkeys", nil, 1, ""},
			{"new passkey", signedIn, post, "/security/passkeys/options", nil, 1, ""},
			{"a log-in", visitor, post, "/login", []string{"email", "matt@lp.com", "password", "correct horse"}, 1, ""},
			{"verify", signedIn, get, "/verify", nil, 1, ""},
			{"verify by password", signedIn, post, "/verify", []string{"password", "correct horse"}, 1, ""},
			{"an authenticator", signedIn, get, "/security/totp", nil, 1, ""},
			{"set one up", signedIn, post, "/security/totp", nil, 1, ""},
			{"a new password", signedIn, post, "/change-password", []string{"password", "correct horse", "new_password", "correct horse", "new_password_confirm", "correct horse"}, 1, ""},
			{"a new password, and a mistake", signedIn, post, "/change-password", []string{"password", "correct horse", "new_password", "short", "new_password_confirm", "short"}, 1, ""},
			{"a language", signedIn, post, "/profile", []string{"language", "de"}, 1, ""},
			{"a new address", signedIn, post, "/change-email", []string{"email", "matt@example.com"}, 1, ""},
			{"a new username", signedIn, post, "/change-username", []string{"username", "matt"}, 1, ""},
			{"export", signedIn, get, "/account/export", nil, 1, ""},
			{"ask to reset", visitor, post, "/reset", []string{"email", "matt@lp.com"}, 1, ""},
			{"reset", linkOf(mail.KindReset, "/reset", "email", "matt@lp.com"), get, "", nil, 2, ""},
			{"magic link", linkOf(mail.KindMagicLink, "/magic-link", "email", "matt@lp.com"), get, "", nil, 2, ""},
			{"change the address", linkOf(mail.KindChangeEmail, "/change-email", "email", "matt@example.com"), get, "", nil, 2, ""},
		},
		"a user with a passkey": {
			{"a passkey", passkey, get, "", nil, 1, ""},
			{"rename a passkey", passkey, post, "", []string{"_method", "PATCH", "name", "key"}, 1, ""},
			{"passkey options", withPasskey, post, "/passkeys/options", []string{"for", "verify"}, 1, ""},
			{"a provider's second step", byProvider, []string{"GET", "POST"}, "/two-factor", []string{"recovery_code", "x"}, 2, ""},
			{"options of a provider's second step", byProvider, post, "/passkeys/options", nil, 2, ""},
			{"a log-in that waits", visitor, post, "/login", []string{"email", "matt@lp.com", "password", "correct horse"}, 2, ""},
			{"the second step", second, get, "/two-factor", nil, 1, ""},
			{"recovery codes", withPasskey, post, "/security/recovery-codes", nil, 1, "Factors"},
			{"remove a passkey", passkey, post, "", []string{"_method", "DELETE"}, 1, ""},
		},
		"for good": {
			{"keep", func(s *failingSite) (*guest, string) {
				g := s.guest().byPassword()
				g.do("POST", "/account/delete")
				return g.byPassword(), ""
			}, post, "/account/undelete", nil, 1, ""},
			{"delete", signedIn, post, "/account/delete", nil, 1, ""},
			{"set a password", linkOf(mail.KindReset, "/reset", "email", "matt@lp.com"), post, "", []string{"password", "correct horse", "password_confirm", "correct horse"}, 3, ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openFailing(t, func(c *accounts.Config) { c.ConfirmEmail = name == "an address to confirm" })
			for _, r := range requests {
				for _, method := range r.methods {
					g, path := r.enter(s)
					what := r.name + ": " + method + " " + path + r.path
					form := url.Values{}
					for i := 0; i < len(r.fields); i += 2 {
						form.Set(r.fields[i], r.fields[i+1])
					}
					failures, spared := 0, r.spares == ""
					for ; ; failures++ {
						s.out.begin(failures + 1)
						status, h, page := g.raw(method, path+r.path, form)
						failed := s.out.end()
						if failed == "" {
							if status >= 400 {
								t.Errorf("%s without a failure: %d %s", what, status, page)
							}
							break
						}
						if failed == r.spares && status == http.StatusOK { // and texts fit any factor
							spared = true
							has(t, what, page, "when you have lost the app and your passkeys")
						} else if status != http.StatusInternalServerError {
							t.Errorf("%s, %s fails: %d to %q\n%s", what, failed, status, h.Get("Location"), page)
						}
						wantOneAnswer(t, what, h, page)
					}
					if failures < r.least {
						t.Errorf("%s has failed %d times, want at least %d", what, failures, r.least)
					}
					if !spared || r.spares != "" && !strings.Contains(s.pages.String(), `level=WARN msg="web: second factors" error=`) {
						t.Errorf("%s: the log is\n%s", what, s.pages)
					}
				}
			}
		})
	}
}

// Programs learn of every call to the stores that fails, by one problem.
func TestProgramsLearnOfFailures(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	g := s.guest().byPassword()
	g.do("POST", "/security/passkeys", "credential", g.create(s.keys), "name", "laptop")
	g = s.guest().byPassword()
	g.do("POST", "/two-factor", "credential", g.get(s.keys, "/passkeys/options"), "trust", "y")
	g = g.byPassword()
	for path, least := range map[string]int{
		"/session": 1, "/sessions": 2, "/security": 6, "/security/activity": 2, "/security/totp": 1, "/security/passkeys": 1, "/security/tokens": 1, "/connections": 1,
	} {
		failures := 0
		for ; ; failures++ {
			s.out.begin(failures + 1)
			status, h, body := g.asJSON("GET", path)
			failed := s.out.end()
			wantOneAnswer(t, path, h, body)
			if failed == "" {
				if status != http.StatusOK {
					t.Errorf("%s without a failure: %d %s", path, status, body)
				}
				break
			}
			if status != http.StatusInternalServerError || !strings.Contains(body, `"code":"internal"`) {
				t.Errorf("%s, %s fails: %d %s", path, failed, status, body)
			}
		}
		if failures < least {
			t.Errorf("%s has failed %d times, want at least %d", path, failures, least)
		}
	}
}

// A QR code that cannot be drawn is an unexpected failure: the page without it would be as of
// an application that draws none.
func TestQRCodeFails(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t, web.Options{QR: func(string) (string, error) { return "", errors.New("no ink") }})
	v := visit()
	v.do("POST", "/login", matt)
	w := v.do("POST", "/security/totp", nil)
	if w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	w = v.do("GET", w.Header().Get("Location"), nil)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "no ink") {
		t.Errorf("the page: %d %s", w.Code, w.Body)
	}
	wantOneAnswer(t, "the page", w.Header(), w.Body.String())
	w = v.doJSON("POST", "/security/totp", "{}")
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("as JSON: %d %s", w.Code, w.Body)
	}
	wantOneAnswer(t, "as JSON", w.Header(), w.Body.String())
}

// wantOneAnswer checks that a request is answered by one page, or one JSON object.
func wantOneAnswer(t *testing.T, what string, h http.Header, body string) {
	t.Helper()
	n := strings.Count(body, "</html>")
	if strings.Contains(h.Get("Content-Type"), "json") {
		n = 0
		for d := json.NewDecoder(strings.NewReader(body)); d.Decode(new(any)) == nil; n++ {
		}
	}
	if n != 1 {
		t.Errorf("%s is answered %d times:\n%s", what, n, body)
	}
}

// What leads on from the lists.
var (
	passkeyLink   = regexp.MustCompile(`href="(/security/passkeys/[^"]+)"`)
	removeLink    = regexp.MustCompile(`(?:href|action)="(/connections/[^"]+/remove)"`)
	sessionAction = regexp.MustCompile(`action="(/sessions/[^"]+)"`)
	tokenAction   = regexp.MustCompile(`action="(/security/tokens/[^"]+)"`)
)
