package storetest

import (
	"context"
	"crypto/rand"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
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

func sessionsAreProved(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	v, other := session(u.ID), session(u.ID)
	must(t, s.InsertSession(ctx, v))
	must(t, s.InsertSession(ctx, other))
	proved := v.ProvedAt.Add(time.Minute)
	for _, at := range []time.Time{proved, proved.Add(-time.Second), proved} { // the second one is late
		must(t, s.ProveSession(ctx, "", v.Hash, at))
		v.ProvedAt = proved
		for _, want := range []accounts.Session{v, other} {
			got, _, err := s.SessionUser(ctx, "", want.Hash, at)
			must(t, err)
			same(t, "a session, one of two proved", got, want)
		}
	}
	list, err := s.Sessions(ctx, "", u.ID, at)
	must(t, err)
	same(t, "times in the list", list[0].ProvedAt.Add(list[1].ProvedAt.Sub(at)), proved.Add(other.ProvedAt.Sub(at)))
	must(t, s.DeleteSession(ctx, "", v.Hash))
	must(t, s.ProveSession(ctx, "", v.Hash, proved.Add(time.Hour)))
	_, _, err = s.SessionUser(ctx, "", v.Hash, at)
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

// What is written in the transaction that locks a session is written before the session
// ends, or not at all.
func sessionsAreLocked(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	v := session(u.ID)
	wantError(t, s.LockSession(ctx, "", v.Hash, at), accounts.ErrNoSession)
	must(t, s.InsertSession(ctx, v))
	must(t, s.LockSession(ctx, "", v.Hash, v.ExpiresAt.Add(-time.Millisecond)))
	wantError(t, s.LockSession(ctx, "", v.Hash, v.ExpiresAt), accounts.ErrNoSession)
	got, _, err := s.SessionUser(ctx, "", v.Hash, at)
	must(t, err)
	same(t, "a session that was locked", got, v)
	must(t, s.DeleteSession(ctx, "", v.Hash))
	wantError(t, s.LockSession(ctx, "", v.Hash, at), accounts.ErrNoSession)

	tx, ok := s.(accounts.Transactor)
	if !ok {
		return
	}
	for _, end := range []func(ctx context.Context, v accounts.Session) error{
		func(ctx context.Context, v accounts.Session) error { return s.DeleteSession(ctx, "", v.Hash) },
		func(ctx context.Context, v accounts.Session) error {
			_, err := s.DeleteSessions(ctx, accounts.SessionFilter{UserID: v.UserID})
			return err
		},
		func(ctx context.Context, v accounts.Session) error {
			_, err := s.TrimSessions(ctx, "", v.UserID, "", [32]byte{}, 0)
			return err
		},
		func(ctx context.Context, v accounts.Session) error { return s.DeleteUser(ctx, "", v.UserID) },
	} {
		for range 10 {
			u := insertUser(t, s, user())
			v := session(u.ID)
			must(t, s.InsertSession(ctx, v))
			// The mark is what the session writes: the call that ends the session sees it, or
			// it was not written.
			mark := accounts.Attempt{Key: u.ID, By: 1, Now: at, Window: time.Hour}
			seen := mark
			seen.By = 0
			count := func(ctx context.Context, a accounts.Attempt) int {
				n, _, err := s.Attempt(ctx, a)
				must(t, err)
				return n
			}
			atEnd := 0
			errs := race(2, func(i int) error {
				return tx.InTx(ctx, func(ctx context.Context) error {
					if i == 0 {
						if err := s.LockSession(ctx, "", v.Hash, at); err != nil {
							return err
						}
						_, _, err := s.Attempt(ctx, mark)
						return err
					}
					err := end(ctx, v)
					if err == nil {
						atEnd, _, err = s.Attempt(ctx, seen)
					}
					return err
				})
			})
			must(t, errs[1])
			want := 1
			if errs[0] != nil {
				wantError(t, errs[0], accounts.ErrNoSession)
				want = 0
			}
			same(t, "marks at the session's end", atEnd, want)
			same(t, "marks", count(ctx, seen), want)
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

// A plainStore has the methods of accounts.Store alone, and calls read, if there is
// one, after a user was read by ID.
type plainStore struct {
	accounts.Store
	read *func()
}

func (s plainStore) UserByID(ctx context.Context, tenant, id string) (accounts.User, error) {
	u, err := s.Store.UserByID(ctx, tenant, id)
	if read := *s.read; read != nil {
		*s.read = nil
		read()
	}
	return u, err
}

// A transactStore is a plainStore with transactions.
type transactStore struct {
	plainStore
	accounts.Transactor
}

// A user is deactivated when it has been decided that they may sign in.
func sessionsNeedTheProof(t *testing.T, s accounts.Store) {
	var read func()
	stores := map[string]accounts.Store{"alone": plainStore{s, &read}}
	if tx, ok := s.(accounts.Transactor); ok {
		stores["in a transaction"] = transactStore{plainStore{s, &read}, tx}
	}
	open := func(s accounts.Store) *accounts.Accounts {
		a, err := accounts.New(accounts.Config{Store: s, AppURL: "http://localhost", Now: func() time.Time { return at }})
		must(t, err)
		return a
	}
	direct := open(s)
	signIn := func(a *accounts.Accounts, u accounts.User) error {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/", nil)
		return a.SignIn(httptest.NewRecorder(), r, identity.SignIn{UserID: u.ID, Via: "google"})
	}
	sessions := func(what string, u accounts.User, want int) {
		t.Helper()
		list, err := s.Sessions(t.Context(), "", u.ID, at)
		must(t, err)
		same(t, what+": sessions", len(list), want)
	}
	for what, s := range stores {
		a, u := open(s), insertUser(t, s, user())
		read = func() { must(t, direct.SetActive(t.Context(), u.ID, false)) }
		wantError(t, signIn(a, u), accounts.ErrInactive)
		sessions(what, u, 0)
		must(t, direct.SetActive(t.Context(), u.ID, true))
		read = func() { must(t, direct.SetVerifiedKeepingAccess(t.Context(), u.ID, true)) }
		must(t, signIn(a, u)) // what was proved is as it was
		sessions(what, u, 1)
		read = func() { must(t, direct.Delete(t.Context(), u.ID)) }
		wantError(t, signIn(a, u), accounts.ErrNoUser)
		sessions(what, u, 0)
	}
	for range 20 {
		u := insertUser(t, s, user())
		errs := race(4, func(i int) error {
			if i == 0 {
				return direct.SetActive(t.Context(), u.ID, false)
			}
			return signIn(direct, u)
		})
		must(t, errs[0])
		for _, err := range errs[1:] {
			if err != nil {
				wantError(t, err, accounts.ErrInactive)
			}
		}
		sessions("a race", u, 0)
	}
}
