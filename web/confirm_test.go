package web_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/web"
)

func confirming(c *accounts.Config) { c.ConfirmEmail = true }

var jane = []string{"email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse", "next", "/connections"}

func TestConfirmPages(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	g := s.guest()
	at, page := g.do("POST", "/register", jane...)
	if at != "/register" || !strings.Contains(page, "Confirmation instructions have been sent to jane@lp.com") || !strings.Contains(page, "<h1>Confirm your e-mail address</h1>") || !strings.Contains(page, `href="/confirm?next=%2Fconnections"`) {
		t.Errorf("%s\n%s", at, page)
	}
	// The same for an address that is taken.
	_, taken := s.guest().do("POST", "/register", "email", "matt@lp.com", "password", "correct horse", "password_confirm", "correct horse", "next", "/connections")
	if taken != strings.ReplaceAll(page, "jane", "matt") {
		t.Errorf("a taken address answers otherwise:\n%s", taken)
	}
	if _, ok := s.box.Last(mail.KindAlreadyRegistered, "matt@lp.com"); !ok {
		t.Error("its owner is not told")
	}
	if _, page := g.do("POST", "/login", "email", "jane@lp.com", "password", "correct horse"); !strings.Contains(page, "Email requires confirmation") || !strings.Contains(page, `href="/confirm"`) {
		t.Errorf("a log-in before:\n%s", page)
	}
	if status, _, body := g.asJSON("POST", "/login", "email", "jane@lp.com", "password", "correct horse"); status != 401 || !strings.Contains(body, `"code":"not_confirmed"`) {
		t.Errorf("%d %s", status, body)
	}
	_, again := g.do("POST", "/confirm", "email", "jane@lp.com", "next", "/connections")
	_, unknown := g.do("POST", "/confirm", "email", "matt@lp.com", "next", "/connections")
	if again != strings.ReplaceAll(unknown, "matt", "jane") || !strings.Contains(again, "still to be confirmed") {
		t.Errorf("%s\n%s", again, unknown)
	}
	path := s.mailed(mail.KindConfirm, "jane@lp.com")
	for range 2 {
		status, h, page := g.raw("GET", path, nil)
		if wantSecret(t, h); status != 200 || strings.Contains(page, `name="password"`) || strings.Contains(page, "not_me") {
			t.Errorf("in the browser that registered: %d\n%s", status, page)
		}
	}
	other := s.guest()
	status, h, page := other.raw("GET", path, nil)
	if wantSecret(t, h); status != 200 || !strings.Contains(page, `name="password"`) || !strings.Contains(page, `name="not_me"`) {
		t.Errorf("in another browser: %d\n%s", status, page)
	}
	if want := `href="/login?next=` + url.QueryEscape(path) + `"`; !strings.Contains(path, "?next=") || !strings.Contains(page, want) {
		t.Errorf("no way through a provider and back, %s\n%s", want, page)
	}
	if page := other.withoutProviders(path); !strings.Contains(page, `name="not_me"`) || strings.Contains(page, "connected provider") {
		t.Errorf("without providers:\n%s", page)
	}
	if _, page := other.do("POST", path, "password", "wrong horse"); !strings.Contains(page, "Invalid password") {
		t.Errorf("a wrong password:\n%s", page)
	}
	status, h, _ = g.raw("POST", path, url.Values{"next": {"/connections"}})
	if wantSecret(t, h); status != 303 || h.Get("Location") != "/connections" {
		t.Errorf("%d to %s", status, h.Get("Location"))
	}
	if _, page := g.do("GET", "/profile"); !strings.Contains(page, "has been confirmed") || !strings.Contains(page, "jane@lp.com") {
		t.Errorf("the profile:\n%s", page)
	}
	if _, page := g.do("GET", "/sessions"); !strings.Contains(page, "a mailed link") {
		t.Errorf("the sessions:\n%s", page)
	}
	for _, method := range []string{"GET", "POST"} {
		status, _, page := other.raw(method, path, url.Values{"not_me": {"1"}, "next": {"/connections"}})
		if status != 400 {
			t.Errorf("%s again: %d", method, status)
		}
		has(t, method+" again", page, `href="/confirm?next=%2Fconnections"`)
	}
}

// withoutProviders returns a page of a site with the same accounts and connections, and no
// providers.
func (g *guest) withoutProviders(path string) string {
	s := g.liveSite
	s.t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		s.t.Fatal(err)
	}
	soc, err := social.New(social.Config{AppURL: s.url, Connections: s.soc.Config().Connections, Users: s.acc, Keys: keys})
	if err != nil {
		s.t.Fatal(err)
	}
	pages, err := web.New(soc, s.acc)
	if err != nil {
		s.t.Fatal(err)
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", s.url+path, nil)
	for _, c := range g.Jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	s.acc.Middleware(pages).ServeHTTP(w, r)
	return w.Body.String()
}

func TestConfirmAsJSON(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	g := s.guest()
	for _, address := range []string{"jane@lp.com", "matt@lp.com"} {
		if status, _, body := g.asJSON("POST", "/register", "email", address, "password", "correct horse", "password_confirm", "correct horse"); status != 202 || strings.TrimSpace(body) != "{}" {
			t.Errorf("%s: %d %s", address, status, body)
		}
		if status, _, body := g.asJSON("POST", "/confirm", "email", address); status != 202 || strings.TrimSpace(body) != "{}" {
			t.Errorf("%s: %d %s", address, status, body)
		}
	}
	if status, _, body := g.asJSON("POST", "/confirm", "email", "jane"); status != 422 || !strings.Contains(body, `"code":"invalid_email"`) {
		t.Errorf("no address: %d %s", status, body)
	}
	if status, _, body := g.asJSON("POST", "/register", "email", "joe@lp.com", "password", "short", "password_confirm", "short"); status != 422 || !strings.Contains(body, `"password_short"`) {
		t.Errorf("a short password: %d %s", status, body)
	}
	for i, address := range []string{"kim@lp.com", "lee@lp.com"} { // the second has the username of the first
		if status, _, body := g.asJSON("POST", "/register", "email", address, "username", "kim", "password", "correct horse", "password_confirm", "correct horse"); status != []int{202, 409}[i] {
			t.Errorf("%s: %d %s", address, status, body)
		}
	}
	for _, to := range []string{"/register", "/confirm"} {
		g.asJSON("POST", to, "email", "ann@lp.com", "password", "correct horse", "password_confirm", "correct horse", "next", "https://evil.example/")
		if path := s.mailed(mail.KindConfirm, "ann@lp.com"); strings.Contains(path, "next") {
			t.Errorf("%s: a link that leads to another site: %s", to, path)
		}
	}
	path := s.mailed(mail.KindConfirm, "jane@lp.com")
	other := s.guest()
	if status, h, body := other.asJSON("POST", path); status != 401 || !strings.Contains(body, `"code":"bad_credentials"`) || h.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := other.asJSON("POST", path, "not_me", "1"); status != 200 || !strings.Contains(body, `"email_verified":true`) {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := g.asJSON("POST", path, "password", "correct horse"); status != 400 || !strings.Contains(body, `"code":"bad_token"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestConfirmPagesAreOff(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	for _, path := range []string{"/confirm", "/confirm/x"} {
		if status, _, body := g.asJSON("POST", path, "email", "matt@lp.com"); status != 404 || !strings.Contains(body, `"code":"turned_off"`) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}
