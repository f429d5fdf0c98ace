package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func sessionsExpire(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	v := session(u.ID)
	must(t, s.InsertSession(ctx, v))
	_, _, err := s.SessionUser(ctx, "", v.Hash, v.ExpiresAt.Add(-time.Millisecond))
	must(t, err)
	_, _, err = s.SessionUser(ctx, "", v.Hash, v.ExpiresAt)
	wantError(t, err, accounts.ErrNoSession)
	_, _, err = s.SessionUser(ctx, "", session(u.ID).Hash, at)
	wantError(t, err, accounts.ErrNoSession)
	list, err := s.Sessions(ctx, "", u.ID, v.ExpiresAt)
	must(t, err)
	same(t, "sessions", list, []accounts.Session(nil))
}

func sessionsEnd(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	theirs := session(other.ID)
	must(t, s.InsertSession(ctx, theirs))
	var mine []accounts.Session // newest first
	for i := range 5 {
		v := session(u.ID)
		v.CreatedAt = at.Add(-time.Duration(i) * time.Second)
		mine = append(mine, v)
	}
	for _, i := range []int{3, 0, 4, 1, 2} {
		must(t, s.InsertSession(ctx, mine[i]))
	}
	list := func(want ...accounts.Session) {
		t.Helper()
		got, err := s.Sessions(ctx, "", u.ID, at)
		must(t, err)
		same(t, "sessions", got, want)
	}
	list(mine...)
	must(t, s.DeleteSession(ctx, "", mine[0].Hash))
	must(t, s.DeleteSession(ctx, "", mine[0].Hash))
	list(mine[1:]...)
	end := func(except [32]byte, want int) {
		t.Helper()
		endSessions(t, s, accounts.SessionFilter{UserID: u.ID, Except: except}, u.ID, want)
	}
	end(mine[2].Hash, 3)
	list(mine[2])
	end(theirs.Hash, 1)
	list()
	must(t, s.InsertSession(ctx, mine[0]))
	end([32]byte{}, 1)
	end([32]byte{}, 0)
	_, _, err := s.SessionUser(ctx, "", theirs.Hash, at)
	must(t, err)
}

// endSessions checks that the filter ends so many sessions of one user, and none of
// others.
func endSessions(t *testing.T, s accounts.Store, f accounts.SessionFilter, userID string, want int) {
	t.Helper()
	ended, err := s.DeleteSessions(t.Context(), f)
	must(t, err)
	others := 0
	for _, n := range ended {
		others += n
	}
	same(t, "ended sessions", ended[userID], want)
	same(t, "ended sessions of others", others-ended[userID], 0)
}

