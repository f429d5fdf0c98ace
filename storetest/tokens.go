package storetest

import (
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/apitoken"
)

func newToken(userID string) apitoken.Token {
	t := apitoken.Token{UserID: userID, ID: name("token"), Name: "deploy", Scopes: []string{"read", "write"},
		CreatedAt: at, ExpiresAt: at.Add(time.Hour), LastUsedAt: at.Add(time.Minute)}
	rand.Read(t.Hash[:])
	return t
}

func insertToken(t *testing.T, s accounts.Store, k apitoken.Token) apitoken.Token {
	t.Helper()
	must(t, s.InsertToken(t.Context(), k))
	return k
}

// wantTokens checks a user's tokens.
func wantTokens(t *testing.T, what string, s accounts.Store, tenant, userID string, want ...apitoken.Token) {
	t.Helper()
	got, err := s.Tokens(t.Context(), tenant, userID, at)
	must(t, err)
	same(t, what, got, want)
	for _, k := range want {
		got, u, err := s.TokenUser(t.Context(), tenant, k.Hash, at)
		must(t, err)
		same(t, what, got, k)
		same(t, what+": the user", u.ID, userID)
	}
}

func tokensComeBack(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	role := accounts.Role{Name: name("role")}
	must(t, s.InsertRole(ctx, role))
	u := fullUser()
	u.Roles = []string{role.Name}
	u = insertUser(t, s, u)
	wantTokens(t, "of a user without any", s, "", u.ID)
	k := insertToken(t, s, newToken(u.ID))
	got, of, err := s.TokenUser(ctx, "", k.Hash, at)
	must(t, err)
	same(t, "token", got, k)
	same(t, "its user", of, u)

	// The next read sees changes.
	must(t, s.RevokeRole(ctx, "", u.ID, role.Name))
	u.Active = false
	must(t, s.UpdateUser(ctx, u))
	_, of, err = s.TokenUser(ctx, "", k.Hash, at)
	must(t, err)
	same(t, "roles", of.Roles, []string(nil))
	same(t, "activity", of.Active, false)

	// Newest first, and no other user's.
	other := insertUser(t, s, user())
	insertToken(t, s, newToken(other.ID))
	old, bare := newToken(u.ID), apitoken.Token{UserID: u.ID, ID: "bare", ExpiresAt: at.Add(time.Hour)}
	rand.Read(bare.Hash[:])
	old.CreatedAt, old.Scopes = at.Add(-time.Minute), []string{"", "a b", "100%", "%"}
	insertToken(t, s, bare)
	insertToken(t, s, old)
	wantTokens(t, "all", s, "", u.ID, k, old, bare)
	twins := []apitoken.Token{insertToken(t, s, newToken(other.ID)), insertToken(t, s, newToken(other.ID))}
	slices.SortFunc(twins, func(x, y apitoken.Token) int { return slices.Compare(x.Hash[:], y.Hash[:]) })
	list, err := s.Tokens(ctx, "", other.ID, at)
	must(t, err)
	list = slices.DeleteFunc(list, func(k apitoken.Token) bool { return k.ID != twins[0].ID && k.ID != twins[1].ID })
	same(t, "of one moment", list, twins)

	odder := insertUser(t, s, user())
	for what, text := range odd {
		k := newToken(odder.ID)
		k.Name, k.Scopes = text, []string{text}
		k.ID += clipped(text)
		insertToken(t, s, k)
		wantTokens(t, what, s, "", odder.ID, k)
		n, err := s.DeleteTokens(ctx, accounts.TokenFilter{UserID: odder.ID, ID: k.ID})
		must(t, err)
		same(t, what+": deleted", n, 1)
	}
	orphan := newToken(name("user"))
	if err := s.InsertToken(ctx, orphan); err != nil { // where references are checked
		wantError(t, err, accounts.ErrNoUser)
	}
	_, _, err = s.TokenUser(ctx, "", orphan.Hash, at)
	wantError(t, err, accounts.ErrNoToken)
}

func tokensExpire(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	k := insertToken(t, s, newToken(u.ID))
	for _, tt := range []struct {
		now  time.Time
		good bool
	}{{k.ExpiresAt.Add(-time.Millisecond), true}, {k.ExpiresAt, false}, {k.ExpiresAt.Add(time.Millisecond), false}} {
		list, err := s.Tokens(ctx, "", u.ID, tt.now)
		must(t, err)
		same(t, "listed", len(list) == 1, tt.good)
		_, _, err = s.TokenUser(ctx, "", k.Hash, tt.now)
		if tt.good {
			must(t, err)
		} else {
			wantError(t, err, accounts.ErrNoToken)
		}
	}
}

