package integration_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/web"
)

// A site is an application on a SQLite database, served over HTTP.
type site struct {
	*httptest.Server
	soc     *social.Social
	handler atomic.Pointer[http.Handler]
	ahead   atomic.Int64 // added to the vault's clock, in nanoseconds
}

// startSite starts the site's server. open makes the application, once the site's
// address is registered at the provider.
func startSite(t *testing.T) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(*s.handler.Load()).ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) open(t *testing.T, p oauth.Provider) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "life.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	s.soc, err = social.New(social.Config{
		AppURL: s.URL, Providers: []oauth.Provider{p}, Connections: store, Users: acc, Keys: keys,
		AllowPrivateAddresses: true,
		Now:                   func() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(s.soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	s.handler.Store(&h)
}

// A visitor sends requests for JSON to the site and keeps its cookies.
type visitor struct {
	*testing.T
	site   *site
	client *http.Client
}

func (s *site) visitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// do sends a request, expects the status, and returns the answer's JSON object.
func (v *visitor) do(method, path string, form url.Values, want int) map[string]any {
	v.Helper()
	req, err := http.NewRequest(method, v.site.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Fatal(err)
	}
	if resp.StatusCode != want {
		v.Fatalf("%s %s: status %d, want %d: %s", method, path, resp.StatusCode, want, body)
	}
	document := map[string]any{}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &document); err != nil {
			v.Fatalf("%s %s: %v: %s", method, path, err, body)
		}
	}
	return document
}

// flow begins a flow, goes through the provider's pages, and returns the callback's
// answer.
func (v *visitor) flow(begin, providerID string, fields map[string]string) map[string]any {
	v.Helper()
	address, _ := v.do("POST", begin, nil, http.StatusOK)["authorize_url"].(string)
	callback := "/callback/" + providerID
	answer := counterparty.NewBrowser(v, fields).Authorize(v, address, v.site.URL+callback)
	return v.do("GET", callback+"?"+answer.Encode(), nil, http.StatusOK)
}

// A lifecycle takes a connection at one provider through the whole application: it
// is made, logs in, calls the API, is refreshed, checked and removed.
type lifecycle struct {
	id        string // of the provider
	fields    map[string]string
	api       string
	refreshes bool
}

func (l lifecycle) run(t *testing.T, s *site) {
	ctx := context.Background()
	v := s.visitor(t)
	user := v.do("POST", "/register", url.Values{"email": {"ada@example.org"}, "password": {"a sentence is fine"}, "password_confirm": {"a sentence is fine"}}, http.StatusCreated)

	connection := v.flow("/connect/"+l.id, l.id, l.fields)
	if connection["provider_id"] != l.id || connection["status"] != "active" {
		t.Errorf("connected: %v", connection)
	}
	for range 2 {
		v.do("POST", "/logout", nil, http.StatusNoContent)
		v.do("GET", "/session", nil, http.StatusUnauthorized)
		if again := v.flow("/login/"+l.id, l.id, l.fields); again["user"].(map[string]any)["id"] != user["user"].(map[string]any)["id"] {
			t.Fatalf("logged in as %v, not as %v", again, user)
		}
	}

	userID, _ := user["user"].(map[string]any)["id"].(string)
	connections, err := s.soc.Vault().Connections(ctx, userID, l.id)
	if err != nil || len(connections) != 1 {
		t.Fatalf("%d connections, %v", len(connections), err)
	}
	c := connections[0]
	l.call(t, s, c)
	if l.refreshes {
		before, err := s.soc.Vault().Token(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		s.ahead.Store(int64(time.Until(before.Expiry) - time.Second))
		l.call(t, s, c)
		after, err := s.soc.Vault().Token(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if after.Access == before.Access {
			t.Error("a call just before the token's expiry did not refresh it")
		}
	}
	checked := v.do("POST", "/connections/"+c.ID+"/check", nil, http.StatusOK)
	if checked["status"] != "active" || checked["profile"].(map[string]any)["provider_user_id"] != c.ProviderUserID {
		t.Errorf("checked: %v", checked)
	}
	v.do("DELETE", "/connect/"+l.id, nil, http.StatusNoContent)
	v.do("POST", "/connections/"+c.ID+"/check", nil, http.StatusNotFound)
}

// call makes an API call for the user.
func (l lifecycle) call(t *testing.T, s *site, c vault.Connection) {
	t.Helper()
	resp, err := s.soc.Client(c).Get(l.api)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the API answers %d", resp.StatusCode)
	}
}

// withOfflineAccess makes the provider issue refresh tokens.
func withOfflineAccess(p *oauth.OIDC) *oauth.OIDC {
	p.Scopes = append(slices.Clone(p.Scopes), "offline_access")
	p.AuthParams = url.Values{"prompt": {"consent"}}
	return p
}

func TestLifecycleAtOIDCProvider(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	server := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "life", Secret: "life's secret", RedirectURIs: []string{s.URL + "/callback/certified"}})
	s.open(t, withOfflineAccess(providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientID: "life", ClientSecret: "life's secret"})))
	lifecycle{id: "certified", fields: map[string]string{"login": "jane"}, api: server.Issuer + "/me", refreshes: true}.run(t, s)
}

func TestLifecycleAtZitadel(t *testing.T) {
	s := startSite(t)
	server := counterparty.StartZitadel(t, counterparty.Client{ID: "life", Secret: "life's secret", RedirectURIs: []string{s.URL + "/callback/zitadel"}})
	s.open(t, withOfflineAccess(providers.OIDC("zitadel", "Zitadel", server.Issuer, oauth.Credentials{ClientID: "life", ClientSecret: "life's secret"})))
	lifecycle{
		id: "zitadel", api: server.Issuer + "/userinfo", refreshes: true,
		fields: map[string]string{"username": counterparty.ZitadelUser, "password": counterparty.ZitadelPassword},
	}.run(t, s)
}

func TestLifecycleAtOAuth1(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	server := counterparty.StartOAuth1(t, counterparty.Client{ID: "life", Secret: "life's secret"})
	s.open(t, twitter(server, oauth.Credentials{ClientID: "life", ClientSecret: "life's secret"}))
	lifecycle{id: "twitter", api: server.Issuer + counterparty.OAuth1UserInfo}.run(t, s)
}
