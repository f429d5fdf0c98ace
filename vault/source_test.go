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

// sourcedBench is a bench whose vault has its providers from a source: in tenant
// "" the server's.
func sourcedBench(t *testing.T, change ...func(*vault.Config)) (*bench, *mapSource) {
	t.Helper()
	source := newMapSource()
	b := newBench(t, append(change, func(c *vault.Config) { c.Providers, c.Source = nil, source })...)
	source.set("", b.srv.provider())
	return b, source
}

// withSecret is the server's provider with another client and secret.
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

// One that is removed while a connection is used is unknown within MaxStale, and
// the connection is as it was when it comes back.
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

	// Once the source was heard to have none, nothing is remembered.
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

// What a log-in may narrow is said by the tenant's own provider.
func TestSourceHasScopesOfTenants(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	ctx := tenant.With(t.Context(), "one")
	plain := b.srv.provider()
	plain.ScopeAliases = nil
	source.set("", plain)
	source.set("one", b.srv.provider())
	mustProvider(t, b.Vault, t.Context(), "acme")
	g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Token.Scopes = []string{"mail"}
	c, err := b.Connect(ctx, "user", g)
	if err != nil {
		t.Fatal(err)
	}
	g = b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Token.Scopes = []string{"https://scopes.test/mail"}
	next, err := b.RenewByLogIn(ctx, c, g)
	if err != nil || next.Generation != 2 {
		t.Errorf("generation %d, %v", next.Generation, err)
	}
}

// Tenants have applications of their own under one provider ID: other clients, other
// hosts.
func TestSourceHasProvidersOfTenants(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	theirs := newServer(t, "acme")
	source.set("one", b.srv.withSecret("one", "1"))
	source.set("two", theirs.withSecret("two", "2"))
	unable := b.srv.provider()
	unable.Endpoints.Revoke = ""
	source.set("", unable)
	mustProvider(t, b.Vault, t.Context(), "acme")
	mine, other := b.srv.clients(), theirs.clients()
	for name, srv := range map[string]*server{"one": b.srv, "two": theirs} {
		ctx := tenant.With(t.Context(), name)
		c, err := b.Connect(ctx, "user", srv.grant("ada", b.clock.now().Add(minute)))
		if err != nil {
			t.Fatal(err)
		}
		b.clock.advance(time.Hour)
		resp, err := b.Client(c).Get(srv.URL + "/api/x") // by a context without the tenant
		if err != nil {
			t.Fatalf("tenant %s: %v", name, err)
		}
		resp.Body.Close()
		if all, err := b.Providers(ctx); err != nil || len(all) != 1 {
			t.Errorf("tenant %s: %v, %v", name, all, err)
		}
		stranger := b.srv
		if srv == stranger {
			stranger = theirs
		}
		if _, err := b.Client(c).Get(stranger.URL + "/api/x"); !errors.Is(err, vault.ErrForeignHost) {
			t.Errorf("tenant %s at the other's host: %v", name, err)
		}
		if _, err := b.Disconnect(ctx, vault.Removal{UserID: "user"}); err != nil || srv.revokeN.Load() != 2 {
			t.Errorf("tenant %s: %d revocations, %v", name, srv.revokeN.Load(), err)
		}
	}
	if got := fmt.Sprint(mine(), other()); got != "[one:1] [two:2]" {
		t.Errorf("refreshed by %s", got)
	}
	if _, err := b.Provider(tenant.With(t.Context(), "three"), "acme"); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("a tenant without providers: %v", err)
	}
}

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
	hooked.PrepareToken = func(url.Values) {}
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
	before := source.asked.Load()
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

