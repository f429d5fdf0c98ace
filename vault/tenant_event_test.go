package vault_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/vault"
)

// Work in the background is done and reported in the tenant of the connection, in
// whatever context it was asked for.
func TestVault20_EventsInTheTenant(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	tenants := map[string]string{}
	b := newBench(t, func(c *vault.Config) {
		c.OnEvent = func(ctx context.Context, e vault.Event) {
			mu.Lock()
			defer mu.Unlock()
			tenants[e.Event()] = tenant.From(ctx)
		}
		c.OnCall = func(ctx context.Context, call vault.Call) {
			mu.Lock()
			defer mu.Unlock()
			tenants["call of "+call.Op] = tenant.From(ctx)
		}
	})
	acme := tenant.With(t.Context(), "acme")
	c, err := b.Connect(acme, "user", b.srv.grant("ada", b.clock.now().Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	// One revocation is deferred and done, and one given up.
	other, err := b.Connect(acme, "other", b.srv.grant("bob", b.clock.now().Add(time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	for _, user := range []string{c.UserID, other.UserID} {
		if _, err := b.Disconnect(acme, vault.Removal{Tenant: "acme", UserID: user}); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	delete(tenants, "revocation_deferred")
	delete(tenants, "call of revoke")
	mu.Unlock()
	b.clock.advance(time.Minute)
	if _, err := b.RevokeDue(t.Context()); err != nil { // still 503
		t.Fatal(err)
	}
	b.clock.advance(25 * time.Hour)
	if _, err := b.RevokeDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, event := range []string{"token_refreshed", "revocation_deferred", "revocation_abandoned", "call of refresh", "call of revoke"} {
		if in, ok := tenants[event]; !ok || in != "acme" {
			t.Errorf("%s in the tenant %q (%v)", event, in, ok)
		}
	}
}

// A provider that all tenants share fails for all of them, one of a source for its tenant.
func TestVault10_WhoseBreakerOpened(t *testing.T) {
	t.Parallel()
	shared := newBench(t)
	own, source := sourcedBench(t)
	source.set("acme", own.srv.provider())
	for want, b := range map[string]*bench{"": shared, "acme": own} {
		b.srv.reject()
		ctx := tenant.With(t.Context(), "acme")
		for i := range 11 {
			c, err := b.Connect(ctx, fmt.Sprint("user", i), b.srv.grant(fmt.Sprint("u", i), b.clock.now().Add(-time.Second)))
			if err != nil {
				t.Fatal(err)
			}
			b.Token(ctx, c)
		}
		opened := 0
		for _, e := range b.events.all {
			if e, ok := e.(vault.BreakerOpened); ok {
				opened++
				if e.Tenant != want || e.ProviderID != "acme" || e.Rejected != 11 {
					t.Errorf("%+v, want the tenant %q", e, want)
				}
			}
		}
		if opened != 1 {
			t.Errorf("opened %d times", opened)
		}
	}
}