func tokensAreUsed(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	k, untouched := insertToken(t, s, newToken(u.ID)), insertToken(t, s, newToken(other.ID))
	used := k.LastUsedAt.Add(time.Minute)
	for _, now := range []time.Time{used, used.Add(-time.Second), used} { // the second one is late
		must(t, s.UseToken(ctx, "", k.Hash, now))
		k.LastUsedAt = used
		wantTokens(t, "used", s, "", u.ID, k)
		wantTokens(t, "another", s, "", other.ID, untouched)
	}
	fresh := newToken(u.ID)
	fresh.LastUsedAt = time.Time{}
	insertToken(t, s, fresh)
	must(t, s.UseToken(ctx, "", fresh.Hash, at))
	got, _, err := s.TokenUser(ctx, "", fresh.Hash, at)
	must(t, err)
	same(t, "used for the first time", got.LastUsedAt, at)
	// One that has ended does not come back.
	_, err = s.DeleteTokens(ctx, accounts.TokenFilter{UserID: u.ID})
	must(t, err)
	must(t, s.UseToken(ctx, "", k.Hash, used.Add(time.Hour)))
	wantTokens(t, "ended", s, "", u.ID)
}

func tokensAreDeleted(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	all := []apitoken.Token{0: newToken(u.ID), 1: newToken(u.ID), 2: newToken(other.ID)}
	all[1].CreatedAt = at.Add(-time.Minute)
	all[2].ID = all[0].ID
	for _, tt := range []struct {
		what string
		f    accounts.TokenFilter
		left []int
	}{
		{"of no user", accounts.TokenFilter{}, []int{0, 1, 2}},
		{"of no user, by its ID", accounts.TokenFilter{ID: all[0].ID}, []int{0, 1, 2}},
		{"of another tenant", accounts.TokenFilter{Tenant: name("tenant"), UserID: u.ID}, []int{0, 1, 2}},
		{"none", accounts.TokenFilter{UserID: u.ID, ID: name("token")}, []int{0, 1, 2}},
		{"another user's", accounts.TokenFilter{UserID: other.ID, ID: all[1].ID}, []int{0, 1, 2}},
		{"one", accounts.TokenFilter{UserID: u.ID, ID: all[0].ID}, []int{1, 2}},
		{"of the user", accounts.TokenFilter{UserID: u.ID}, []int{2}},
	} {
		for _, id := range []string{u.ID, other.ID} {
			_, err := s.DeleteTokens(ctx, accounts.TokenFilter{UserID: id})
			must(t, err)
		}
		for _, k := range all {
			insertToken(t, s, k)
		}
		n, err := s.DeleteTokens(ctx, tt.f)
		must(t, err)
		same(t, tt.what+": deleted", n, len(all)-len(tt.left))
		of := map[string][]apitoken.Token{}
		for _, i := range tt.left {
			of[all[i].UserID] = append(of[all[i].UserID], all[i])
		}
		wantTokens(t, tt.what, s, "", u.ID, of[u.ID]...)
		wantTokens(t, tt.what+", another user's", s, "", other.ID, of[other.ID]...)
		for i, k := range all {
			_, _, err := s.TokenUser(ctx, "", k.Hash, at)
			if !slices.Contains(tt.left, i) {
				wantError(t, err, accounts.ErrNoToken)
			}
		}
	}
	won(t, race(20, func(int) error {
		n, err := s.DeleteTokens(ctx, accounts.TokenFilter{UserID: other.ID, ID: all[2].ID})
		if err == nil && n == 0 {
			err = accounts.ErrNoToken
		}
		return err
	}), accounts.ErrNoToken)
	gone := insertToken(t, s, newToken(other.ID))
	must(t, s.DeleteUser(ctx, "", other.ID))
	wantTokens(t, "of a deleted user", s, "", other.ID)
	_, _, err := s.TokenUser(ctx, "", gone.Hash, at)
	wantError(t, err, accounts.ErrNoToken)
}

func tokensStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		var all []apitoken.Token
		id, tokenID := name("user"), name("token")
		for _, tenant := range tenants {
			u := user()
			u.ID, u.Tenant = id, tenant
			insertUser(t, s, u)
			k := newToken(id)
			k.Tenant, k.ID = tenant, tokenID
			all = append(all, insertToken(t, s, k))
		}
		for i, tenant := range tenants {
			wantTokens(t, "of a tenant", s, tenant, id, all[i])
			_, _, err := s.TokenUser(ctx, tenants[1-i], all[i].Hash, at)
			wantError(t, err, accounts.ErrNoToken)
		}
		must(t, s.UseToken(ctx, tenants[1], all[0].Hash, at.Add(time.Hour)))
		wantTokens(t, "used in another tenant", s, tenants[0], id, all[0])
		n, err := s.DeleteTokens(ctx, accounts.TokenFilter{Tenant: tenants[1], UserID: id, ID: tokenID})
		must(t, err)
		same(t, "deleted", n, 1)
		wantTokens(t, "of one tenant", s, tenants[0], id, all[0])
		wantTokens(t, "of another", s, tenants[1], id)
	})
}

// Neither the inserted token nor the one returned shares memory with the store.
func tokensShareNothing(t *testing.T, s accounts.Store) {
	u := insertUser(t, s, user())
	given := newToken(u.ID)
	want := given
	want.Scopes = slices.Clone(given.Scopes)
	insertToken(t, s, given)
	given.Scopes[0] = "changed"
	got, _, err := s.TokenUser(t.Context(), "", want.Hash, at)
	must(t, err)
	got.Scopes[0] = "changed"
	list, err := s.Tokens(t.Context(), "", u.ID, at)
	must(t, err)
	list[0].Scopes[1] = "changed"
	wantTokens(t, "unchanged", s, "", u.ID, want)
}
