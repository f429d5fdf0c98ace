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
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

// Run opens the example and checks what all of them do: log in, connect, call an
// API, log in through the other provider, log out, disconnect.
func Run(t *testing.T, database string, open func(context.Context, site.Site) (*site.App, error)) {
	pretend := socialtest.Start(t)
	pretend.Approve("ana")
	server := httptest.NewUnstartedServer(nil)
	t.Cleanup(server.Close)
	s := site.Site{URL: "http://" + server.Listener.Addr().String(), Database: database}
	s.Imagine(pretend)
	var err error
	if s.Keys, err = vault.ParseKeys(vault.NewKey().Reveal()); err != nil {
		t.Fatal(err)
	}
	app, err := open(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if app.Close != nil {
		t.Cleanup(func() {
			if err := app.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	server.Config.Handler = app
	server.Start()

	ana := browse(t, s.URL)
	ana.get("/google", http.StatusUnauthorized, "")
	ana.post("/login/google", "/profile", "ana@example.com")
	ana.get("/google", http.StatusOK, `"email":"ana@example.com"`)
	ana.post("/connect/hub", "/profile", "Hub")
	ana.connected("google", "hub")

	again := browse(t, s.URL)
	again.post("/login/hub", "/profile", "ana@example.com")
	again.connected("google", "hub")

	pretend.Approve("jun")
	jun := browse(t, s.URL)
	jun.post("/login/google", "/profile", "jun@example.com")
	jun.connected("google")

	ana.post("/connect/hub?_method=DELETE", "/profile", "ana@example.com")
	ana.connected("google")
	again.connected("google")
	ana.post("/logout", "/", "")
	ana.get("/google", http.StatusUnauthorized, "")
}

type browser struct {
	*testing.T
	http.Client
	site string
}

func browse(t *testing.T, site string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, http.Client{Jar: jar, Timeout: time.Minute}, site}
}

// do sends a request and returns where it ended and what is shown there.
func (b *browser) do(method, path, accept string) (*http.Response, string) {
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

func (b *browser) get(path string, status int, says string) {
	b.Helper()
	answer, page := b.do("GET", path, "application/json")
	if answer.StatusCode != status || !strings.Contains(page, says) {
		b.Errorf("GET %s: status %d, want %d and %s in %s", path, answer.StatusCode, status, says, page)
	}
}

// post presses a button and expects to end at another page.
func (b *browser) post(path, ends, says string) {
	b.Helper()
	answer, page := b.do("POST", path, "text/html")
	if at := answer.Request.URL.Path; at != ends || answer.StatusCode != http.StatusOK || !strings.Contains(page, says) {
		b.Fatalf("POST %s: status %d at %s, want %s and %q in %s", path, answer.StatusCode, at, ends, says, page)
	}
}

// connected expects the providers that the signed-in user is connected to.
func (b *browser) connected(want ...string) {
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
