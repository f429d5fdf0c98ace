package integration_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/document"
	pgtest "github.com/gosocial/social/internal/test/postgres"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/sqlstore/postgres"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/tenants"
)

// On a database parallel changes of several processes lose none, of parallel tenants one gets a
// domain, and a change whose audit row fails has not happened.
func TestTenantsInADatabase(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "social.db"), sqlite.Migrate())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		tenantsInADatabase(t, store)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		store, err := postgres.Open(t.Context(), pgtest.Start(t).URL(t), postgres.Migrate())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		tenantsInADatabase(t, store)
	})
}

func tenantsInADatabase(t *testing.T, store document.Store) {
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	process := func(record func(context.Context, audit.Event) error) *tenants.Directory {
		d, err := tenants.New(tenants.Config{Documents: store, Keys: keys, Record: record})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := process(nil)
	app := tenants.App{Provider: "google", Enabled: true, Credentials: []tenants.Credentials{{ClientID: "c0", Secret: "s"}}}
	if _, err := one.CreateApp(t.Context(), app); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	owners := 0
	for i := range 8 {
		all.Go(func() {
			d := process(nil)
			if _, err := d.AddCredentials(t.Context(), "default.google", tenants.Credentials{ClientID: fmt.Sprint("c", i+1), Secret: "s"}); err != nil {
				t.Error(err)
			}
			_, err := d.CreateTenant(t.Context(), tenants.Tenant{ID: fmt.Sprint("t", i), Name: "A tenant", Domains: []tenants.Domain{{Domain: "acme.example", Verified: true}}})
			if err != nil && !errors.Is(err, tenants.ErrDomainTaken) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				owners++
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if a, err := one.App(t.Context(), "default.google"); err != nil || len(a.Credentials) != 9 {
		t.Errorf("%+v, %v", a, err)
	}
	if list, err := one.Tenants(t.Context(), "", 100); err != nil || len(list) != 1 || owners != 1 {
		t.Errorf("%d tenants, %d with the domain, %v", len(list), owners, err)
	}

	failing := process(func(context.Context, audit.Event) error { return errors.New("the log is full") })
	if _, err := failing.CreateTenant(t.Context(), tenants.Tenant{ID: "blue", Name: "Blue", Domains: []tenants.Domain{{Domain: "blue.example", Verified: true}}}); err == nil {
		t.Error("a tenant without an audit row")
	}
	if _, err := one.Tenant(t.Context(), "blue"); !errors.Is(err, tenants.ErrNone) {
		t.Errorf("a tenant whose audit row failed: %v", err)
	}
	if err := failing.DeleteApp(t.Context(), "default.google"); err == nil {
		t.Error("deleted without an audit row")
	}
	if _, err := one.Provider(t.Context(), "google"); err != nil {
		t.Errorf("an application whose deletion failed: %v", err)
	}
	if _, err := one.CreateTenant(t.Context(), tenants.Tenant{ID: "green", Name: "Green", Domains: []tenants.Domain{{Domain: "blue.example", Verified: true}}}); err != nil {
		t.Errorf("a domain that was not taken: %v", err)
	}
}
