package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// mailed returns the path, with the query, of the newest link of a kind to an address.
func (s *liveSite) mailed(kind, to string) string {
	s.t.Helper()
	l, ok := s.box.Last(kind, to)
	if !ok {
		s.t.Fatalf("no letter %s to %s among %+v", kind, to, s.box.Letters())
	}
	return strings.TrimPrefix(l.Link, s.url)
}

// asJSON sends a request as a program does, and returns status, header and body.
func (g *guest) asJSON(method, path string, fields ...string) (int, http.Header, string) {
	g.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return g.raw(method, path, form, "Accept", "application/json")
}

// raw sends a request and follows no redirect.
func (g *guest) raw(method, path string, form url.Values, headers ...string) (int, http.Header, string) {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return g.send(r)
}

// send sends a request and follows no redirect.
func (g *guest) send(r *http.Request) (int, http.Header, string) {
	g.t.Helper()
	client := g.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

// wantSecret checks that a page keeps its address to itself.
func wantSecret(t *testing.T, h http.Header) {
	t.Helper()
	if h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("Referrer-Policy %q, Cache-Control %q", h.Get("Referrer-Policy"), h.Get("Cache-Control"))
	}
}

// The header keeps the address of a page to itself, and the page lets browsers name its
// origin with the form.
func TestMailedPagesNameTheirOriginAlone(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	g.do("POST", "/reset", "email", "matt@lp.com")
	const says = `<meta name="referrer" content="strict-origin">`
	path := s.mailed(mail.KindReset, "matt@lp.com")
	for _, form := range []url.Values{nil, {"password": {"short"}, "password_confirm": {"short"}}} {
		method := "GET"
		if form != nil {
			method = "POST"
		}
		if status, h, page := g.raw(method, path, form); status != 200 || !strings.Contains(page, says) {
			t.Errorf("%s: %d\n%s", method, status, page)
		} else {
			wantSecret(t, h)
		}
	}
	if _, h, page := g.raw("GET", "/reset", nil); strings.Contains(page, says) || h.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("an address that is no secret: %s\n%s", h.Get("Referrer-Policy"), page)
	}
	if status, _, _ := g.raw("POST", path, url.Values{"password": {"battery staple"}}, "Origin", "null"); status != 403 {
		t.Errorf("from nowhere: %d", status)
	}
}

func TestResetPages(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	if _, page := g.do("GET", "/login?next=/connections"); !strings.Contains(page, `href="/reset?next=%2Fconnections">Forgot password?`) {
		t.Errorf("the log-in page:\n%s", page)
	}
	_, known := g.do("POST", "/reset", "email", "matt@lp.com", "next", "/connections")
	_, unknown := g.do("POST", "/reset", "email", "jane@lp.com", "next", "/connections")
	has(t, "asked for", known, "<h1>Set a new password</h1>")
	if known != strings.ReplaceAll(unknown, "jane", "matt") || !strings.Contains(known, "instructions to reset its password have been sent") {
		t.Errorf("%s\n%s", known, unknown)
	}
	path := s.mailed(mail.KindReset, "matt@lp.com")
	if !strings.HasSuffix(path, "?next=%2Fconnections") {
		t.Errorf("the link leads to %s", path)
	}
	for range 2 {
		status, h, page := g.raw("GET", path, nil)
		if wantSecret(t, h); status != 200 {
			t.Errorf("%d", status)
		}
		action, _, _ := strings.Cut(path, "?")
		has(t, "the page", page, hidden("next", "/connections"), "matt@lp.com", `action="`+action+`"`, "<script")
	}
	for what, fields := range map[string][]string{
		"different": {"password", "battery staple", "password_confirm", "battery"},
		"short":     {"password", "battery", "password_confirm", "battery"},
		"nothing":   {},
	} {
		if at, page := g.do("POST", path, fields...); at != path || !strings.Contains(page, `aria-invalid="true"`) || strings.Contains(page, "battery") {
			t.Errorf("%s: %s\n%s", what, at, page)
		}
	}
	form := url.Values{"password": {"battery staple"}, "password_confirm": {"battery staple"}, "next": {"/connections"}}
	status, h, _ := g.raw("POST", path, form)
	if wantSecret(t, h); status != 303 || h.Get("Location") != "/login?next=%2Fconnections" {
		t.Errorf("%d to %s", status, h.Get("Location"))
	}
	if _, page := g.do("GET", "/login"); !strings.Contains(page, "You successfully reset your password.") {
		t.Errorf("no message:\n%s", page)
	}
	for _, method := range []string{"GET", "POST"} {
		status, h, page := g.raw(method, path, form)
		if wantSecret(t, h); status != 400 || !strings.Contains(page, "not good any more") {
			t.Errorf("%s again: %d %s", method, status, page)
		}
		has(t, method+" again", page, `href="/reset?next=%2Fconnections"`)
	}
	if at, _ := g.do("POST", "/login", "email", "matt@lp.com", "password", "battery staple", "next", "/connections"); at != "/connections" {
		t.Errorf("the log-in ends at %s", at)
	}
}

