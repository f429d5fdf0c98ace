package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A mapSource is a Source that changes at run time.
type mapSource struct {
	asked atomic.Int64 // Provider

	mu       sync.Mutex
	byTenant map[string][]oauth.Provider
	err      error
	wait     map[string]chan struct{} // by provider ID: closed when the answer may come
}

func newMapSource() *mapSource {
	return &mapSource{byTenant: map[string][]oauth.Provider{}, wait: map[string]chan struct{}{}}
}

func (s *mapSource) set(tenantID string, list ...oauth.Provider) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byTenant[tenantID] = list
}

func (s *mapSource) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

func (s *mapSource) Provider(ctx context.Context, id string) (oauth.Provider, error) {
	s.asked.Add(1)
	s.mu.Lock()
	wait, err, list := s.wait[id], s.err, s.byTenant[tenant.From(ctx)]
	s.mu.Unlock()
	if wait != nil {
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err != nil {
		return nil, err
	}
	for _, p := range list {
		if p == nil || p.Description().ID == id || id == "misnamed" {
			return p, nil
		}
	}
	return nil, fmt.Errorf("mapSource: %w", vault.ErrUnknownProvider)
}

func (s *mapSource) Providers(ctx context.Context) ([]oauth.Provider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byTenant[tenant.From(ctx)], s.err
}

// sourcedBench returns a bench whose vault has its providers from a source, which
// has the server's in the default tenant.
func sourcedBench(t *testing.T, change ...func(*vault.Config)) (*bench, *mapSource) {
	t.Helper()
	source := newMapSource()
	b := newBench(t, append(change, func(c *vault.Config) { c.Providers, c.Source = nil, source })...)
	source.set("", b.srv.provider())
	return b, source
}

// withSecret returns the server's provider with another client and secret.
func (s *server) withSecret(clientID string, secret secret.Text) *oauth.OAuth2 {
	p := s.provider()
	p.Credentials = []oauth.Credentials{{ClientID: clientID, ClientSecret: secret}}
	return p
}

// clients notes which clients ask the token endpoint, and with which secrets.
func (s *server) clients() func() []string {
	var mu sync.Mutex
	var all []string
	s.set(func(s *server) {
		s.onToken = func(_ http.ResponseWriter, r *http.Request) bool {
			id, secret, _ := r.BasicAuth()
			mu.Lock()
			defer mu.Unlock()
			all = append(all, id+":"+secret)
			return false
		}
	})
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func mustProvider(t *testing.T, v *vault.Vault, ctx context.Context, id string) oauth.Client {
	t.Helper()
	c, err := v.Provider(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSourceChangesAtRunTime(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	ctx := t.Context()
	other := newServer(t, "other")

	if _, err := b.Provider(ctx, "other"); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("one that is not there: %v", err)
	}
	if _, err := b.Connect(ctx, "user", other.grant("ada", time.Time{})); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("connected to a provider that is not there: %v", err)
	}
	source.set("", b.srv.provider(), other.provider())
	if got := mustProvider(t, b.Vault, ctx, "other").Description().ID; got != "other" {
		t.Errorf("one that was added: %q", got)
	}
	all, err := b.Providers(ctx)
	if err != nil || len(all) != 2 || all[0].ID != "acme" || all[1].ID != "other" {
		t.Errorf("providers %v, %v", all, err)
	}

	// A secret that was changed is used by the next refresh.
	seen := b.srv.clients()
	c := b.connect("ada", minute)
	for _, word := range []string{"first", "second"} {
		source.set("", b.srv.withSecret("client", secret.Text(word)))
		b.clock.advance(2 * time.Hour)
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Fatalf("%d, %v", status, err)
		}
	}
	if got := fmt.Sprint(seen()); got != "[client:first client:second]" {
		t.Errorf("refreshed by %s", got)
	}
}

// A provider that is removed while a connection is used is unknown within MaxStale,
// and the connection works again when it comes back.
func TestSourceRemovesAProvider(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	c := b.connect("ada", minute)
	client := b.Client(c)
	get := func() error {
		resp, err := client.Get(b.srv.URL + "/api/x")
		if err == nil {
			resp.Body.Close()
		}
		return err
	}
	if err := get(); err != nil {
		t.Fatal(err)
	}
	source.set("")
	b.clock.advance(4 * time.Second)
	if err := get(); err != nil {
		t.Errorf("within MaxStale: %v", err)
	}
	b.clock.advance(2 * time.Second)
	if err := get(); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("removed: %v", err)
	}
	b.clock.advance(time.Hour)
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("a token: %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || row.LastError != "" || b.srv.refreshN.Load() != 0 {
		t.Errorf("%s, %q, %d refreshes", row.Status, row.LastError, b.srv.refreshN.Load())
	}
	source.set("", b.srv.provider())
	if err := get(); err != nil {
		t.Errorf("there again: %v", err)
	}

	// Once the source has said that there is none, the old one is not used.
	source.set("")
	if _, err := b.Provider(t.Context(), "acme"); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("removed again: %v", err)
	}
	if err := get(); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("within MaxStale, but known to be removed: %v", err)
	}
	if _, err := b.Connect(t.Context(), "user", b.srv.grant("eve", time.Time{})); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("connected: %v", err)
	}
}

