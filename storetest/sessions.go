package storetest

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func session(userID string) accounts.Session {
	s := accounts.Session{UserID: userID, CreatedAt: at, ExpiresAt: at.Add(time.Hour),
		Remember: true, Address: "192.0.2.1", UserAgent: "Mozilla/5.0", Via: "google",
		ConnectionID: name("connection"), ProviderSession: name("sid"), DeviceID: name("device"), LastSeenAt: at.Add(time.Minute), ProvedAt: at.Add(time.Second),
		KeyHash: name("key"), OldKeyHash: name("old-key"), RotatedAt: at.Add(2 * time.Second)}
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

func sessionsAreProlonged(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	v, other := session(u.ID), session(u.ID)
	must(t, s.InsertSession(ctx, v))
	must(t, s.InsertSession(ctx, other))
	prolong := func(seen time.Time, lasts time.Duration) {
		t.Helper()
		must(t, s.ProlongSession(ctx, "", v.Hash, seen, seen.Add(lasts)))
		got, _, err := s.SessionUser(ctx, "", v.Hash, at)
		must(t, err)
		same(t, "prolonged session", got, v)
		got, _, err = s.SessionUser(ctx, "", other.Hash, at)
		must(t, err)
		same(t, "another session", got, other)
	}
	v.LastSeenAt, v.ExpiresAt = at.Add(10*time.Minute), at.Add(24*time.Hour+10*time.Minute)
	prolong(v.LastSeenAt, 24*time.Hour)
	prolong(v.LastSeenAt, time.Hour)                      // of the same moment
	prolong(v.LastSeenAt.Add(-time.Minute), 48*time.Hour) // an older one, late
	must(t, s.ProlongSession(ctx, "", session(u.ID).Hash, at, at))
	must(t, s.DeleteSession(ctx, "", v.Hash))
	must(t, s.ProlongSession(ctx, "", v.Hash, at.Add(time.Hour), at.Add(2*time.Hour)))
	_, _, err := s.SessionUser(ctx, "", v.Hash, at)
	wantError(t, err, accounts.ErrNoSession)
}

func sessionsAreRotated(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	v, other := session(u.ID), session(u.ID)
	other.KeyHash = v.KeyHash
	must(t, s.InsertSession(ctx, v))
	must(t, s.InsertSession(ctx, other))
	first, now := v.KeyHash, at.Add(time.Hour)
	rotated := make([]bool, 20)
	for _, err := range race(len(rotated), func(i int) (err error) {
		rotated[i], err = s.RotateSession(ctx, "", v.Hash, first, name("next"), now)
		return err
	}) {
		must(t, err)
	}
	n := 0
	for _, yes := range rotated {
		if yes {
			n++
		}
	}
	same(t, "calls that rotated", n, 1)
	got, _, err := s.SessionUser(ctx, "", v.Hash, at)
	must(t, err)
	same(t, "the key is another", got.KeyHash != first && got.KeyHash != "", true)
	v.KeyHash, v.OldKeyHash, v.RotatedAt = got.KeyHash, first, now
	same(t, "the session", got, v)
	again, err := s.RotateSession(ctx, "", v.Hash, first, "late", now.Add(time.Hour))
	must(t, err)
	same(t, "rotated from the old key", again, false)
	missing, err := s.RotateSession(ctx, "", session(u.ID).Hash, first, "x", now)
	must(t, err)
	same(t, "rotated one that is missing", missing, false)
	for _, want := range []accounts.Session{v, other} {
		got, _, err = s.SessionUser(ctx, "", want.Hash, at)
		must(t, err)
		same(t, "a session, one of two rotated", got, want)
	}
}
