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
	for i := range 3 {
		made = append(made, accounts.Role{Name: name("role"), Description: odd["unicode"], Permissions: []string{"a", "b ö, c"}[:i]})
		must(t, s.InsertRole(ctx, made[len(made)-1]))
	}
	wantError(t, s.InsertRole(ctx, made[0]), accounts.ErrRoleTaken)
	contested := name("role")
	won(t, race(20, func(int) error { return s.InsertRole(ctx, accounts.Role{Name: contested}) }), accounts.ErrRoleTaken)
	all, err := s.Roles(ctx, "")
	must(t, err)
	for _, r := range made {
		same(t, "role", roleNamed(all, r.Name), r)
	}
	if !slices.IsSortedFunc(all, func(a, b accounts.Role) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("the roles are not sorted: %v", all)
	}
}

// roleNamed returns the roles of the name as one, whose permissions are those of all.
func roleNamed(all []accounts.Role, name string) (found accounts.Role) {
	for _, r := range all {
		if r.Name == name {
			r.Permissions = append(found.Permissions, r.Permissions...)
			found = r
		}
	}
	return found
}

func permissions(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	role := accounts.Role{Name: name("role"), Permissions: []string{"write", "read", "write"}}
	must(t, s.InsertRole(ctx, role))
	has := func(tenant string, want ...string) {
		t.Helper()
		all, err := s.Roles(ctx, tenant)
		must(t, err)
		same(t, "permissions", roleNamed(all, role.Name).Permissions, want)
	}
	has("", "read", "write")
	for _, p := range []string{"write", "Read", "é", "a b, 'c'; d", "é"} {
		must(t, s.GrantPermission(ctx, "", role.Name, p))
	}
	has("", "Read", "a b, 'c'; d", "read", "write", "é")
	for _, p := range []string{"write", "a b, 'c'; d", "write", "missing"} {
		must(t, s.RevokePermission(ctx, "", role.Name, p))
	}
	has("", "Read", "read", "é")
	wantError(t, s.GrantPermission(ctx, "", name("no-role"), "read"), accounts.ErrNoRole)
	must(t, s.RevokePermission(ctx, "", name("no-role"), "read"))

	other := name("tenant")
	wantError(t, s.GrantPermission(ctx, other, role.Name, "read"), accounts.ErrNoRole)
	must(t, s.InsertRole(ctx, accounts.Role{Tenant: other, Name: role.Name}))
	has(other)
	must(t, s.GrantPermission(ctx, other, role.Name, "theirs"))
	must(t, s.RevokePermission(ctx, other, role.Name, "read"))
	has(other, "theirs")
	has("", "Read", "read", "é")

	for _, err := range race(20, func(i int) error { return s.GrantPermission(ctx, "", role.Name, []string{"x", "y"}[i%2]) }) {
		must(t, err)
	}
	has("", "Read", "read", "x", "y", "é")
	all, err := s.Roles(ctx, "")
	must(t, err)
	for _, r := range all {
		if r.Name == role.Name {
			r.Permissions[0] = "changed"
		}
	}
	has("", "Read", "read", "x", "y", "é")
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
		got, err := s.UserByID(ctx, "", u.ID)
		must(t, err)
		same(t, "roles", got.Roles, want)
		same(t, "version", got.Version, u.Version)
	}
	has()
	for _, r := range []string{all[2], all[0], all[3], all[1], all[0]} {
		must(t, s.GrantRole(ctx, "", u.ID, r))
	}
	has(all...)
	must(t, s.RevokeRole(ctx, "", u.ID, all[2]))
	must(t, s.RevokeRole(ctx, "", u.ID, all[2]))
	has(all[0], all[1], all[3])
	wantError(t, s.GrantRole(ctx, "", u.ID, name("no-role")), accounts.ErrNoRole)
	wantError(t, s.GrantRole(ctx, "", name("missing"), all[0]), accounts.ErrNoUser)

	made := user()
	made.Roles = []string{name("no-role")}
	wantError(t, s.InsertUser(ctx, made), accounts.ErrNoRole)
	_, err := s.UserByID(ctx, "", made.ID)
	wantError(t, err, accounts.ErrNoUser)
}

func rolesStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		pair := twins(t, s, tenants)
		mine, theirs := pair[0], pair[1]
		common := accounts.Role{Tenant: mine.Tenant, Name: name("role"), Description: "mine"}
		must(t, s.InsertRole(ctx, common))
		wantError(t, s.GrantRole(ctx, theirs.Tenant, theirs.ID, common.Name), accounts.ErrNoRole)
		made := user()
		made.Tenant, made.Roles = theirs.Tenant, []string{common.Name}
		wantError(t, s.InsertUser(ctx, made), accounts.ErrNoRole)

		other := accounts.Role{Tenant: theirs.Tenant, Name: common.Name, Description: "theirs"}
		must(t, s.InsertRole(ctx, other))
		for _, r := range []accounts.Role{common, other} {
			all, err := s.Roles(ctx, r.Tenant)
			must(t, err)
			all = slices.DeleteFunc(all, func(other accounts.Role) bool { return other.Name != r.Name })
			same(t, "roles of the name", all, []accounts.Role{r})
		}
		stranger := user()
		stranger.Tenant = theirs.Tenant
		insertUser(t, s, stranger)
		wantError(t, s.GrantRole(ctx, mine.Tenant, stranger.ID, common.Name), accounts.ErrNoUser)

		has := func(u accounts.User, want ...string) {
			t.Helper()
			u.Roles = want
			got, err := s.UserByID(ctx, u.Tenant, u.ID)
			must(t, err)
			same(t, "user", got, u)
		}
		must(t, s.GrantRole(ctx, mine.Tenant, mine.ID, common.Name))
		has(mine, common.Name)
		has(theirs)
		must(t, s.GrantRole(ctx, theirs.Tenant, theirs.ID, common.Name))
		must(t, s.RevokeRole(ctx, theirs.Tenant, theirs.ID, common.Name))
		has(mine, common.Name)
		has(theirs)
		must(t, s.GrantRole(ctx, theirs.Tenant, theirs.ID, common.Name))
		must(t, s.DeleteUser(ctx, theirs.Tenant, theirs.ID))
		has(mine, common.Name)
	})
}