// A client that is in use takes over what has changed: how requests are signed, and
// where they may go.
func TestSourceChangesClientsInUse(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	elsewhere := newServer(t, "elsewhere")
	c := b.connect("ada", time.Hour)
	client := b.Client(c)
	get := func(address string) (scheme string, err error) {
		b.srv.set(func(s *server) {
			s.onAPI = func(_ http.ResponseWriter, r *http.Request) bool {
				scheme, _, _ = strings.Cut(r.Header.Get("Authorization"), " ")
				return false
			}
		})
		resp, err := client.Get(address)
		if err == nil {
			resp.Body.Close()
		}
		return scheme, err
	}
	if scheme, err := get(b.srv.URL + "/api/x"); scheme != "Bearer" || err != nil {
		t.Errorf("%q, %v", scheme, err)
	}
	changed := b.srv.provider()
	changed.Use.Scheme = "Token"
	source.set("", changed)
	b.clock.advance(6 * time.Second)
	if scheme, err := get(b.srv.URL + "/api/x"); scheme != "Token" || err != nil {
		t.Errorf("with another scheme: %q, %v", scheme, err)
	}
	moved := b.srv.provider()
	moved.Endpoints.UserInfo, moved.Endpoints.API = elsewhere.URL+"/me", elsewhere.URL+"/api/"
	source.set("", moved)
	b.clock.advance(6 * time.Second)
	if _, err := get(b.srv.URL + "/api/x"); !errors.Is(err, vault.ErrForeignHost) {
		t.Errorf("at a host that is the provider's no more: %v", err)
	}
}

// The scopes of a log-in are compared by what the tenant's own provider says.
// Tenants have applications of their own under one provider ID: other clients, other
// hosts.
// A client stays open for as long as it is made of the same.
func TestSourceIsOpenedOnce(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	ctx := t.Context()
	first := mustProvider(t, b.Vault, ctx, "acme")
	same := func(what string, p oauth.Provider, want bool) {
		t.Helper()
		before := mustProvider(t, b.Vault, ctx, "acme")
		source.set("", p)
		if got := mustProvider(t, b.Vault, ctx, "acme") == before; got != want {
			t.Errorf("%s: the same client %v, want %v", what, got, want)
		}
		if after := mustProvider(t, b.Vault, ctx, "acme") == before; after && !want {
			t.Errorf("%s: the client from before is back", what)
		}
	}
	same("an equal value", b.srv.provider(), true)
	same("another secret", b.srv.withSecret("client", "x"), false)
	same("the first value", b.srv.provider(), false)
	if mustProvider(t, b.Vault, ctx, "acme") == first {
		t.Error("the first client is used again")
	}
	hooked := b.srv.provider()
	hooked.CheckCallback = func(url.Values, oauth.Credentials) error { return nil }
	same("a hook", hooked, false)
	copied := *hooked
	same("the same hook in another value", &copied, false)
	same("the same pointer", &copied, true)
	same("a value", valueProvider{b.srv.provider(), nil}, false)
	same("an equal value that == cannot compare", valueProvider{b.srv.provider(), nil}, true)
}

// A valueProvider cannot be compared by ==.
type valueProvider struct {
	oauth.Provider
	list []string
}

// Requests ask the source once in MaxStale; the fixed list is not asked at all.
func TestSourceIsNotAskedForEachRequest(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	c := b.connect("ada", time.Hour)
	b.connect("bob", time.Hour)
	before := source.asked.Load()
	b.connect("eve", time.Hour) // a provider that is known needs no asking, as in a transaction
	if n := source.asked.Load() - before; n != 0 {
		t.Errorf("asked %d times by a connection", n)
	}
	for range 10 {
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Fatal(status, err)
		}
		b.clock.advance(time.Second)
	}
	if n := source.asked.Load() - before; n > 2 {
		t.Errorf("asked %d times in ten seconds", n)
	}
	impatient := b.open(func(cfg *vault.Config) { cfg.Providers, cfg.Source, cfg.MaxStale = nil, source, -1 })
	before = source.asked.Load()
	for range 3 {
		if status, err := b.get(impatient, c); status != 200 {
			t.Fatal(status, err)
		}
	}
	if n := source.asked.Load() - before; n != 3 {
		t.Errorf("asked %d times in three requests without MaxStale", n)
	}
}
