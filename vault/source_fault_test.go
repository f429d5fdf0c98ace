package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A source that fails marks no connection.
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
	// A refresh asks also within MaxStale.
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

// The number of providers that stay open is bounded.
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
	// Unknown providers take no place.
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
	if _, err := b.Provider(ctx, "acme"); err == nil || errors.Is(err, vault.ErrUnknownProvider) || !strings.Contains(err.Error(), `"acme"`) {
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

// Many requests for a provider that is not open yet share one client.
func TestSourceOpensOnceAmongMany(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	source.wait["acme"] = make(chan struct{})
	got := make(chan oauth.Client)
	for range 20 {
		go func() {
			c, err := b.Provider(t.Context(), "acme")
			if err != nil {
				t.Error(err)
			}
			got <- c
		}()
	}
	for source.asked.Load() < 20 {
		time.Sleep(time.Millisecond)
	}
	close(source.wait["acme"])
	first := <-got
	for range 19 {
		if <-got != first {
			t.Error("two clients")
		}
	}
	if mustProvider(t, b.Vault, t.Context(), "acme") != first {
		t.Error("another client afterwards")
	}
}

// Two requests open a provider at the same time: of the same, one client stays; what has
// changed in between is opened for the one that has read it.
func TestSourceOpensAtTheSameTime(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]bool{"the same": false, "changed": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, source := sourcedBench(t)
			opened := make(chan struct{})
			slow := func(answer chan struct{}) oauth.Provider {
				return &pretend{b.srv.provider(), func(c oauth.Client) oauth.Client {
					opened <- struct{}{}
					<-answer
					return &plainClient{c}
				}}
			}
			get := func() chan oauth.Client {
				got := make(chan oauth.Client)
				go func() {
					c, err := b.Provider(t.Context(), "acme")
					if err != nil {
						t.Error(err)
					}
					got <- c
				}()
				<-opened
				return got
			}
			old, new := make(chan struct{}), make(chan struct{})
			source.set("", slow(old))
			first := get()
			if changes {
				source.set("", slow(new))
			} else {
				close(new)
			}
			second := get()
			if changes {
				close(new)
			} else {
				close(old)
			}
			one := <-second
			if changes {
				close(old)
			}
			if other := <-first; (one == other) == changes {
				t.Errorf("one client: %v", one == other)
			}
			if now, err := b.Provider(t.Context(), "acme"); err != nil || now != one {
				t.Errorf("another client afterwards, %v", err)
			}
		})
	}
}
