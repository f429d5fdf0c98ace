package storetest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func session(userID string) accounts.Session {
	s := accounts.Session{UserID: userID, CreatedAt: at, ExpiresAt: at.Add(time.Hour),
		Remember: true, Address: "192.0.2.1", UserAgent: "Mozilla/5.0", Via: "google"}
	rand.Read(s.Hash[:])
	return s
}

func sessionComesBack(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	first, second := accounts.Role{Name: name("a")}, accounts.Role{Name: name("b")}
	must(t, s.InsertRole(ctx, second))
	must(t, s.InsertRole(ctx, first))
	u := fullUser()
	u.Roles = []string{second.Name, first.Name}
	u = insertUser(t, s, u)
	u.Roles = []string{first.Name, second.Name}
	v := session(u.ID)
	must(t, s.InsertSession(ctx, v))
	got, of, err := s.SessionUser(ctx, "", v.Hash, at)
	must(t, err)
	same(t, "session", got, v)
	same(t, "its user", of, u)

	// The next read sees changes.
	must(t, s.RevokeRole(ctx, "", u.ID, first.Name))
	u.Active = false
	must(t, s.UpdateUser(ctx, u))
	_, of, err = s.SessionUser(ctx, "", v.Hash, at)
	must(t, err)
	same(t, "roles", of.Roles, []string{second.Name})
	same(t, "activity", of.Active, false)

	bare := accounts.Session{UserID: u.ID, ExpiresAt: at.Add(time.Hour)}
	rand.Read(bare.Hash[:])
	must(t, s.InsertSession(ctx, bare))
	got, _, err = s.SessionUser(ctx, "", bare.Hash, at)
	must(t, err)
	same(t, "a bare session", got, bare)
}

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
		n, err := s.DeleteSessions(ctx, "", u.ID, except)
		must(t, err)
		same(t, "ended sessions", n, want)
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
