package storetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// listing is a part for stores that are a vault.Lister.
func listing(run func(*testing.T, vault.Store, vault.Lister)) func(*testing.T, vault.Store) {
	return func(t *testing.T, s vault.Store) {
		l, ok := s.(vault.Lister)
		if !ok {
			t.Skip("the store is no vault.Lister")
		}
		run(t, s, l)
	}
}

// listed returns the connections that f selects, read in pages of three. A store may
// hold others: only those of which mine is true are returned.
func listed(t *testing.T, l vault.Lister, f vault.Filter, mine func(vault.Connection) bool) (all []vault.Connection) {
	t.Helper()
	for after := ""; ; {
		page, err := l.List(t.Context(), f, after, 3)
		must(t, err)
		for _, c := range page {
			if c.ID <= after {
				t.Fatalf("%q follows %q", c.ID, after)
			}
			if after = c.ID; mine(c) {
				all = append(all, c)
			}
		}
		if len(page) > 3 {
			t.Fatalf("%d on a page of 3", len(page))
		}
		if len(page) < 3 {
			return all
		}
	}
}

func byIDs(list []vault.Connection) []vault.Connection {
	slices.SortFunc(list, func(a, b vault.Connection) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// listsAll checks that pages list every connection once, whole, in the order of IDs.
func listsAll(t *testing.T, s vault.Store, l vault.Lister) {
	ctx := t.Context()
	provider := name("provider")
	var want []vault.Connection
	for i := range 7 {
		c := connection(name("user"), provider)
		if i%2 == 1 {
			c.Tenant = "acme"
		}
		want = append(want, insert(t, s, c, "token"))
	}
	byIDs(want)
	mine := func(c vault.Connection) bool { return c.ProviderID == provider }
	same(t, "connections", listed(t, l, vault.Filter{AllTenants: true}, mine), want)

	// One that is removed between two pages is missing, and the others are not.
	_, err := s.Remove(ctx, vault.Removal{Tenant: want[2].Tenant, UserID: want[2].UserID})
	must(t, err)
	rest, err := l.List(ctx, vault.Filter{AllTenants: true, ProviderID: provider}, want[2].ID, 10)
	must(t, err)
	same(t, "after one that is gone", rest, want[3:])

	for _, limit := range []int{0, -1} {
		none, err := l.List(ctx, vault.Filter{AllTenants: true}, "", limit)
		must(t, err)
		same(t, "up to none", none, []vault.Connection(nil))
	}
	ended(t, "List", func(ctx context.Context) error { _, err := l.List(ctx, vault.Filter{}, "", 1); return err })
	ended(t, "List of none", func(ctx context.Context) error { _, err := l.List(ctx, vault.Filter{}, "", 0); return err })
}

// listFilters checks each field of a filter, and several together.
func listFilters(t *testing.T, s vault.Store, l vault.Lister) {
	provider, other, tenant := name("provider"), name("provider"), name("tenant")
	var all []vault.Connection
	add := func(change func(*vault.Connection)) {
		t.Helper()
		c := connection(name("user"), provider)
		change(&c)
		all = append(all, insert(t, s, c, "x"))
	}
	add(func(*vault.Connection) {})
	add(func(c *vault.Connection) { c.Tenant = tenant })
	add(func(c *vault.Connection) { c.Tenant = tenant + " " })
	add(func(c *vault.Connection) { c.Tenant, c.ProviderID = tenant, other })
	add(func(c *vault.Connection) { c.Tenant, c.Status = tenant, vault.Failing })
	add(func(c *vault.Connection) { c.ProviderID, c.Status = other, vault.Failing })
	add(func(c *vault.Connection) { c.Status = vault.NeedsReauthorization })
	add(func(c *vault.Connection) { c.ClientID = "Client-1" })
	add(func(c *vault.Connection) { c.ClientID = "" })
	add(func(c *vault.Connection) { c.RefreshedAt = time.Time{} })
	add(func(c *vault.Connection) { c.RefreshedAt = at.Add(time.Second + time.Millisecond) })
	add(func(c *vault.Connection) {
		c.Tenant, c.ProviderID, c.Refusals, c.RefusedSince = tenant, other, 0, time.Time{}
	})
	byIDs(all)
	mine := func(c vault.Connection) bool { return c.ProviderID == provider || c.ProviderID == other }
	for what, test := range map[string]struct {
		vault.Filter
		want int
	}{
		"the default tenant": {vault.Filter{}, 7},
		"a tenant":           {vault.Filter{Tenant: tenant}, 4},
		"all tenants":        {vault.Filter{AllTenants: true, Tenant: tenant}, 12},
		"a provider":         {vault.Filter{ProviderID: provider}, 6},
		"another provider":   {vault.Filter{AllTenants: true, ProviderID: other}, 3},
		"no provider":        {vault.Filter{AllTenants: true, ProviderID: strings.ToUpper(provider)}, 0},
		"a client":           {vault.Filter{ProviderID: provider, ClientID: "client-1"}, 4},
		"a status":           {vault.Filter{AllTenants: true, Status: vault.Failing}, 2},
		"refreshed":          {vault.Filter{RefreshedAfter: at}, 6},
		"refreshed later":    {vault.Filter{AllTenants: true, RefreshedAfter: at.Add(time.Second)}, 1},
		"refused":            {vault.Filter{AllTenants: true, ProviderID: other, Refused: true}, 2},
		"everything":         {vault.Filter{Tenant: tenant, ProviderID: provider, ClientID: "client-1", Status: vault.Failing, RefreshedAfter: at, Refused: true}, 1},
	} {
		want := slices.DeleteFunc(slices.Clone(all), func(c vault.Connection) bool { return !test.Selects(&c) })
		if len(want) != test.want {
			t.Errorf("%s: Filter.Selects takes %d, want %d", what, len(want), test.want)
		}
		same(t, what, listed(t, l, test.Filter, mine), want)
	}
}

// listsResting checks Filter.RestingSince at its bounds, and that SealedTokens lists what
// List does, with the tokens.
func listsResting(t *testing.T, s vault.Store, l vault.Lister) {
	ctx := t.Context()
	provider, since := name("provider"), at.Add(time.Minute)
	f := vault.Filter{AllTenants: true, ProviderID: provider, RestingSince: since}
	var want []vault.Connection
	for _, tt := range []struct {
		rests  bool
		change func(*vault.Connection)
	}{
		{true, func(c *vault.Connection) { c.UpdatedAt = since }},
		{true, func(c *vault.Connection) { c.UpdatedAt, c.Status = since, vault.Failing }},
		{true, func(c *vault.Connection) { c.UpdatedAt, c.ExpiresAt = time.Time{}, time.Time{} }},
		{true, func(c *vault.Connection) { c.UpdatedAt, c.Tenant = since, "acme" }},
		{false, func(c *vault.Connection) { c.UpdatedAt = since.Add(time.Millisecond) }},
		{false, func(c *vault.Connection) { c.UpdatedAt, c.ExpiresAt = since.Add(time.Hour), since }},
		{true, func(c *vault.Connection) {
			c.UpdatedAt, c.ExpiresAt = since.Add(time.Hour), since.Add(-time.Millisecond)
		}},
		{false, func(c *vault.Connection) { c.UpdatedAt, c.ExpiresAt = since.Add(time.Hour), time.Time{} }},
		{false, func(c *vault.Connection) { c.UpdatedAt, c.Suspended = at, true }},
		{false, func(c *vault.Connection) { c.UpdatedAt, c.Status = at, vault.NeedsReauthorization }},
		{false, func(c *vault.Connection) { c.UpdatedAt, c.ProviderID = at, provider+"-other" }},
	} {
		c := connection(name("user"), provider)
		tt.change(&c)
		c = insert(t, s, c, "token of "+c.ID)
		if f.Selects(&c) != tt.rests {
			t.Errorf("Filter.Selects: %t of %+v", !tt.rests, c)
		}
		if tt.rests {
			want = append(want, c)
		}
	}
	byIDs(want)
	same(t, "resting", listed(t, l, f, func(vault.Connection) bool { return true }), want)

	var got []vault.SealedToken
	for after := ""; ; {
		page, err := l.SealedTokens(ctx, f, after, 2)
		must(t, err)
		if got = append(got, page...); len(page) < 2 {
			break
		}
		after = page[1].ID
	}
	var tokens []vault.SealedToken
	for _, c := range want {
		tokens = append(tokens, vault.SealedToken{
			ID: c.ID, Tenant: c.Tenant, UserID: c.UserID, ProviderID: c.ProviderID, CreatedAt: c.CreatedAt, Sealed: []byte("token of " + c.ID),
		})
	}
	same(t, "sealed tokens", len(got), len(tokens))
	for i := range min(len(got), len(tokens)) {
		if !got[i].CreatedAt.Equal(tokens[i].CreatedAt) {
			t.Errorf("created at %v, want %v", got[i].CreatedAt, tokens[i].CreatedAt)
		}
		got[i].CreatedAt = tokens[i].CreatedAt
		same(t, "sealed token", got[i], tokens[i])
	}
	for _, limit := range []int{0, -1} {
		none, err := l.SealedTokens(ctx, f, "", limit)
		must(t, err)
		same(t, "up to none", none, []vault.SealedToken(nil))
	}
	ended(t, "SealedTokens", func(ctx context.Context) error { _, err := l.SealedTokens(ctx, f, "", 1); return err })
	ended(t, "SealedTokens of none", func(ctx context.Context) error { _, err := l.SealedTokens(ctx, f, "", 0); return err })
}
