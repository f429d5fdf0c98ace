package vault_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

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
