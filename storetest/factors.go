package storetest

import (
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func newFactor(userID, kind, id string) accounts.StoredFactor {
	return accounts.StoredFactor{UserID: userID, Kind: kind, ID: id, Name: "phone", Secret: []byte{0, 255, 'x'}, Counter: 7,
		CreatedAt: at, ConfirmedAt: at.Add(time.Minute), LastUsedAt: at.Add(time.Hour)}
}

// wantFactors checks a user's factors.
func wantFactors(t *testing.T, what string, s accounts.Store, tenant, userID string, want ...accounts.StoredFactor) {
	t.Helper()
	got, err := s.Factors(t.Context(), tenant, userID)
	must(t, err)
	same(t, what, got, want)
}

func useOf(f accounts.StoredFactor, counter int64) accounts.FactorUse {
	return accounts.FactorUse{Tenant: f.Tenant, UserID: f.UserID, Kind: f.Kind, ID: f.ID, Counter: counter, At: at.Add(2 * time.Hour)}
}

func factorsComeBack(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	wantFactors(t, "of a user without any", s, "", u.ID)
	a, b, c := newFactor(u.ID, "b", "1"), newFactor(u.ID, "b", "2"), newFactor(u.ID, "a", "3")
	theirs := newFactor(other.ID, "b", "1")
	bare := accounts.StoredFactor{UserID: u.ID, Kind: "bare"}
	for _, f := range []accounts.StoredFactor{bare, b, a, theirs, c} {
		must(t, s.PutFactor(ctx, f))
	}
	wantFactors(t, "all", s, "", u.ID, c, a, b, bare)
	a.Name, a.Secret, a.Counter = "", []byte("other"), 1<<60
	a.CreatedAt, a.ConfirmedAt, a.LastUsedAt = at.Add(time.Second), time.Time{}, time.Time{}
	must(t, s.PutFactor(ctx, a))
	must(t, s.PutFactor(ctx, a))
	wantFactors(t, "one replaced", s, "", u.ID, c, a, b, bare)
	wantFactors(t, "another user's", s, "", other.ID, theirs)

	odder := insertUser(t, s, user())
	for what, text := range odd {
		f := newFactor(odder.ID, "k"+clipped(text), clipped(text))
		f.Name = text
		must(t, s.PutFactor(ctx, f))
		wantFactors(t, what, s, "", odder.ID, f)
		must(t, s.UseFactor(ctx, useOf(f, 8)))
		n, err := s.DeleteFactors(ctx, accounts.FactorFilter{UserID: odder.ID, Kind: f.Kind, ID: f.ID})
		must(t, err)
		same(t, what+": deleted", n, 1)
	}
	if err := s.PutFactor(ctx, newFactor(name("user"), "a", "1")); err != nil { // where references are checked
		wantError(t, err, accounts.ErrNoUser)
	}
}

func factorsCountUp(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	f, other := newFactor(u.ID, "a", "1"), newFactor(u.ID, "a", "2")
	must(t, s.PutFactor(ctx, f))
	must(t, s.PutFactor(ctx, other))
	for _, counter := range []int64{0, 6, 7} {
		wantError(t, s.UseFactor(ctx, useOf(f, counter)), accounts.ErrNoFactor)
	}
	wantFactors(t, "unused", s, "", u.ID, f, other)
	won(t, race(20, func(int) error { return s.UseFactor(ctx, useOf(f, 8)) }), accounts.ErrNoFactor)
	f.Counter, f.LastUsedAt = 8, at.Add(2*time.Hour)
	wantFactors(t, "used", s, "", u.ID, f, other)
	must(t, s.UseFactor(ctx, useOf(f, 10)))
	for _, missing := range []accounts.StoredFactor{newFactor(u.ID, "a", "3"), newFactor(u.ID, "b", "1"), newFactor(name("user"), "a", "1")} {
		wantError(t, s.UseFactor(ctx, useOf(missing, 99)), accounts.ErrNoFactor)
	}
}

func factorsWithoutCount(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	f := newFactor(u.ID, "a", "1")
	f.Counter = 0
	must(t, s.PutFactor(ctx, f))
	for i := range 2 {
		use := useOf(f, 0)
		f.LastUsedAt = use.At.Add(time.Duration(i) * time.Second)
		use.At = f.LastUsedAt
		must(t, s.UseFactor(ctx, use))
	}
	wantFactors(t, "used twice", s, "", u.ID, f)
	wantError(t, s.UseFactor(ctx, useOf(newFactor(u.ID, "a", "2"), 0)), accounts.ErrNoFactor)
	must(t, s.UseFactor(ctx, useOf(f, 1)))
	for _, counter := range []int64{0, 1} {
		wantError(t, s.UseFactor(ctx, useOf(f, counter)), accounts.ErrNoFactor)
	}
}

func factorsChange(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	f, other := newFactor(u.ID, "a", "1"), newFactor(u.ID, "a", "2")
	must(t, s.PutFactor(ctx, f))
	must(t, s.PutFactor(ctx, other))
	for what, text := range odd {
		for range 2 { // the same name again is no error
			must(t, s.RenameFactor(ctx, accounts.FactorFilter{UserID: u.ID, Kind: "a", ID: "1"}, text))
		}
		f.Name = text
		wantFactors(t, what, s, "", u.ID, f, other)
	}
	must(t, s.ResealFactor(ctx, f, []byte("new\x00")))
	wantError(t, s.ResealFactor(ctx, f, []byte("late")), accounts.ErrNoFactor)
	f.Secret = []byte("new\x00")
	wantFactors(t, "sealed again", s, "", u.ID, f, other)
	won(t, race(20, func(i int) error { return s.ResealFactor(ctx, f, []byte{'n', byte(i)}) }), accounts.ErrNoFactor)
	for _, missing := range []accounts.StoredFactor{newFactor(u.ID, "a", "3"), newFactor(u.ID, "b", "2"), newFactor(name("user"), "a", "2")} {
		must(t, s.RenameFactor(ctx, accounts.FactorFilter{UserID: missing.UserID, Kind: missing.Kind, ID: missing.ID}, "new"))
		wantError(t, s.ResealFactor(ctx, missing, []byte("new")), accounts.ErrNoFactor)
	}
}

func factorsAreDeleted(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	all := []accounts.StoredFactor{
		0: newFactor(u.ID, "a", "1"), 1: newFactor(u.ID, "a", "2"), 2: newFactor(u.ID, "b", "1"), 3: newFactor(other.ID, "a", "1"),
	}
	later := &all[1]
	later.CreatedAt, later.ConfirmedAt = all[0].ConfirmedAt.Add(time.Hour), all[0].ConfirmedAt.Add(2*time.Hour)
	for _, tt := range []struct {
		what string
		f    accounts.FactorFilter
		left []int
	}{
		{"of no user", accounts.FactorFilter{}, []int{0, 1, 2, 3}},
		{"of another tenant", accounts.FactorFilter{Tenant: name("tenant"), UserID: u.ID}, []int{0, 1, 2, 3}},
		{"of the user", accounts.FactorFilter{UserID: u.ID}, []int{3}},
		{"of a kind", accounts.FactorFilter{UserID: u.ID, Kind: "a"}, []int{2, 3}},
		{"one", accounts.FactorFilter{UserID: u.ID, Kind: "a", ID: "2"}, []int{0, 2, 3}},
		{"none", accounts.FactorFilter{UserID: u.ID, Kind: "b", ID: "2"}, []int{0, 1, 2, 3}},
		{"since they were created", accounts.FactorFilter{UserID: u.ID, Since: all[0].CreatedAt}, []int{3}},
		{"since one was created", accounts.FactorFilter{UserID: u.ID, Since: later.CreatedAt}, []int{0, 2, 3}},
		{"since one was confirmed", accounts.FactorFilter{UserID: u.ID, Since: later.ConfirmedAt}, []int{0, 2, 3}},
		{"later", accounts.FactorFilter{UserID: u.ID, Since: later.ConfirmedAt.Add(time.Millisecond)}, []int{0, 1, 2, 3}},
		{"of a kind, later", accounts.FactorFilter{UserID: u.ID, Kind: "b", Since: later.CreatedAt}, []int{0, 1, 2, 3}},
	} {
		for _, f := range all {
			must(t, s.PutFactor(ctx, f))
		}
		n, err := s.DeleteFactors(ctx, tt.f)
		must(t, err)
		same(t, tt.what+": deleted", n, len(all)-len(tt.left))
		var mine, theirs []accounts.StoredFactor
		for _, i := range tt.left {
			if all[i].UserID == u.ID {
				mine = append(mine, all[i])
			} else {
				theirs = append(theirs, all[i])
			}
		}
		wantFactors(t, tt.what, s, "", u.ID, mine...)
		wantFactors(t, tt.what+", another user's", s, "", other.ID, theirs...)
	}
	must(t, s.PutFactor(ctx, all[0]))
	won(t, race(20, func(int) error {
		n, err := s.DeleteFactors(ctx, accounts.FactorFilter{UserID: u.ID, Kind: "a", ID: "1"})
		if err == nil && n == 0 {
			err = accounts.ErrNoFactor
		}
		return err
	}), accounts.ErrNoFactor)
	must(t, s.DeleteUser(ctx, "", other.ID))
	wantFactors(t, "of a deleted user", s, "", other.ID)
}

func factorsStayInTheirTenant(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	inTenants(func(tenants [2]string) {
		var all []accounts.StoredFactor
		id := name("user")
		for _, tenant := range tenants {
			u := user()
			u.ID, u.Tenant = id, tenant
			insertUser(t, s, u)
			f := newFactor(id, "a", "1")
			f.Tenant = tenant
			must(t, s.PutFactor(ctx, f))
			all = append(all, f)
		}
		must(t, s.UseFactor(ctx, useOf(all[1], 9)))
		all[1].Counter, all[1].LastUsedAt = 9, at.Add(2*time.Hour)
		must(t, s.RenameFactor(ctx, accounts.FactorFilter{Tenant: tenants[1], UserID: id, Kind: "a", ID: "1"}, "other"))
		must(t, s.ResealFactor(ctx, all[1], []byte("other")))
		all[1].Name, all[1].Secret = "other", []byte("other")
		wantFactors(t, "of one tenant", s, tenants[0], id, all[0])
		wantFactors(t, "of another", s, tenants[1], id, all[1])
		_, err := s.DeleteFactors(ctx, accounts.FactorFilter{Tenant: tenants[1], UserID: id})
		must(t, err)
		wantFactors(t, "of one tenant", s, tenants[0], id, all[0])
		wantFactors(t, "of another", s, tenants[1], id)
	})
}