func TestResetAsJSON(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	for _, address := range []string{"matt@lp.com", "jane@lp.com"} {
		if status, _, body := g.asJSON("POST", "/reset", "email", address); status != 202 || strings.TrimSpace(body) != "{}" {
			t.Errorf("%s: %d %s", address, status, body)
		}
	}
	if status, _, body := g.asJSON("POST", "/reset", "email", "x"); status != 422 || !strings.Contains(body, `"code":"invalid_email"`) {
		t.Errorf("%d %s", status, body)
	}
	path := s.mailed(mail.KindReset, "matt@lp.com")
	status, h, body := g.asJSON("POST", path, "password", "battery", "password_confirm", "battery")
	if wantSecret(t, h); status != 422 || !strings.Contains(body, `"code":"weak_password"`) || !strings.Contains(body, "password_short") {
		t.Errorf("%d %s", status, body)
	}
	status, h, body = g.asJSON("POST", path, "password", "battery staple", "password_confirm", "battery staple")
	if wantSecret(t, h); status != 200 || strings.TrimSpace(body) != "{}" {
		t.Errorf("%d %s", status, body)
	}
	status, h, body = g.asJSON("POST", path, "password", "battery staple", "password_confirm", "battery staple")
	if wantSecret(t, h); status != 400 || !strings.Contains(body, `"code":"bad_token"`) {
		t.Errorf("%d %s", status, body)
	}
	for range 50 {
		status, h, body = g.asJSON("POST", "/reset", "email", "jane@lp.com")
	}
	if status != 429 || h.Get("Retry-After") == "" || !strings.Contains(body, `"code":"throttled"`) {
		t.Errorf("%d %s", status, body)
	}
}

// A form that is refused says what is wrong, and nothing else, and asks for the same again.
func TestResetIsRefused(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.Breached = stolen{"stolen secret": true} })
	g := s.guest()
	g.do("POST", "/reset", "email", "matt@lp.com")
	path := s.mailed(mail.KindReset, "matt@lp.com")
	for _, tc := range []struct{ password, again, code, fields string }{
		{"", "", "invalid_password", "password:password_missing"},
		{"", "battery staple", "invalid_password", "password:password_missing password_confirm:passwords_differ"},
		{"battery staple", "battery", "invalid_password_confirm", "password_confirm:passwords_differ"},
		{"battery", "battery", "weak_password", "password:password_short"},
		{"battery", "staple", "weak_password", "password:password_short password_confirm:passwords_differ"},
		{"stolen secret", "stolen secret", "weak_password", "password:password_breached"},
	} {
		body, err := json.Marshal(map[string]string{"password": tc.password, "password_confirm": tc.again})
		if err != nil {
			t.Fatal(err)
		}
		status, answer, text := g.json("POST", path, string(body))
		if fields := wrongFields(answer); status != 422 || answer["code"] != tc.code || fields != tc.fields {
			t.Errorf("%q and %q: %d %v %q, want %q %q: %s", tc.password, tc.again, status, answer["code"], fields, tc.code, tc.fields, text)
		}
		_, page := g.do("POST", path, "password", tc.password, "password_confirm", tc.again, "next", "/connections")
		for _, part := range []string{`name="next" value="/connections"`, `value="matt@lp.com"`} {
			if !strings.Contains(page, part) {
				t.Errorf("%q and %q: no %s in\n%s", tc.password, tc.again, part, page)
			}
		}
	}
	_, page := g.do("POST", path, "password", "battery staple", "password_confirm", "battery staple")
	wantFlash(t, page, "success", "password_reset")
}

