package social_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// alone serves the endpoints of a site with nothing beside them, as an application that
// has no page for sign-up.
func alone(t *testing.T, change ...func(*social.Config)) *site {
	t.Helper()
	s := openTx(t, change...)
	c := s.Config()
	server := httptest.NewUnstartedServer(nil)
	c.AppURL = "http://" + server.Listener.Addr().String()
	soc, err := social.New(c)
	must(t, err)
	mux := http.NewServeMux()
	mux.Handle("/", soc.Handler())
	mux.HandleFunc("GET /whoami", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, s.acc.CurrentUser(r.Context())) })
	server.Config.Handler = s.acc.Middleware(mux)
	server.Start()
	t.Cleanup(server.Close)
	s.Social, s.url = soc, server.URL
	return s
}

// A person whom the provider gives no address can sign up without a page of the
// application's own.
func TestSignUpWithoutAPageOfTheApplication(t *testing.T) {
	t.Parallel()
	s := alone(t, auto, func(c *social.Config) { c.URLPrefix = "/social" })
	s.user("taken@lp.com")
	b := s.browser()
	if a := b.get("/social/register/bird"); a.status != 303 || a.location != "/login" {
		t.Errorf("without a sign-up: %d %q", a.status, a.location)
	}
	a := b.flow("/social/login/bird", "1", "next", "/there")
	if a.location != "/social/register/bird?login_failed=1" {
		t.Fatalf("%d %q", a.status, a.location)
	}
	a = b.get(a.location)
	csp := a.header.Get("Content-Security-Policy")
	if a.status != 200 || !strings.Contains(a.body, "Register with your Bird account: Display 1") || !strings.Contains(a.body, `name="email" value=""`) ||
		strings.Contains(a.body, "not associated") || !strings.HasPrefix(csp, "default-src 'none'") || a.header.Get("Content-Type") != "text/html; charset=utf-8" ||
		a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v\n%s", a.status, a.header, a.body)
	}
	for address, want := range map[string]string{"x<": "Invalid email address", "taken@lp.com": "sign in first, then connect Bird"} {
		a = b.post("/social/register/bird", url.Values{"email": {address}})
		if a.status != 200 || !strings.Contains(a.body, want) || strings.Contains(a.body, "x<") {
			t.Errorf("%s: %d %s", address, a.status, a.body)
		}
	}
	if a := b.post("/social/register/bird", url.Values{"email": {"bird@lp.com"}}, "Origin", "https://evil.example"); a.status != 403 {
		t.Errorf("from another site: %d", a.status)
	}
	if a := b.post("/social/register/bird", url.Values{"email": {"bird@lp.com"}}); a.status != 303 || a.location != "/there" || b.whoami() == "" {
		t.Errorf("%d %q, signed in as %q", a.status, a.location, b.whoami())
	}
	if a := b.post("/social/register/bird", url.Values{"email": {"again@lp.com"}}); a.status != 303 || a.location != "/login" {
		t.Errorf("a second time: %d %q", a.status, a.location)
	}
}

