package storetest

import (
	"slices"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// What a caller gave or got is theirs to change.
func vaultSharesNothing(t *testing.T, s vault.Store) {
	ctx := t.Context()
	sealed := []byte("sealed")
	c := connection(name("user"), "google")
	want := c
	want.Scopes = slices.Clone(c.Scopes)
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
			got.Scopes[0], token[0] = "changed", 'X'
			leased, token, _, err := s.Lease(ctx, want.ID, "me", at, at.Add(leaseTime))
			must(t, err)
			same(t, "leased token", token, []byte("sealed"))
			leased.Scopes[0], token[0] = "changed", 'X'
			list, err := s.ByUser(ctx, want.UserID, "")
			must(t, err)
			same(t, "list", list, []vault.Connection{want})
			list[0].Scopes[0] = "changed"
		}
	}
	c.Scopes[0], sealed[0] = "changed", 'X'
	check()
	c = want
	c.Scopes, sealed = slices.Clone(want.Scopes), []byte("sealed")
	must(t, s.Update(ctx, c, sealed))
	want.Version++
	c.Scopes[0], sealed[0] = "changed", 'X'
	check()

	p := parcel(name("purpose"))
	must(t, s.PutParcel(ctx, p))
	kept := p
	kept.Sealed = slices.Clone(p.Sealed)
	p.Sealed[0] = 'X'
	for range 2 {
		got, err := s.Parcel(ctx, kept.ID, at)
		must(t, err)
		same(t, "parcel", got, kept)
		got.Sealed[0] = 'X'
		due, err := s.DueParcels(ctx, kept.Purpose, at, 1)
		must(t, err)
		same(t, "due parcel", due, []vault.Parcel{kept})
		due[0].Sealed[0] = 'X'
	}
}

// What a caller gave or got is theirs to change.
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
		got, err := s.UserByID(ctx, u.ID)
		must(t, err)
		same(t, "user", got, want)
		got.Roles[0] = "changed"
	}
}