// stolen are passwords that were stolen elsewhere.
type stolen map[string]bool

func (s stolen) Breached(_ context.Context, password secret.Text) (bool, error) {
	return s[password.Reveal()], nil
}

// wrongFields returns the fields of a problem with their codes.
func wrongFields(answer map[string]any) string {
	var all []string
	list, _ := answer["errors"].([]any)
	for _, e := range list {
		e := e.(map[string]any)
		all = append(all, fmt.Sprintf("%v:%v", e["field"], e["code"]))
	}
	return strings.Join(all, " ")
}

// wantFlash checks that a page has a message of a category.
func wantFlash(t *testing.T, page, category, code string) {
	t.Helper()
	if !strings.Contains(page, `class="flash flash-`+category+`" data-code="`+code+`"`) {
		t.Errorf("no message %s of %s in\n%s", code, category, page)
	}
}

func TestResetPagesAreOff(t *testing.T) {
	t.Parallel()
	_, visit := visitors(t)
	v := visit()
	for _, path := range []string{"/reset", "/reset/x"} {
		if w := v.do("GET", path, nil, "Accept", "application/json"); w.Code != 404 || !strings.Contains(w.Body.String(), `"code":"turned_off"`) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if page := v.do("GET", "/login", nil).Body.String(); strings.Contains(page, "Forgot") {
		t.Errorf("a link to what is off:\n%s", page)
	}
}

// A stranger registered with another person's address, connected and signed in: all of it
// ends when the owner of the address sets a password.
func TestSecurity34_ResetEndsConnections(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	stranger := s.guest()
	stranger.do("POST", "/register", "email", "victim@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	s.pretend.Approve("ana")
	stranger.do("POST", "/connect/google")
	u, err := s.acc.Find(t.Context(), "victim@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := s.soc.Vault().Connections(t.Context(), u.ID, ""); err != nil || len(list) != 1 {
		t.Fatalf("%d connections, %v", len(list), err)
	}
	owner := s.guest()
	owner.do("POST", "/reset", "email", "victim@lp.com")
	owner.do("POST", s.mailed(mail.KindReset, "victim@lp.com"), "password", "battery staple", "password_confirm", "battery staple")
	if list, err := s.soc.Vault().Connections(t.Context(), u.ID, ""); err != nil || len(list) != 0 {
		t.Errorf("%d connections are left, %v", len(list), err)
	}
	if at, _ := stranger.do("GET", "/profile"); !strings.HasPrefix(at, "/login") {
		t.Errorf("the stranger is signed in at %s", at)
	}
	if at, _ := owner.do("POST", "/login", "email", "victim@lp.com", "password", "battery staple"); at != "/profile" {
		t.Errorf("the owner's log-in ends at %s", at)
	}
}

// A request that fails names no link in the log.
func TestSecurity43_NoLinkInTheLog(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	g.do("POST", "/reset", "email", "matt@lp.com")
	path := s.mailed(mail.KindReset, "matt@lp.com")
	s.box.Fail(errors.New("on purpose"))
	if status, _, _ := g.raw("POST", path, url.Values{"password": {"battery staple"}, "password_confirm": {"battery staple"}}); status != 500 {
		t.Errorf("%d", status)
	}
	if log := s.log.String(); !strings.Contains(log, "path=/reset/TOKEN") || strings.Contains(log, strings.TrimPrefix(path, "/reset/")) {
		t.Errorf("the log:\n%s", log)
	}
}