func sessionsEndByFilter(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	ann, bob := insertUser(t, s, user()), insertUser(t, s, user())
	sid, otherSid, conn := name("sid"), name("sid"), name("connection")
	var all []accounts.Session
	for _, v := range []accounts.Session{
		0: {UserID: ann.ID, Via: "google", ProviderSession: sid, ConnectionID: conn},
		1: {UserID: ann.ID, Via: "google", ProviderSession: otherSid, ConnectionID: conn},
		2: {UserID: ann.ID, Via: "acme", ProviderSession: sid},
		3: {UserID: ann.ID, Via: "password"},
		4: {UserID: bob.ID, Via: "google", ProviderSession: sid},
		5: {UserID: bob.ID, Via: "google"},
		6: {UserID: bob.ID, LimitedTo: accounts.LimitedToTrust},
		7: {UserID: bob.ID, LimitedTo: accounts.LimitedToFactor},
	} {
		v.Hash, v.CreatedAt, v.ExpiresAt = session("").Hash, at, at.Add(time.Hour)
		all = append(all, v)
	}
	for _, tt := range []struct {
		what string
		f    accounts.SessionFilter
		ends []int
	}{
		{"nothing chosen", accounts.SessionFilter{}, nil},
		{"a provider alone", accounts.SessionFilter{Via: "google"}, nil},
		{"a connection alone", accounts.SessionFilter{ConnectionID: conn}, nil},
		{"a provider's session", accounts.SessionFilter{Via: "google", ProviderSession: sid}, []int{0, 4}},
		{"but for one", accounts.SessionFilter{Via: "google", ProviderSession: sid, Except: all[4].Hash}, []int{0}},
		{"an unknown one", accounts.SessionFilter{Via: "google", ProviderSession: name("sid")}, nil},
		{"another tenant's", accounts.SessionFilter{Tenant: name("tenant"), Via: "google", ProviderSession: sid}, nil},
		{"of a user", accounts.SessionFilter{UserID: ann.ID, Via: "google", ProviderSession: sid}, []int{0}},
		{"all of a user through a provider", accounts.SessionFilter{UserID: ann.ID, Via: "google"}, []int{0, 1}},
		{"through a connection", accounts.SessionFilter{UserID: ann.ID, ConnectionID: conn, Except: all[1].Hash}, []int{0}},
		{"through a connection of another user", accounts.SessionFilter{UserID: bob.ID, ConnectionID: conn}, nil},
		{"all of a user", accounts.SessionFilter{UserID: ann.ID}, []int{0, 1, 2, 3}},
		{"those limited to something", accounts.SessionFilter{UserID: bob.ID, LimitedTo: accounts.LimitedToTrust}, []int{6}},
		{"but for one and a device", accounts.SessionFilter{UserID: bob.ID, Except: all[4].Hash, ExceptDevice: all[6].Hash}, []int{5, 7}},
	} {
		want := map[string]int{}
		for i, v := range all {
			must(t, s.DeleteSession(ctx, "", v.Hash))
			must(t, s.InsertSession(ctx, v))
			if slices.Contains(tt.ends, i) {
				want[v.UserID]++
			}
		}
		ended, err := s.DeleteSessions(ctx, tt.f)
		must(t, err)
		for _, u := range []string{ann.ID, bob.ID} {
			same(t, tt.what+": ended sessions", ended[u], want[u])
		}
		for i, v := range all {
			_, _, err := s.SessionUser(ctx, "", v.Hash, at)
			if slices.Contains(tt.ends, i) {
				wantError(t, err, accounts.ErrNoSession)
			} else {
				must(t, err)
			}
		}
	}
}

func sessionsAreTrimmed(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u, other := insertUser(t, s, user()), insertUser(t, s, user())
	theirs := session(other.ID)
	theirs.CreatedAt = at.Add(-time.Hour)
	must(t, s.InsertSession(ctx, theirs))
	mine := make([]accounts.Session, 6) // newest first
	for i := range mine {
		mine[i] = session(u.ID)
		mine[i].CreatedAt = at.Add(-time.Duration(i) * time.Second)
		must(t, s.InsertSession(ctx, mine[i]))
	}
	trim := func(newest accounts.Session, keep int, left ...accounts.Session) {
		t.Helper()
		before, err := s.Sessions(ctx, "", u.ID, at)
		must(t, err)
		n, err := s.TrimSessions(ctx, "", u.ID, newest.LimitedTo, newest.Hash, keep)
		must(t, err)
		same(t, "ended sessions", n, len(before)-len(left))
		got, err := s.Sessions(ctx, "", u.ID, at)
		must(t, err)
		same(t, "sessions", got, left)
	}
	trim(mine[0], 7, mine...)
	trim(mine[0], 6, mine...)
	trim(mine[0], 4, mine[:4]...)
	trim(mine[3], 3, mine[0], mine[1], mine[3]) // the newest by another clock
	trim(mine[0], 1, mine[0])
	_, _, err := s.SessionUser(ctx, "", theirs.Hash, at)
	must(t, err)

	// Those that are limited to something count alone.
	var limited [3]accounts.Session
	for i := range limited {
		limited[i] = session(u.ID)
		limited[i].CreatedAt, limited[i].LimitedTo = at.Add(time.Duration(-i-1)*time.Second), accounts.LimitedToFactor
		must(t, s.InsertSession(ctx, limited[i]))
	}
	trim(mine[0], 1, mine[0], limited[0], limited[1], limited[2])
	trim(limited[0], 2, mine[0], limited[0], limited[1])
}
