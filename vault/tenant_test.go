package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/vault"
)

// Two tenants on one store have the same user at the same provider account.
func twoTenants(t *testing.T) (b *bench, acme, other context.Context, mine, theirs vault.Connection) {
	t.Helper()
	b = newBench(t)
	acme, other = tenant.With(t.Context(), "acme"), tenant.With(t.Context(), "other")
	connect := func(ctx context.Context) vault.Connection {
		c, err := b.Connect(ctx, "user", b.srv.grant("ada", b.clock.now().Add(time.Hour)))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	mine, theirs = connect(acme), connect(other)
	return b, acme, other, mine, theirs
}

func TestVault20_TenantsSeeTheirOwn(t *testing.T) {
	t.Parallel()
	b, acme, other, mine, theirs := twoTenants(t)
	if mine.Tenant != "acme" || theirs.Tenant != "other" {
		t.Fatalf("connected in %q and %q", mine.Tenant, theirs.Tenant)
	}
	for _, tt := range []struct {
		ctx          context.Context
		own, foreign vault.Connection
	}{{acme, mine, theirs}, {other, theirs, mine}} {
		reads := map[string]func(id string) (vault.Connection, error){
			"Connection": func(id string) (vault.Connection, error) { return b.Connection(tt.ctx, id) },
			"Own":        func(id string) (vault.Connection, error) { return b.Own(tt.ctx, "user", id) },
		}
		for name, read := range reads {
			if c, err := read(tt.own.ID); err != nil || c.ID != tt.own.ID {
				t.Errorf("%s: %v, %v", name, c.ID, err)
			}
			if _, err := read(tt.foreign.ID); !errors.Is(err, vault.ErrNoConnection) {
				t.Errorf("%s of another tenant's: %v", name, err)
			}
		}
		if c, err := b.ByIdentity(tt.ctx, "acme", "ada"); err != nil || c.ID != tt.own.ID {
			t.Errorf("ByIdentity: %v, %v", c.ID, err)
		}
		if all, err := b.Connections(tt.ctx, "user", ""); err != nil || len(all) != 1 || all[0].ID != tt.own.ID {
			t.Errorf("Connections: %v, %v", all, err)
		}
		if c, err := b.Default(tt.ctx, "user", "acme"); err != nil || c.ID != tt.own.ID {
			t.Errorf("Default: %v, %v", c.ID, err)
		}
	}

	// The default tenant has none of them.
	if _, err := b.ByIdentity(t.Context(), "acme", "ada"); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("ByIdentity of the default tenant: %v", err)
	}
	if _, err := b.Connection(t.Context(), mine.ID); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("Connection of the default tenant: %v", err)
	}
}

// A Connection with another tenant than its row is ErrNoConnection.
func TestVault20_ForgedTenant(t *testing.T) {
	t.Parallel()
	b, _, _, mine, _ := twoTenants(t)
	mine.Tenant = "other"
	for range 2 { // from the store, and from memory
		if _, err := b.get(b.Vault, mine); !errors.Is(err, vault.ErrNoConnection) {
			t.Errorf("Client: %v", err)
		}
	}
	if _, err := b.Refresh(t.Context(), mine); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("Refresh: %v", err)
	}
	if n := b.srv.apiN.Load() + b.srv.refreshN.Load(); n != 0 {
		t.Errorf("%d outbound calls", n)
	}
}

func TestTenantsConnectTheSameAccount(t *testing.T) {
	t.Parallel()
	b, acme, other, mine, theirs := twoTenants(t)
	grant := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	if _, err := b.Connect(acme, "eve", grant); !errors.Is(err, vault.ErrTaken) {
		t.Errorf("connected twice in one tenant: %v", err)
	}
	if _, imported, err := b.Import(acme, vault.Unsealed{UserID: "user", Grant: *grant}); imported || err != nil {
		t.Errorf("imported %v, %v", imported, err)
	}
	third := tenant.With(t.Context(), "third")
	if c, imported, err := b.Import(third, vault.Unsealed{UserID: "eve", Grant: *grant}); !imported || err != nil || c.Tenant != "third" {
		t.Errorf("imported %v in %q, %v", imported, c.Tenant, err)
	}

	// Both are used by a request without a tenant in its context.
	b.clock.advance(2 * time.Hour)
	for _, c := range []vault.Connection{mine, theirs} {
		if status, err := b.get(b.Vault, c); status != 200 || err != nil {
			t.Errorf("tenant %q: %d, %v", c.Tenant, status, err)
		}
	}

	// The removal's tenant is the context's.
	gone, err := b.Disconnect(acme, vault.Removal{Tenant: "other", UserID: "user"})
	if err != nil || len(gone) != 1 || gone[0].ID != mine.ID {
		t.Errorf("disconnected %v, %v", gone, err)
	}
	if b.events.count("token_revoked") != 1 || b.srv.revokeN.Load() != 2 {
		t.Errorf("%d revocations, %v", b.srv.revokeN.Load(), b.events.names())
	}
	if _, err := b.Forget(acme, "user", func(context.Context) error { return nil }); err != nil {
		t.Error(err)
	}
	if c, err := b.Own(other, "user", theirs.ID); err != nil || c.ID != theirs.ID {
		t.Errorf("another tenant's: %v", err)
	}
	gone, err = b.Forget(other, "user", func(context.Context) error { return nil })
	if err != nil || len(gone) != 1 || gone[0].ID != theirs.ID {
		t.Errorf("forgot %v, %v", gone, err)
	}
}

// Events name the tenant, and their context has it, also of what runs in the
// background.
func TestEventsOfTenants(t *testing.T) {
	t.Parallel()
	var b *bench
	b = newBench(t, func(c *vault.Config) {
		c.OnEvent = func(ctx context.Context, e vault.Event) {
			if got := tenant.From(ctx); got != "acme" {
				t.Errorf("%s in the context of tenant %q", e.Event(), got)
			}
			b.events.on(ctx, e)
		}
	})
	acme := tenant.With(t.Context(), "acme")
	c, err := b.Connect(acme, "user", b.srv.grant("ada", b.clock.now().Add(minute)))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	if _, err := b.Disconnect(acme, vault.Removal{UserID: "user"}); err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onRevoke = nil })
	b.clock.advance(minute)
	if n, err := b.RevokeDue(t.Context()); n != 1 || err != nil {
		t.Errorf("%d revoked, %v", n, err)
	}
	want := vault.Subject{Tenant: "acme", ConnectionID: c.ID, UserID: "user", ProviderID: "acme"}
	for i, e := range b.events.all {
		got := []any{vault.TokenRefreshed{Subject: want}, vault.RevocationDeferred{Subject: want}, vault.Revoked{Subject: want}}[i]
		if d, ok := e.(vault.RevocationDeferred); ok {
			d.Err = nil
			e = d
		}
		if any(e) != got {
			t.Errorf("event %d is %+v, want %+v", i, e, got)
		}
	}
}
