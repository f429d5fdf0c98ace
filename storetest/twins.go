package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

// inTenants runs a check with the default tenant first and with another first.
func inTenants(check func(tenants [2]string)) {
	other := name("tenant")
	check([2]string{"", other})
	check([2]string{other, ""})
}

// twins inserts two users in two tenants with the same ID, e-mail address and
// username. It also inserts a third user whose tenant and ID, put together, read like
// those of the second.
func twins(t *testing.T, s accounts.Store, tenants [2]string) (pair [2]accounts.User) {
	t.Helper()
	common := fullUser()
	for i, tenant := range tenants {
		u := common
		u.Tenant = tenant
		u.PasswordHash += "-" + name("hash")
		pair[i] = insertUser(t, s, u)
	}
	third := user()
	third.Tenant, third.ID = tenants[1]+common.ID[:1], common.ID[1:]
	insertUser(t, s, third)
	return pair
}

func usersStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		pair := twins(t, s, tenants)
		mine, theirs := pair[0], pair[1]
		stored := func(want accounts.User) {
			t.Helper()
			got, err := s.UserByID(ctx, want.Tenant, want.ID)
			must(t, err)
			same(t, "UserByID", got, want)
			got, err = s.UserByEmail(ctx, want.Tenant, want.Email)
			must(t, err)
			same(t, "UserByEmail", got, want)
			got, err = s.UserByUsername(ctx, want.Tenant, want.Username)
			must(t, err)
			same(t, "UserByUsername", got, want)
			list, err := s.Users(ctx, want.Tenant, want.ID[:len(want.ID)-1], 1)
			must(t, err)
			same(t, "Users", list, []accounts.User{want})
		}
		stored(mine)
		stored(theirs)
		all, err := s.Tenants(ctx)
		must(t, err)
		for _, want := range []string{mine.Tenant, theirs.Tenant} {
			if i := slices.Index(all, want); i < 0 || slices.Contains(all[i+1:], want) || !slices.IsSorted(all) {
				t.Errorf("tenants %q, want %q once and in order", all, want)
			}
		}

		must(t, s.TrackLogin(ctx, accounts.TrackedLogin{Tenant: theirs.Tenant, UserID: theirs.ID, Version: theirs.Version,
			At: at.Add(time.Hour), Address: "192.0.2.3"}))
		theirs.Login = accounts.Tracking{LastAt: theirs.Login.CurrentAt, LastAddress: theirs.Login.CurrentAddress,
			CurrentAt: at.Add(time.Hour), CurrentAddress: "192.0.2.3", Count: theirs.Login.Count + 1}
		stored(mine)
		stored(theirs)
		theirs.Email, theirs.Username = "new-"+theirs.Email, name("new")
		must(t, s.UpdateUser(ctx, theirs))
		theirs.Version++
		stored(mine)
		stored(theirs)
		must(t, s.DeleteUser(ctx, theirs.Tenant, theirs.ID))
		stored(mine)

		// A third tenant has none of it.
		elsewhere := mine
		elsewhere.Tenant = name("tenant")
		_, err = s.UserByID(ctx, elsewhere.Tenant, mine.ID)
		wantError(t, err, accounts.ErrNoUser)
		_, err = s.UserByEmail(ctx, elsewhere.Tenant, mine.Email)
		wantError(t, err, accounts.ErrNoUser)
		_, err = s.UserByUsername(ctx, elsewhere.Tenant, mine.Username)
		wantError(t, err, accounts.ErrNoUser)
		list, err := s.Users(ctx, elsewhere.Tenant, "", 10)
		must(t, err)
		same(t, "Users", list, []accounts.User(nil))
		wantError(t, s.UpdateUser(ctx, elsewhere), accounts.ErrStale)
		wantError(t, s.DeleteUser(ctx, elsewhere.Tenant, mine.ID), accounts.ErrNoUser)
		wantError(t, s.TrackLogin(ctx, accounts.TrackedLogin{Tenant: elsewhere.Tenant, UserID: mine.ID, Version: mine.Version, At: at}), accounts.ErrStale)
		stored(mine)
		must(t, s.DeleteUser(ctx, mine.Tenant, mine.ID))
	})
}

func sessionsStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		pair := twins(t, s, tenants)
		var sessions [2]accounts.Session
		for i, u := range pair {
			sessions[i] = session(u.ID)
			sessions[i].Tenant = u.Tenant
			must(t, s.InsertSession(ctx, sessions[i]))
		}
		mine, theirs := sessions[0], sessions[1]
		for i, v := range sessions {
			got, of, err := s.SessionUser(ctx, v.Tenant, v.Hash, at)
			must(t, err)
			same(t, "session", got, v)
			same(t, "its user", of, pair[i])
			list, err := s.Sessions(ctx, v.Tenant, v.UserID, at)
			must(t, err)
			same(t, "sessions", list, []accounts.Session{v})
		}
		_, _, err := s.SessionUser(ctx, theirs.Tenant, mine.Hash, at)
		wantError(t, err, accounts.ErrNoSession)

		kept := func() {
			t.Helper()
			got, _, err := s.SessionUser(ctx, mine.Tenant, mine.Hash, at)
			must(t, err)
			same(t, "session", got, mine)
		}
		must(t, s.DeleteSession(ctx, theirs.Tenant, mine.Hash))
		kept()
		wantError(t, s.LockSession(ctx, theirs.Tenant, mine.Hash, at), accounts.ErrNoSession)
		must(t, s.ProlongSession(ctx, theirs.Tenant, mine.Hash, at.Add(2*time.Minute), at.Add(-time.Hour)))
		kept()
		rotated, err := s.RotateSession(ctx, theirs.Tenant, mine.Hash, mine.KeyHash, "x", at)
		must(t, err)
		same(t, "rotated", rotated, false)
		kept()
		n, err := s.TrimSessions(ctx, theirs.Tenant, mine.UserID, "", theirs.Hash, 1)
		must(t, err)
		same(t, "trimmed sessions", n, 0)
		kept()
		endSessions(t, s, accounts.SessionFilter{Tenant: theirs.Tenant, UserID: mine.UserID}, mine.UserID, 1)
		kept()
		must(t, s.InsertSession(ctx, theirs))
		must(t, s.DeleteUser(ctx, theirs.Tenant, theirs.UserID))
		kept()

		// Now only the other tenant has a user with the ID.
		if err := s.InsertSession(ctx, theirs); err != nil {
			wantError(t, err, accounts.ErrNoUser)
		}
		_, _, err = s.SessionUser(ctx, theirs.Tenant, theirs.Hash, at)
		wantError(t, err, accounts.ErrNoSession)
	})
}
