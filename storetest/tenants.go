package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/vault"
)

// tenants returns tenants with similar names; the default one is first.
func tenants() []string {
	base := name("tenant")
	return []string{"", base + "a", base + "A", base + "a ", base + "é"}
}

// Tenants of one store have the same users at the same provider accounts, and
// each finds its own connections only.
func tenantsSeeTheirOwn(t *testing.T, s vault.Store) {
	ctx := t.Context()
	user, subject := name("user"), name("subject")
	var all []vault.Connection
	for _, tenant := range tenants() {
		c := connection(user, "google")
		c.Tenant, c.ProviderUserID = tenant, subject
		all = append(all, insert(t, s, c, tenant))
		if all[len(all)-1].Rank != 0 {
			t.Errorf("the first connection of tenant %q has rank %d", tenant, all[len(all)-1].Rank)
		}

		again := connection(name("user"), "google")
		again.Tenant, again.ProviderUserID = tenant, subject
		_, err := s.Insert(ctx, again, []byte("x"))
		wantError(t, err, vault.ErrTaken)
	}
	check := func(c vault.Connection) {
		t.Helper()
		got, err := s.ByIdentity(ctx, c.Identity())
		must(t, err)
		same(t, "ByIdentity", got, c)
		got, err = s.ByID(ctx, c.ID)
		must(t, err)
		same(t, "ByID", got, c)
		for _, provider := range []string{"", "google"} {
			list, err := s.ByUser(ctx, c.Tenant, user, provider)
			must(t, err)
			same(t, "ByUser", list, []vault.Connection{c})
		}
		_, sealed, err := s.Token(ctx, c.ID)
		must(t, err)
		same(t, "token", string(sealed), c.Tenant)
	}
	for i := range all {
		moved := all[i]
		moved.Tenant = name("tenant") // which is not written
		must(t, s.Update(ctx, moved, nil))
		all[i].Version++
		check(all[i])
	}

	byAccount := func(want []vault.Connection) {
		t.Helper()
		got, err := s.ByAccount(ctx, "google", subject)
		must(t, err)
		for _, list := range [][]vault.Connection{got, want} {
			slices.SortFunc(list, func(a, b vault.Connection) int { return strings.Compare(a.ID, b.ID) })
		}
		same(t, "ByAccount", got, want)
	}
	byAccount(slices.Clone(all))

	// The same bytes, divided otherwise into tenant, provider and user.
	joined := connection(user, "google")
	joined.Tenant = name("tenant")
	joined = insert(t, s, joined, joined.Tenant)
	for _, c := range []vault.Connection{
		{Tenant: joined.Tenant + "g", ProviderID: "oogle", ProviderUserID: joined.ProviderUserID, UserID: user},
		{Tenant: joined.Tenant + user[:1], ProviderID: "google", ProviderUserID: name("subject"), UserID: user[1:]},
	} {
		_, err := s.ByIdentity(ctx, c.Identity())
		wantError(t, err, vault.ErrNoConnection)
		list, err := s.ByUser(ctx, c.Tenant, c.UserID, "")
		must(t, err)
		same(t, "of another user", list, []vault.Connection(nil))
		c.ID, c.Rank, c.Generation = name("connection"), -1, 1
		insert(t, s, c, "x")
	}

	unknown := name("tenant")
	_, err := s.ByIdentity(ctx, vault.Identity{Tenant: unknown, ProviderID: "google", ProviderUserID: subject})
	wantError(t, err, vault.ErrNoConnection)
	list, err := s.ByUser(ctx, unknown, user, "")
	must(t, err)
	same(t, "an unknown tenant's", list, []vault.Connection(nil))

	// The user of one tenant leaves, and stays in the others. A connection of
	// another tenant is no way to log in.
	_, err = s.Remove(ctx, vault.Removal{Tenant: unknown, UserID: user})
	wantError(t, err, vault.ErrNoConnection)
	for i, c := range all {
		_, err := s.Remove(ctx, vault.Removal{Tenant: c.Tenant, UserID: user, ProviderID: "google", KeepLogin: []string{"google"}})
		wantError(t, err, vault.ErrLastLogin)
		removed, err := s.Remove(ctx, vault.Removal{Tenant: c.Tenant, UserID: user})
		must(t, err)
		same(t, "removed", removed, []vault.Removed{{Connection: c, Sealed: []byte(c.Tenant)}})
		_, err = s.ByIdentity(ctx, c.Identity())
		wantError(t, err, vault.ErrNoConnection)
		for _, other := range all[i+1:] {
			check(other)
		}
		byAccount(append([]vault.Connection(nil), all[i+1:]...))
	}
}
