package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
)

func roles(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	var made []accounts.Role
	for range 3 {
		made = append(made, accounts.Role{Name: name("role"), Description: odd["unicode"]})
		must(t, s.InsertRole(ctx, made[len(made)-1]))
	}
	wantError(t, s.InsertRole(ctx, made[0]), accounts.ErrRoleTaken)
	contested := name("role")
	won(t, race(20, func(int) error { return s.InsertRole(ctx, accounts.Role{Name: contested}) }), accounts.ErrRoleTaken)
	all, err := s.Roles(ctx)
	must(t, err)
	for _, r := range made {
		if !slices.Contains(all, r) {
			t.Errorf("%v is not among the roles", r)
		}
	}
	if !slices.IsSortedFunc(all, func(a, b accounts.Role) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("the roles are not sorted: %v", all)
	}
}

func grants(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	base := name("role")
	var all []string
	for _, tail := range []string{" with spaces, commas; and 'quotes'", "-a", "-b", "-é"} {
		all = append(all, base+tail)
		must(t, s.InsertRole(ctx, accounts.Role{Name: base + tail}))
	}
	u := insertUser(t, s, user())
	has := func(want ...string) {
		t.Helper()
		got, err := s.UserByID(ctx, u.ID)
		must(t, err)
		same(t, "roles", got.Roles, want)
		same(t, "version", got.Version, u.Version)
	}
	has()
	for _, r := range []string{all[2], all[0], all[3], all[1], all[0]} {
		must(t, s.GrantRole(ctx, u.ID, r))
	}
	has(all...)
	must(t, s.RevokeRole(ctx, u.ID, all[2]))
	must(t, s.RevokeRole(ctx, u.ID, all[2]))
	has(all[0], all[1], all[3])
	wantError(t, s.GrantRole(ctx, u.ID, name("no-role")), accounts.ErrNoRole)
	wantError(t, s.GrantRole(ctx, name("nobody"), all[0]), accounts.ErrNoUser)

	made := user()
	made.Roles = []string{name("no-role")}
	wantError(t, s.InsertUser(ctx, made), accounts.ErrNoRole)
	_, err := s.UserByID(ctx, made.ID)
	wantError(t, err, accounts.ErrNoUser)
}