func TestSignUpAsJSONWithoutAPage(t *testing.T) {
	t.Parallel()
	s := alone(t, auto)
	s.user("taken@lp.com")
	s.acme.set(email("claimed@lp.com", false))
	b := s.browser().program()
	if a := b.get("/register/acme"); a.status != 404 || a.problem() != "no_signup" {
		t.Errorf("without a sign-up: %d %s", a.status, a.body)
	}
	if a := b.get("/register/nobody"); a.status != 404 || a.problem() != "unknown_provider" {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.flow("/login/acme", "1")
	if a := b.get("/register/acme"); a.status != 200 || !strings.Contains(a.body, `"display_name":"Display 1","email":"claimed@lp.com"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	for address, want := range map[string]string{"x": "422 invalid_email", "taken@lp.com": "409 invalid_email"} {
		a := b.post("/register/acme", url.Values{"email": {address}})
		if got := fmt.Sprint(a.status, " ", a.problem()); got != want {
			t.Errorf("%s: %d %s", address, a.status, a.body)
		}
	}
	if a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}, "password": {"correct horse"}, "password_confirm": {"x"}}); a.status != 422 || a.problem() != "invalid_password_confirm" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}}); a.status != 201 || !strings.Contains(a.body, `{"user":{`) {
		t.Errorf("%d %s", a.status, a.body)
	}

	// The account at the provider has been connected since.
	b = s.browser().program()
	b.flow("/login/acme", "2")
	_, err := s.Vault().Connect(context.Background(), "another", s.acme.grant("2"))
	must(t, err)
	if a := b.post("/register/acme", url.Values{"email": {"late@lp.com"}}); a.status != 409 || a.problem() != "invalid_account" {
		t.Errorf("%d %s", a.status, a.body)
	}

	// A user who may not, one who has to wait, and one who has to prove more.
	for name, tc := range map[string]struct {
		users  func(*accounts.Accounts) social.Users
		status int
		want   string
	}{
		"refused":   {func(acc *accounts.Accounts) social.Users { return refusingAccounts{acc, locked{}} }, 403, `"code":"refused"`},
		"throttled": {func(acc *accounts.Accounts) social.Users { return refusingAccounts{acc, tooMany{}} }, 429, `"code":"throttled"`},
		"busy":      {func(acc *accounts.Accounts) social.Users { return refusingAccounts{acc, accounts.ErrBusy} }, 503, `"code":"busy"`},
		"factor":    {func(acc *accounts.Accounts) social.Users { return guarded{Accounts: acc, page: "/factor", new: true} }, 200, `{"next":"/factor"}`},
	} {
		s := alone(t, auto, func(c *social.Config) { c.Users = tc.users(c.Users.(*accounts.Accounts)) })
		b := s.browser().program()
		b.flow("/login/acme", "3")
		if a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}}); a.status != tc.status || !strings.Contains(a.body, tc.want) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

// The form of a sign-up says everything that is wrong with it at once, as a page and as
// JSON, whichever pages there are.
func TestSignUpTellsAllFields(t *testing.T) {
	t.Parallel()
	s := alone(t, auto)
	b := s.browser()
	b.flow("/login/bird", "1")
	all := url.Values{"email": {"x"}, "username": {"-"}, "password": {"short"}, "password_confirm": {"other"}}
	texts := []string{"Invalid email address", "The username has to begin with", "at least 8 characters", "Passwords do not match"}
	page := b.post("/register/bird", all).body
	for _, want := range texts {
		if strings.Count(page, want) != 1 {
			t.Errorf("the page does not say %q once:\n%s", want, page)
		}
	}
	a := b.program().post("/register/bird", all)
	var doc struct {
		Code, Detail string
		Errors       []struct{ Field, Code, Detail string }
	}
	must(t, json.Unmarshal([]byte(a.body), &doc))
	if a.status != 422 || doc.Code != "invalid_email" || doc.Detail != texts[0] || len(doc.Errors) != 4 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for i, field := range []string{"email", "username", "password", "password_confirm"} {
		if doc.Errors[i].Field != field || !strings.Contains(doc.Errors[i].Detail, texts[i]) || doc.Errors[i].Code == "" {
			t.Errorf("%v, want %s: %s", doc.Errors[i], field, texts[i])
		}
	}
}

// refusingAccounts register users and refuse to sign them in.
type refusingAccounts struct {
	*accounts.Accounts
	err error
}

func (u refusingAccounts) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	return u.err
}

// New says that nobody new gets in, unless the application has decided that.
func TestNewSaysThatNewUsersAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		change func(*social.Config)
		said   int
	}{
		"nothing is set":     {func(*social.Config) {}, 1},
		"refused on purpose": {func(c *social.Config) { c.SignUp = social.Refuse }, 0},
		"a page of its own":  {func(c *social.Config) { c.RegisterPage = "/join" }, 0},
		"a form":             {func(c *social.Config) { c.SignUp = social.Form }, 0},
	} {
		if s := open(t, tc.change); strings.Count(s.log.String(), "Config.SignUp") != tc.said {
			t.Errorf("%s: %q", name, s.log)
		}
	}
}

// There is no such page where the application has its own, and nothing to finish where
// no account can be made.
func TestNoRegisterPage(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*social.Config){
		"refused": func(c *social.Config) { c.SignUp = social.Refuse },
		"its own": func(c *social.Config) { c.SignUp, c.RegisterPage = social.Form, "/join" },
	} {
		b := alone(t, change).browser()
		for _, method := range []string{"GET", "POST"} {
			if a := b.do(method, "/register/acme", nil); (name == "its own") != (a.status == 404) || a.status != 404 && a.location != "/login" {
				t.Errorf("%s: %s: %d %q %s", name, method, a.status, a.location, a.body)
			}
		}
		// For a program there is the address in any case.
		if a := b.program().get("/register/acme"); a.status != 404 || a.problem() != "no_signup" {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