// A source that fails is the moment's fault: no connection is marked.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	ctx := t.Context()
	c := b.connect("ada", minute)
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatal(status, err)
	}
	down := errors.New("the table of applications is out of reach")
	source.fail(down)
	if _, err := b.Provider(ctx, "acme"); !errors.Is(err, down) || errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("Provider: %v", err)
	}
	if _, err := b.Providers(ctx); !errors.Is(err, down) {
		t.Errorf("Providers: %v", err)
	}
	// A refresh asks, whatever MaxStale is.
	b.clock.advance(minute)
	if _, err := b.get(b.Vault, c); !errors.Is(err, down) {
		t.Errorf("a request: %v", err)
	}
	source.fail(nil)
	if _, err := b.Token(ctx, c); err != nil {
		t.Fatal(err)
	}
	source.fail(down)
	if _, err := b.Refresh(ctx, c); !errors.Is(err, down) {
		t.Errorf("a refresh: %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || row.LastError != "" || b.srv.refreshN.Load() != 1 {
		t.Errorf("%s, %q, %d refreshes", row.Status, row.LastError, b.srv.refreshN.Load())
	}
	if n := b.events.count("refresh_failed"); n != 0 {
		t.Errorf("events %v", b.events.names())
	}

	// The revocation waits until the source answers.
	b.clock.advance(6 * time.Second)
	if _, err := b.Disconnect(ctx, vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(minute)
	if n, err := b.RevokeDue(ctx); n != 0 || err != nil {
		t.Errorf("%d revoked, %v", n, err)
	}
	source.fail(nil)
	b.clock.advance(5 * minute)
	if n, err := b.RevokeDue(ctx); n != 1 || err != nil || b.srv.revokeN.Load() != 2 {
		t.Errorf("%d revoked, %v, %d requests", n, err, b.srv.revokeN.Load())
	}
}

// A process that has not seen the provider yet asks whether it can revoke.
func TestSourceKnowsWhoRevokes(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	unable := b.srv.provider()
	unable.Endpoints.Revoke = ""
	ctx := t.Context()
	for name, p := range map[string]oauth.Provider{"able": b.srv.provider(), "unable": unable} {
		c := b.connect(name, time.Hour)
		source.set("", p)
		v := b.open(func(cfg *vault.Config) { cfg.Providers, cfg.Source = nil, source })
		if _, err := v.Disconnect(ctx, vault.Removal{UserID: c.UserID}); err != nil {
			t.Fatal(err)
		}
		if waiting, err := b.store.DueOneTime(ctx, "revoke", b.clock.now().Add(time.Hour), 9); err != nil || len(waiting) != 0 {
			t.Errorf("%s: %d revocations wait, %v", name, len(waiting), err)
		}
	}
	if n := b.srv.revokeN.Load(); n != 2 || b.events.count("token_revoked") != 1 || b.events.count("revocation_deferred") != 0 {
		t.Errorf("%d revocations, %v", n, b.events.names())
	}
}

// While a source is slow for one provider, the others are served.
func TestSlowSource(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	slow := newServer(t, "slow")
	source.set("", b.srv.provider(), slow.provider())
	ctx := t.Context()
	c := b.connect("ada", time.Hour)
	hang := make(chan struct{})
	source.mu.Lock()
	source.wait["slow"] = hang
	source.mu.Unlock()
	begun, done := source.asked.Load(), make(chan error)
	for range 4 {
		go func() { _, err := b.Provider(ctx, "slow"); done <- err }()
	}
	for source.asked.Load() < begun+4 {
		time.Sleep(time.Millisecond)
	}
	for range 3 {
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Fatal(status, err)
		}
		mustProvider(t, b.Vault, ctx, "acme")
		b.clock.advance(minute)
	}
	short, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	if _, err := b.Provider(short, "slow"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a short context: %v", err)
	}
	close(hang)
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// The breaker is of the tenant's provider, and outlives a change of it.
func TestSourceKeepsTheBreaker(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	source.set("other", b.srv.provider())
	var all []vault.Connection
	for i := range 14 {
		all = append(all, b.connect(fmt.Sprint(i), minute))
	}
	theirs, err := b.Connect(tenant.With(t.Context(), "other"), "user", b.srv.grant("ada", b.clock.now().Add(minute)))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) { s.onToken = answer(400, `{"error":"invalid_grant"}`) })
	for _, c := range all[:12] {
		b.Token(t.Context(), c)
	}
	if b.events.count("breaker_opened") != 1 {
		t.Fatalf("events %v", b.events.names())
	}
	b.srv.set(func(s *server) { s.onToken = nil })
	source.set("", b.srv.withSecret("client", "changed"))
	if _, err := b.Token(t.Context(), all[13]); !errors.Is(err, vault.ErrPaused) {
		t.Errorf("after a change: %v", err)
	}
	source.set("")
	b.Provider(t.Context(), "acme")
	source.set("", b.srv.provider())
	if _, err := b.Token(t.Context(), all[13]); !errors.Is(err, vault.ErrPaused) {
		t.Errorf("removed and there again: %v", err)
	}
	if _, err := b.Token(t.Context(), theirs); err != nil {
		t.Errorf("another tenant: %v", err)
	}
}

