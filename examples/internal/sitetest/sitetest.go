// Package sitetest visits an example as a person with a browser would.
package sitetest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/examples/internal/site"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/socialtest"
)

// Run opens the example and checks what all of them do: log in, connect, call an
// API, log in through the other provider, log out, disconnect.
func Run(t *testing.T, database string, open func(context.Context, site.Site) (*site.App, error)) {
	v := Start(t, database, open)
	v.Approve("ana")
	ana := v.Browser(t)
	ana.Get("/google", http.StatusUnauthorized, "")
	ana.Post("/login/google", "/profile", "ana@example.com")
	ana.Get("/google", http.StatusOK, `"email":"ana@example.com"`)
	ana.Post("/connect/hub", "/profile", "Hub")
	ana.Connected("google", "hub")

	again := v.Browser(t)
	again.Post("/login/hub", "/profile", "ana@example.com")
	again.Connected("google", "hub")

	v.Approve("jun")
	jun := v.Browser(t)
	jun.Post("/login/google", "/profile", "jun@example.com")
	jun.Connected("google")

	ana.Post("/connect/hub?_method=DELETE", "/profile", "ana@example.com")
	ana.Connected("google")
	again.Connected("google")
	ana.Post("/logout", "/", "")
	ana.Get("/google", http.StatusUnauthorized, "")
}

// A Visit is an example that runs beside its pretend providers.
type Visit struct {
	site    string
	pretend *socialtest.Server
}

// Start opens the example.
func Start(t *testing.T, database string, open func(context.Context, site.Site) (*site.App, error)) *Visit {
	t.Helper()
	pretend := socialtest.Start(t)
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	s := site.Site{URL: "http://" + server.Listener.Addr().String(), Database: database}
	s.Imagine(pretend)
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

// Approve says who consents at the providers from now on.
func (v *Visit) Approve(person string) { v.pretend.Approve(person) }

// Browser opens a browser that nobody has signed in with.
func (v *Visit) Browser(t *testing.T) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Browser{t, http.Client{Jar: jar, Timeout: time.Minute}, v.site}
}

// A Browser is what a person visits the example with.
type Browser struct {
	*testing.T
	http.Client
	site string
}

// do sends a request and returns where it ended and what is shown there.
func (b *Browser) do(method, path, accept string) (*http.Response, string) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), method, b.site+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Origin", b.site)
	r.Header.Set("Accept", accept)
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

// Get asks for JSON.
func (b *Browser) Get(path string, status int, says string) {
	b.Helper()
	answer, page := b.do("GET", path, "application/json")
	if answer.StatusCode != status || !strings.Contains(page, says) {
		b.Errorf("GET %s: status %d, want %d and %s in %s", path, answer.StatusCode, status, says, page)
	}
}

// Post presses a button and expects to end at another page.
func (b *Browser) Post(path, ends, says string) {
	b.Helper()
	answer, page := b.do("POST", path, "text/html")
	if at := answer.Request.URL.Path; at != ends || answer.StatusCode != http.StatusOK || !strings.Contains(page, says) {
		b.Fatalf("POST %s: status %d at %s, want %s and %q in %s", path, answer.StatusCode, at, ends, says, page)
	}
}

// Fails presses a button and expects an error page.
func (b *Browser) Fails(path string, status int) {
	b.Helper()
	if answer, page := b.do("POST", path, "text/html"); answer.StatusCode != status {
		b.Errorf("POST %s: status %d, want %d: %s", path, answer.StatusCode, status, page)
	}
}

// Connected expects the providers that the signed-in user is connected to.
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
