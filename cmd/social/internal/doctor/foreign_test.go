package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/cmd/social/internal/app"
	"github.com/gosocial/social/cmd/social/internal/config"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/tenants"
)

// A widget is a provider of a protocol that package oauth does not have.
type widget struct{ address string }

func (w widget) Description() oauth.Description {
	return oauth.Description{ID: "widget", Name: "Widget", Protocol: "widget"}
}
func (w widget) Open(oauth.Env) (oauth.Client, error) { return w, nil }
func (w widget) Begin(_ context.Context, r oauth.Request) (*oauth.Pending, error) {
	return &oauth.Pending{State: r.State, RedirectURI: r.RedirectURI, URL: w.address + "?back=" + url.QueryEscape(r.RedirectURI)}, nil
}
func (w widget) Complete(context.Context, *oauth.Pending, url.Values) (*oauth.Grant, error) {
	return nil, oauth.ErrDenied
}
func (w widget) CallbackKey(answer url.Values) string { return answer.Get("state") }
func (w widget) Profile(context.Context, oauth.Token) (*oauth.Profile, error) {
	return nil, oauth.ErrNoToken
}
func (w widget) Sign(*http.Request, oauth.Token) error { return oauth.ErrNoToken }
func (w widget) Allows(context.Context, *url.URL) bool { return false }

// A provider of another package's is checked as far as its page goes, and a
// connection to it is no fault because of a client that the doctor cannot know.
func TestForeignProvider(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusOK, http.StatusInternalServerError} {
		page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(page.Close)
		findings := examine(t, widget{page.URL})
		wrong := strings.Contains(findings, "widget wrong")
		if !strings.Contains(findings, "widget") || wrong != (status != http.StatusOK) || strings.Contains(findings, "client_unknown") {
			t.Errorf("with a page that answers %d:\n%s", status, findings)
		}
	}
}

func examine(t *testing.T, p oauth.Provider) string {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "social.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	key := keyring.NewKey()
	keys, err := keyring.Parse(key.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "http://localhost:8080"})
	if err != nil {
		t.Fatal(err)
	}
	soc, err := social.New(social.Config{
		AppURL: "http://localhost:8080", Providers: []oauth.Provider{p}, Connections: store, Users: acc, Keys: keys,
		AllowPrivateAddresses: true, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	known, err := tenants.New(tenants.Config{Documents: store, Keys: keys, Shared: []oauth.Provider{p}})
	if err != nil {
		t.Fatal(err)
	}
	g := &oauth.Grant{ProviderID: "widget", Profile: oauth.Profile{Subject: "1"}, Token: oauth.Token{ClientID: "application"}}
	if _, err := soc.Vault().Connect(t.Context(), "user", g); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	d := &check{
		config: &config.Config{}, social: soc,
		http:  oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true}),
		yield: func(f Finding) { fmt.Fprintln(&b, f.Of, f.Level, f.Text) },
	}
	if err := d.connections(t.Context(), &app.App{Store: store, Social: soc, Tenants: known}); err != nil {
		t.Fatal(err)
	}
	d.provider(t.Context(), p)
	return b.String()
}