// The limit of calls at once is kept while the provider changes.
func TestSourceKeepsTheLimit(t *testing.T) {
	t.Parallel()
	counting := &countingTransport{}
	b, source := sourcedBench(t, func(c *vault.Config) { c.Concurrency, c.Transport = 2, counting })
	hang := make(chan struct{})
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { <-hang; return false }
	})
	var wg sync.WaitGroup
	var all []vault.Connection
	for i := range 6 {
		all = append(all, b.connect(fmt.Sprint(i), minute))
	}
	b.clock.advance(time.Hour)
	for i, c := range all {
		source.set("", b.srv.withSecret("client", secret.Text(fmt.Sprint(i))))
		wg.Go(func() {
			if _, err := b.Token(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(5 * time.Millisecond)
	}
	close(hang)
	wg.Wait()
	counting.mu.Lock()
	defer counting.mu.Unlock()
	if counting.most > 2 {
		t.Errorf("%d calls at once", counting.most)
	}
}

// What stays open is bounded, whatever the number of tenants.
func TestSourceIsBounded(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	const tenants = 1300
	open := func(i int) oauth.Client {
		return mustProvider(t, b.Vault, tenant.With(t.Context(), fmt.Sprint(i)), "acme")
	}
	var first []oauth.Client
	for i := range tenants {
		source.set(fmt.Sprint(i), b.srv.provider())
		first = append(first, open(i))
	}
	anew := 0
	for i := range tenants {
		if open(i) != first[i] {
			anew++
		}
	}
	if anew < tenants-1000 {
		t.Errorf("%d of %d were opened anew", anew, tenants)
	}
	// What is unknown takes no place.
	for i := range tenants {
		b.Provider(t.Context(), fmt.Sprint("unknown-", i))
	}
	last := open(tenants - 1)
	if open(tenants-1) != last {
		t.Error("it does not stay open")
	}
}

func TestWrongSources(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	ctx := t.Context()
	if _, err := b.Provider(ctx, "misnamed"); err == nil || errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("a provider of another name: %v", err)
	}
	source.set("", nil)
	if _, err := b.Provider(ctx, "acme"); err == nil || errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("a nil provider: %v", err)
	}
	if _, err := b.Providers(ctx); err == nil {
		t.Error("a list with nil")
	}
	broken := b.srv.provider()
	broken.Endpoints.Token = "not an address"
	source.set("", broken)
	if _, err := b.Provider(ctx, "acme"); err == nil || errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("a provider that does not open: %v", err)
	}
	source.set("", b.srv.provider())
	mustProvider(t, b.Vault, ctx, "acme")
	_, err := vault.New(vault.Config{Store: b.store, Keys: b.keys, Source: source, Providers: []oauth.Provider{b.srv.provider()}})
	if err == nil {
		t.Error("a list and a source")
	}
}

// Connections of a source's tenants are kept alive, each by its own provider; those
// of a source that fails are left.
func TestKeepAliveOfTenants(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	b, source := sourcedBench(t, func(c *vault.Config) { c.KeepAlive = month })
	seen := b.srv.clients()
	for _, name := range []string{"one", "two"} {
		source.set(name, b.srv.withSecret(name, secret.Text(name)))
		if _, err := b.Connect(tenant.With(t.Context(), name), "user", b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	source.fail(errors.New("down"))
	b.clock.advance(month)
	all, err := b.KeepAlive(t.Context())
	if err != nil || len(all) != 2 || all[0].Left != 1 || all[1].Left != 1 {
		t.Errorf("while the source fails: %+v, %v", all, err)
	}
	source.fail(nil)
	all, err = b.KeepAlive(t.Context())
	if err != nil || len(all) != 2 || all[0].Tenant != "one" || all[1].Tenant != "two" || all[0].Refreshed != 1 || all[1].Refreshed != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	if got := len(seen()); got != 2 {
		t.Errorf("refreshed by %v", seen())
	}
}
