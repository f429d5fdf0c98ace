package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// The users of these tests are to be deleted long before those of others, which are in the
// same store.
var longAgo = time.Date(1999, 12, 31, 23, 0, 0, 0, time.UTC)

func usersToDelete(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	role := accounts.Role{Name: name("role"), Tenant: name("tenant")}
	must(t, s.InsertRole(ctx, role))
	toDelete := func(tenant string, after time.Duration) accounts.User {
		u := user()
		u.Tenant, u.DeletionAt = tenant, longAgo.Add(after)
		if tenant != "" {
			u.Roles = []string{role.Name}
		}
		return insertUser(t, s, u)
	}
	insertUser(t, s, user()) // who stays
	late, early := toDelete("", 2*time.Minute), toDelete(role.Tenant, 0)
	same3 := []accounts.User{toDelete("", time.Minute), toDelete(role.Tenant, time.Minute), toDelete("", time.Minute)}
	toDelete("", time.Hour)
	// One that asked later.
	asks := insertUser(t, s, user())
	asks.DeletionAt = longAgo.Add(3 * time.Minute)
	must(t, s.UpdateUser(ctx, asks))
	asks.Version++
	// And one that keeps the account.
	keeps := toDelete("", 0)
	keeps.DeletionAt = time.Time{}
	must(t, s.UpdateUser(ctx, keeps))

	until := longAgo.Add(3 * time.Minute)
	got, err := s.UsersToDelete(ctx, until, accounts.User{}, 100)
	must(t, err)
	if len(got) != 6 {
		t.Fatalf("%d users, want 6", len(got))
	}
	same(t, "the first", got[0], early)
	same(t, "the last", got[4:], []accounts.User{late, asks})
	for _, want := range same3 {
		if !slices.ContainsFunc(got[1:4], func(u accounts.User) bool { return u.ID == want.ID && u.Tenant == want.Tenant }) {
			t.Errorf("user %s is not between", want.ID)
		}
	}
	all := got
	for size := 1; size < 4; size++ {
		var pages []accounts.User
		for after := (accounts.User{}); ; after = pages[len(pages)-1] {
			page, err := s.UsersToDelete(ctx, until, after, size)
			must(t, err)
			if pages = append(pages, page...); len(page) < size {
				break
			}
			if len(page) > size || len(pages) > len(all) {
				t.Fatalf("%d users, want pages of %d", len(page), size)
			}
		}
		same(t, "pages", pages, all)
	}
	for _, limit := range []int{0, -1} {
		got, err = s.UsersToDelete(ctx, until, accounts.User{}, limit)
		must(t, err)
		same(t, "no users", len(got), 0)
	}
	got, err = s.UsersToDelete(ctx, until.Add(-time.Millisecond), accounts.User{}, 100)
	must(t, err)
	same(t, "before the last one", got, all[:5])
	for _, u := range append(all, late) {
		if err := s.DeleteUser(ctx, u.Tenant, u.ID); err != nil && u.ID != late.ID {
			t.Error(err)
		}
	}
	got, err = s.UsersToDelete(ctx, until, accounts.User{}, 100)
	must(t, err)
	same(t, "after their end", len(got), 0)
}
