// Package sitetest uses an example as a person with a browser does.
package sitetest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/socialtest"
)

// Run tests what all examples do: log in, connect, call an API, log in through the
// other provider, log out, disconnect.
func Run(t *testing.T, database string, open func(context.Context, site.Site) (*site.App, error)) {
	v := Start(t, database, open)
	v.Approve("ana")
	ana := v.Browser(t)
	ana.Get("/google", http.StatusUnauthorized, "")
	ana.Post("/login/google", "/profile", "ana@example.com")
	ana.Get("/google", http.StatusOK, `"email":"ana@example.com"`)
	ana.Post("/connect/hub", "/profile", "Hub")
	ana.Connected("google", "hub")

	second := v.Browser(t)
	second.Post("/login/hub", "/profile", "ana@example.com")
	second.Connected("google", "hub")

	v.Approve("jun")
	jun := v.Browser(t)
	jun.Post("/login/google", "/profile", "jun@example.com")
	jun.Connected("google")

	// A provider need not give an e-mail address: a form asks for it.
	v.Approve("noor")
	noor := v.Browser(t)
	noor.Post("/login/hub", "/register/hub", "Register with your Hub account")
	noor.Post("/register/hub", "/register/hub", "ana@example.com", "email", "ana@example.com")
	noor.Post("/register/hub", "/profile", "noor@example.com", "email", "noor@example.com")
	noor.Connected("hub")

	ana.Post("/connect/hub?_method=DELETE", "/profile", "ana@example.com")
	ana.Connected("google")
	v.Approve("ana")
	third := v.Browser(t) // the second one's session may have ended with the connection
	third.Post("/login/google", "/profile", "ana@example.com")
	third.Connected("google")
	ana.Post("/logout", "/", "")
	ana.Get("/google", http.StatusUnauthorized, "")
}

// A Visit is a running example with its pretend providers.
type Visit struct {
	site    string
	pretend *socialtest.Server
}

// Start runs the example until the test ends.
func Start(t *testing.T, database string, open func(context.Context, site.Site) (*site.App, error)) *Visit {
	t.Helper()
	pretend := socialtest.Start(t)
	pretend.Provider("google").UpdateUser("jun", func(u *socialtest.User) { u.EmailVerified = true })
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	s := site.Site{URL: "http://" + server.Listener.Addr().String(), Database: database}
	s.UsePretend(pretend)
	var err error
	if s.Keys, err = keyring.Parse(keyring.NewKey().Reveal()); err != nil {
		t.Fatal(err)
	}
	app, err := open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	server.Config.Handler = app
	server.Start()
	return &Visit{s.URL, pretend}
}

// Approve sets the person who consents at the providers from now on.
func (v *Visit) Approve(person string) { v.pretend.Approve(person) }

// Browser returns a new browser, with no cookies.
func (v *Visit) Browser(t *testing.T) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t, http.Client{Jar: jar, Timeout: time.Minute}, v.site}
}

// A Browser sends requests to the example and keeps its cookies.
type Browser struct {
	*testing.T
	http.Client
	site string
}

// do sends a request, with the fields of a form if there are any, follows redirects, and returns the last answer and its body.
func (b *Browser) do(method, path, accept string, fields ...string) (*http.Response, string) {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	r, err := http.NewRequestWithContext(b.Context(), method, b.site+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Origin", b.site)
	r.Header.Set("Accept", accept)
	if len(form) > 0 {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	if err != nil {
		b.Fatal(err)
	}
	return answer, string(page)
}

// Get requests JSON and expects a status and a text in the body.
func (b *Browser) Get(path string, status int, text string) {
	b.Helper()
	answer, page := b.do("GET", path, "application/json")
	if answer.StatusCode != status || !strings.Contains(page, text) {
		b.Errorf("GET %s: status %d, want %d and %s in %s", path, answer.StatusCode, status, text, page)
	}
}

// Post sends a form with fields, follows redirects, and expects to end at a page with a text.
func (b *Browser) Post(path, end, text string, fields ...string) {
	b.Helper()
	answer, page := b.do("POST", path, "text/html", fields...)
	if at := answer.Request.URL.Path; at != end || answer.StatusCode != http.StatusOK || !strings.Contains(page, text) {
		b.Fatalf("POST %s: status %d at %s, want %s and %q in %s", path, answer.StatusCode, at, end, text, page)
	}
}

// Fails sends a form and expects a status that is an error.
func (b *Browser) Fails(path string, status int) {
	b.Helper()
	if answer, page := b.do("POST", path, "text/html"); answer.StatusCode != status {
		b.Errorf("POST %s: status %d, want %d: %s", path, answer.StatusCode, status, page)
	}
}

// JSON sends a request and reads the answer, which has to be a success.
func (b *Browser) JSON(method, path string, into any) {
	b.Helper()
	answer, page := b.do(method, path, "application/json")
	if answer.StatusCode > 299 {
		b.Fatalf("%s %s: status %d: %s", method, path, answer.StatusCode, page)
	}
	if err := json.Unmarshal([]byte(page), into); err != nil {
		b.Fatalf("%s %s: %v in %s", method, path, err, page)
	}
}

// Connected expects the signed-in user to be connected to the providers, in order.
func (b *Browser) Connected(want ...string) {
	b.Helper()
	_, page := b.do("GET", "/connections", "application/json")
	var list []struct {
		Provider string `json:"provider_id"`
	}
	if err := json.Unmarshal([]byte(page), &list); err != nil {
		b.Fatalf("%v in %s", err, page)
	}
	var got []string
	for _, c := range list {
		got = append(got, c.Provider)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		b.Errorf("connected to %v, want %v", got, want)
	}
}
