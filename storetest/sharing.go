package storetest

import (
	"slices"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// A caller may change the values that it passed or got.
func vaultSharesNothing(t *testing.T, s vault.Store) {
	ctx := t.Context()
	sealed := []byte("sealed")
	c := connection(name("user"), "google")
	want := c
	want.Scopes, want.RequestedScopes = slices.Clone(c.Scopes), slices.Clone(c.RequestedScopes)
	rank, err := s.Insert(ctx, c, sealed)
	must(t, err)
	want.Rank, want.Version = rank, 1
	check := func() {
		t.Helper()
		for range 2 {
			got, token, err := s.Token(ctx, want.ID)
			must(t, err)
			same(t, "connection", got, want)
			same(t, "token", token, []byte("sealed"))
			got.Scopes[0], got.RequestedScopes[0], token[0] = "changed", "changed", 'X'
			leased, token, _, err := s.Lease(ctx, want.ID, "me", at, at.Add(leaseTime))
			must(t, err)
			same(t, "leased token", token, []byte("sealed"))
			leased.Scopes[0], leased.RequestedScopes[0], token[0] = "changed", "changed", 'X'
			list, err := s.ByUser(ctx, "", want.UserID, "")
			must(t, err)
			same(t, "list", list, []vault.Connection{want})
			list[0].Scopes[0], list[0].RequestedScopes[0] = "changed", "changed"
		}
	}
	c.Scopes[0], c.RequestedScopes[0], sealed[0] = "changed", "changed", 'X'
	check()
	c = want
	c.Scopes, c.RequestedScopes, sealed = slices.Clone(want.Scopes), slices.Clone(want.RequestedScopes), []byte("sealed")
	must(t, s.Update(ctx, c, sealed))
	want.Version++
	c.Scopes[0], c.RequestedScopes[0], sealed[0] = "changed", "changed", 'X'
	check()

	v := oneTime(name("purpose"))
	must(t, s.PutOneTime(ctx, v))
	kept := v
	kept.Sealed = slices.Clone(v.Sealed)
	v.Sealed[0] = 'X'
	for range 2 {
		got, err := s.OneTime(ctx, kept.ID, at)
		must(t, err)
		same(t, "one-time value", got, kept)
		got.Sealed[0] = 'X'
		due, err := s.DueOneTime(ctx, kept.Purpose, at, 1)
		must(t, err)
		same(t, "due one-time value", due, []onetime.Value{kept})
		due[0].Sealed[0] = 'X'
		again := append(slices.Clone(kept.Sealed), "again"...)
		must(t, s.ResealOneTime(ctx, kept.ID, kept.Sealed, again))
		kept.Sealed = slices.Clone(again)
		again[0] = 'X'
	}
}

// A caller may change the values that it passed or got.
func accountsShareNothing(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	first, second := accounts.Role{Name: name("a")}, accounts.Role{Name: name("b")}
	must(t, s.InsertRole(ctx, first))
	must(t, s.InsertRole(ctx, second))
	u := user()
	u.Roles = []string{second.Name, first.Name, second.Name} // one given twice is given once
	want := insertUser(t, s, u)
	u.Roles[0] = "changed"
	want.Roles = []string{first.Name, second.Name}
	for range 2 {
		got, err := s.UserByID(ctx, "", u.ID)
		must(t, err)
		same(t, "user", got, want)
		got.Roles[0] = "changed"
	}
}
