package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	people "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/audit"
	documents "github.com/gosocial/social/document/memstore"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/tenants"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
	"github.com/gosocial/social/webhook"
)

const gatewayURL = "https://gateway.example.com"

// A site is a gateway of an application with the providers "acme" and "bird", whose token
// endpoint is the site's own.
type site struct {
	*gateway.Gateway
	t       *testing.T
	url     string
	soc     *social.Social
	acc     *accounts.Accounts
	docs    *documents.Store
	keys    *keyring.Ring
	users   *people.Store
	audit   *audit.Log
	hooks   *webhook.Sender
	tenants *tenants.Directory

	mu        sync.Mutex
	log       bytes.Buffer
	events    []audit.Event
	ahead     time.Duration
	refreshes int
	answer    http.HandlerFunc // of the token endpoint; nil: a new token
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func (s *site) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *site) logged() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// serveProvider answers as a provider's token and user-info endpoint.
func (s *site) serveProvider(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.refreshes++
	n, answer := s.refreshes, s.answer
	s.mu.Unlock()
	if answer != nil {
		answer(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"access_token":"fresh-%d","refresh_token":"CANARY-refresh-%d","token_type":"Bearer","expires_in":3600,"id":"1","name":"Ann"}`, n, n)
}

func (s *site) answers(h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = h
}

func (s *site) refreshed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refreshes
}

// record keeps an event.
func (s *site) record(_ context.Context, e audit.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	return nil
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, docs: documents.New(), users: people.New()}
	provider := httptest.NewServer(http.HandlerFunc(s.serveProvider))
	t.Cleanup(provider.Close)
	log := slog.New(slog.NewTextHandler(s, nil))
	var err error
	s.keys, err = keyring.Parse(keyring.NewKey().Reveal())
	must(t, err)
	s.acc, err = accounts.New(accounts.Config{Store: s.users, AppURL: "https://app.example.com", Logger: log})
	must(t, err)
	describe := func(id string) oauth.Provider {
		return &oauth.OAuth2{ID: id, Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "CANARY-client"}},
			Endpoints: oauth.Endpoints{Authorize: provider.URL + "/authorize", Token: provider.URL + "/token", UserInfo: provider.URL + "/me", API: "https://api." + id + ".example"},
			Profile:   oauth.Mapping{Subject: "id", DisplayName: "name"}}
	}
	s.soc, err = social.New(social.Config{
		AppURL: "https://app.example.com", Providers: []oauth.Provider{describe("acme"), describe("bird")},
		Connections: memstore.New(), Users: s.acc, Keys: s.keys, Logger: log, Now: s.now, AllowPrivateAddresses: true,
	})
	must(t, err)
	s.audit, err = audit.New(audit.Config{Store: s.users, Logger: log, Now: s.now, Retention: -1})
	must(t, err)
	s.hooks, err = webhook.New(webhook.Config{Documents: s.docs, Audit: s.audit, Keys: s.keys, Logger: log, Now: s.now})
	must(t, err)
	s.tenants, err = tenants.New(tenants.Config{Documents: s.docs, Keys: s.keys, Logger: log, Now: s.now, Record: s.record})
	must(t, err)
	s.Gateway, err = gateway.New(gateway.Config{URL: gatewayURL, Social: s.soc, Documents: s.docs, Keys: s.keys, Logger: log, Now: s.now,
		Audit: s.audit, Webhooks: s.hooks, Tenants: s.tenants,
		Record: s.record})
	must(t, err)
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// connect gives a user a connection whose token is good for so long; 0: it is not known.
func (s *site) connect(tenantID, user, provider, subject string, good time.Duration, scopes ...string) vault.Connection {
	s.t.Helper()
	s.later(time.Millisecond)                                                        // so that IDs sort by age
	_ = s.users.InsertUser(s.t.Context(), accounts.User{Tenant: tenantID, ID: user}) // who may be there
	token := oauth.Token{ClientID: "client", Access: secret.Text("access-" + subject), Refresh: secret.Text("CANARY-refresh-" + subject), Type: "Bearer", Scopes: scopes}
	if good != 0 {
		token.Expiry = s.now().Add(good)
	}
	c, _, err := s.soc.Vault().Import(tenant.With(s.t.Context(), tenantID), vault.Unsealed{UserID: user, Rank: -1,
		Grant: oauth.Grant{ProviderID: provider, Profile: oauth.Profile{Subject: subject, DisplayName: "Ann"}, Token: token}})
	must(s.t, err)
	return c
}

// client makes a client of scopes, and returns its ID and secret.
func (s *site) client(scopes string) (id string, text secret.Text) {
	s.t.Helper()
	c, text, err := s.CreateClient(s.t.Context(), gateway.Client{Name: "Jobs", Scopes: parse(s.t, scopes)})
	must(s.t, err)
	return c.ID, text
}

func parse(t *testing.T, scopes string) gateway.Scopes {
	t.Helper()
	parsed, err := gateway.ParseScopes(scopes)
	must(t, err)
	return parsed
}

// bearer makes a client of scopes, and returns a token of it.
func (s *site) bearer(scopes string) string {
	s.t.Helper()
	id, text := s.client(scopes)
	a := s.post(url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {text.Reveal()}})
	a.want(s.t, 200, "")
	return a.text("access_token")
}

// An answer is one of the gateway's.
type answer struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func (a answer) text(name string) string { text, _ := a.body[name].(string); return text }

// want checks the status, and the code of an error.
func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	got := a.text("error")
	if got == "" {
		got = a.text("code")
	}
	if a.status != status || got != code {
		t.Errorf("got %d %q, want %d %q: %s", a.status, got, status, code, a.raw)
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", a.header.Get("Cache-Control"))
	}
	if strings.Contains(a.raw, "CANARY") {
		t.Errorf("the answer has a secret: %s", a.raw)
	}
}

func (s *site) send(r *http.Request) answer {
	s.t.Helper()
	resp, err := http.DefaultClient.Do(r)
	must(s.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	must(s.t, err)
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &a.body); err != nil {
			s.t.Errorf("%s %s: %q", r.Method, r.URL, raw)
		}
	}
	return a
}

// post sends a form to the token endpoint.
func (s *site) post(form url.Values, change ...func(*http.Request)) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "POST", s.url+"/oauth/token", strings.NewReader(form.Encode()))
	must(s.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, f := range change {
		f(r)
	}
	return s.send(r)
}

// call sends a request with a bearer token.
func (s *site) call(method, path, token string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, nil)
	must(s.t, err)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return s.send(r)
}

// json sends a JSON body with a bearer token.
func (s *site) json(method, path, token, body string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	must(s.t, err)
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "Bearer "+token)
	return s.send(r)
}

// recorded returns the events of the type E that were recorded.
func recorded[E audit.Event](s *site) (list []E) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.events {
		if e, ok := e.(E); ok {
			list = append(list, e)
		}
	}
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
