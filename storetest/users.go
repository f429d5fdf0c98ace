package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
)

func fullUser() accounts.User {
	u := user()
	u.Username = name("ann")
	u.PasswordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"
	u.EmailVerifiedAt, u.DeletionAt = at.Add(time.Second), at.Add(time.Hour+time.Millisecond)
	u.Language = "zh-Hant-TW"
	u.Login = accounts.Tracking{LastAt: at, CurrentAt: at.Add(time.Minute), LastAddress: "192.0.2.1",
		CurrentAddress: "2001:db8::1", Count: 1 << 40}
	return u
}

func userComesBack(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, fullUser())
	got, err := s.UserByID(ctx, "", u.ID)
	must(t, err)
	same(t, "UserByID", got, u)
	got, err = s.UserByEmail(ctx, "", u.Email)
	must(t, err)
	same(t, "UserByEmail", got, u)
	got, err = s.UserByUsername(ctx, "", u.Username)
	must(t, err)
	same(t, "UserByUsername", got, u)

	plain := user()
	plain.Active = false
	plain = insertUser(t, s, plain)
	got, err = s.UserByID(ctx, "", plain.ID)
	must(t, err)
	same(t, "a plain user", got, plain)
	insertUser(t, s, user()) // another without a username
	for range 2 {            // of another system, without an e-mail address
		named := user()
		named.Email, named.Username = "", name("ann")
		named = insertUser(t, s, named)
		got, err := s.UserByUsername(ctx, "", named.Username)
		must(t, err)
		same(t, "UserByUsername", got, named)
	}
}

func userKeepsOddTexts(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	for what, text := range odd {
		if len(text) > 200 {
			continue // longer than a name or address may be
		}
		u := user()
		u.Tenant = text
		u.Email, u.PasswordHash, u.Login.LastAddress = u.ID+text+"@example.com", text, text
		if text != "" {
			u.Username = u.ID + text
		}
		u = insertUser(t, s, u)
		got, err := s.UserByEmail(ctx, u.Tenant, u.Email)
		must(t, err)
		same(t, what, got, u)
		v := session(u.ID)
		v.Tenant = text
		v.Address, v.UserAgent, v.Via, v.ConnectionID, v.ProviderSession = text, text+odd["16 KB"], text, text, text
		must(t, s.InsertSession(ctx, v))
		gotSession, got, err := s.SessionUser(ctx, v.Tenant, v.Hash, at)
		must(t, err)
		same(t, what+", session", gotSession, v)
		same(t, what+", its user", got, u)
	}
}

func userTimesComeBack(t *testing.T, s accounts.Store) {
	for _, moment := range []time.Time{
		{},
		at.In(time.FixedZone("west", -8*3600)),
		time.Date(1969, 12, 31, 23, 59, 59, int(time.Millisecond), time.UTC),
		time.Date(2199, 12, 31, 23, 59, 59, 999*int(time.Millisecond), time.UTC),
	} {
		u := user()
		u.EmailVerifiedAt, u.CreatedAt, u.UpdatedAt = moment, moment, moment
		u.Login.LastAt, u.Login.CurrentAt = moment, moment
		u = insertUser(t, s, u)
		got, err := s.UserByID(t.Context(), "", u.ID)
		must(t, err)
		same(t, "times", got, u)
	}
}

func missingUsers(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	id := name("missing")
	_, err := s.UserByID(ctx, "", id)
	wantError(t, err, accounts.ErrNoUser)
	_, err = s.UserByEmail(ctx, "", id)
	wantError(t, err, accounts.ErrNoUser)
	_, err = s.UserByUsername(ctx, "", id)
	wantError(t, err, accounts.ErrNoUser)
	insertUser(t, s, user())
	_, err = s.UserByEmail(ctx, "", "")
	wantError(t, err, accounts.ErrNoUser)
	_, err = s.UserByUsername(ctx, "", "")
	wantError(t, err, accounts.ErrNoUser)
	wantError(t, s.UpdateUser(ctx, accounts.User{ID: id, Email: id, Version: 1}), accounts.ErrStale)
	wantError(t, s.DeleteUser(ctx, "", id), accounts.ErrNoUser)
	for version := range int64(2) {
		wantError(t, s.TrackLogin(ctx, accounts.TrackedLogin{UserID: id, Version: version, At: at}), accounts.ErrStale)
	}
	list, err := s.Sessions(ctx, "", id, at)
	must(t, err)
	same(t, "Sessions", list, []accounts.Session(nil))
}

func namesAreUnique(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, fullUser())

	email := fullUser()
	email.Email = strings.ToUpper(u.Email)
	wantError(t, s.InsertUser(ctx, email), accounts.ErrEmailTaken)
	username := fullUser()
	username.Username = strings.ToUpper(u.Username)
	wantError(t, s.InsertUser(ctx, username), accounts.ErrUsernameTaken)
	for _, id := range []string{email.ID, username.ID} {
		_, err := s.UserByID(ctx, "", id)
		wantError(t, err, accounts.ErrNoUser)
	}

	other := insertUser(t, s, fullUser())
	change := other
	change.Email = strings.ToLower(u.Email)
	wantError(t, s.UpdateUser(ctx, change), accounts.ErrEmailTaken)
	change = other
	change.Username = strings.ToLower(u.Username)
	wantError(t, s.UpdateUser(ctx, change), accounts.ErrUsernameTaken)
	got, err := s.UserByID(ctx, "", other.ID)
	must(t, err)
	same(t, "the other user", got, other)

	// A user's own address in another case is no conflict, and an old one is free.
	old := u.Email
	u.Email = strings.ToUpper(u.Email)
	must(t, s.UpdateUser(ctx, u))
	u.Version++
	u.Email = "new-" + old
	must(t, s.UpdateUser(ctx, u))
	change = other
	change.Email = old
	must(t, s.UpdateUser(ctx, change))
	must(t, s.DeleteUser(ctx, "", u.ID))
	again := fullUser()
	again.Email, again.Username = u.Email, u.Username
	insertUser(t, s, again)
}

func oneUserWins(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	email := name("ann") + "@example.com"
	won(t, race(50, func(i int) error {
		u := user()
		u.Email = email
		if i%2 == 1 {
			u.Email = strings.ToUpper(email)
		}
		return s.InsertUser(ctx, u)
	}), accounts.ErrEmailTaken)
	username := name("ann")
	won(t, race(50, func(int) error {
		u := user()
		u.Username = username
		return s.InsertUser(ctx, u)
	}), accounts.ErrUsernameTaken)
}

func namesFoldASCII(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	base := name("é")
	u := user()
	u.Email, u.Username = base+"@example.com", base+"-Kelvin"
	u = insertUser(t, s, u)
	upper := user()
	upper.Email, upper.Username = "É"+base[len("é"):]+"@example.com", base+"-\u212Aelvin"
	upper = insertUser(t, s, upper)
	for _, u := range []accounts.User{u, upper} {
		got, err := s.UserByEmail(ctx, "", strings.ReplaceAll(u.Email, "example", "EXAMPLE"))
		must(t, err)
		same(t, "UserByEmail", got, u)
		got, err = s.UserByUsername(ctx, "", strings.ReplaceAll(u.Username, "vin", "VIN"))
		must(t, err)
		same(t, "UserByUsername", got, u)
	}
}

func usersAreListed(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	base := name("user")
	role := accounts.Role{Name: name("role")}
	must(t, s.InsertRole(ctx, role))
	var want []accounts.User
	for _, tail := range []string{"b", "1", "A", "aa", "0", "é", "a", "2", "z", "Z"} {
		u := user()
		u.ID = base + tail
		u.Roles = []string{role.Name}
		want = append(want, insertUser(t, s, u))
	}
	slices.SortFunc(want, func(a, b accounts.User) int { return strings.Compare(a.ID, b.ID) })
	got, err := s.Users(ctx, "", base, len(want))
	must(t, err)
	same(t, "all users", got, want)
	got, err = s.Users(ctx, "", base+"1", 2)
	must(t, err)
	same(t, "two users after the second", got, want[2:4])
	for _, limit := range []int{0, -1} {
		got, err = s.Users(ctx, "", base, limit)
		must(t, err)
		same(t, "no users", got, []accounts.User(nil))
	}
}

func userUpdateSwaps(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	role := accounts.Role{Name: name("role")}
	must(t, s.InsertRole(ctx, role))
	u := fullUser()
	u.Roles = []string{role.Name}
	u = insertUser(t, s, u)
	changed := u
	changed.Email, changed.Username, changed.PasswordHash = "new-"+u.Email, "", ""
	changed.Active, changed.EmailVerifiedAt, changed.UpdatedAt = false, time.Time{}, at.Add(time.Hour)
	changed.DeletionAt, changed.Language = time.Time{}, "pt-BR"
	changed.Roles, changed.Login, changed.CreatedAt = nil, accounts.Tracking{}, time.Time{} // which are not written
	must(t, s.UpdateUser(ctx, changed))
	wantError(t, s.UpdateUser(ctx, changed), accounts.ErrStale)
	ahead := changed
	ahead.Version = 3
	wantError(t, s.UpdateUser(ctx, ahead), accounts.ErrStale)
	want := changed
	want.Roles, want.Login, want.CreatedAt, want.Version = u.Roles, u.Login, u.CreatedAt, 2
	got, err := s.UserByID(ctx, "", u.ID)
	must(t, err)
	same(t, "updated user", got, want)
	_, err = s.UserByUsername(ctx, "", u.Username)
	wantError(t, err, accounts.ErrNoUser)
}

func oneUserUpdateWins(t *testing.T, s accounts.Store) {
	u := insertUser(t, s, user())
	won(t, race(20, func(int) error { return s.UpdateUser(t.Context(), u) }), accounts.ErrStale)
}

func loginsAreTracked(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	check := func() {
		t.Helper()
		got, err := s.UserByID(ctx, "", u.ID)
		must(t, err)
		same(t, "tracked user", got, u) // with the same version
	}
	track := func(version int64, at time.Time, address string) error {
		return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: u.ID, Version: version, At: at, Address: address})
	}
	must(t, track(1, at, "192.0.2.1"))
	u.Login = accounts.Tracking{CurrentAt: at, CurrentAddress: "192.0.2.1", Count: 1}
	check()
	must(t, track(1, at.Add(time.Hour), "2001:db8::1"))
	u.Login = accounts.Tracking{LastAt: at, LastAddress: "192.0.2.1", CurrentAt: at.Add(time.Hour),
		CurrentAddress: "2001:db8::1", Count: 2}
	check()
	wantError(t, track(2, at, "192.0.2.2"), accounts.ErrStale)
	check()
	must(t, s.UpdateUser(ctx, u))
	u.Version++
	wantError(t, track(1, at, "192.0.2.2"), accounts.ErrStale)
	check()
	must(t, errors.Join(race(20, func(int) error { return track(2, at, "192.0.2.2") })...))
	got, err := s.UserByID(ctx, "", u.ID)
	must(t, err)
	same(t, "count", got.Login.Count, int64(22))
}

func deletingUsers(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	role := accounts.Role{Name: name("role")}
	must(t, s.InsertRole(ctx, role))
	u := fullUser()
	u.Roles = []string{role.Name}
	u = insertUser(t, s, u)
	other := insertUser(t, s, user())
	mine, theirs := session(u.ID), session(other.ID)
	must(t, s.InsertSession(ctx, mine))
	must(t, s.InsertSession(ctx, theirs))

	must(t, s.DeleteUser(ctx, "", u.ID))
	_, err := s.UserByID(ctx, "", u.ID)
	wantError(t, err, accounts.ErrNoUser)
	_, _, err = s.SessionUser(ctx, "", mine.Hash, at)
	wantError(t, err, accounts.ErrNoSession)
	_, _, err = s.SessionUser(ctx, "", theirs.Hash, at)
	must(t, err)
	wantError(t, s.DeleteUser(ctx, "", u.ID), accounts.ErrNoUser)

	// A new user with the same names has no roles and no sessions.
	u.Roles = nil
	u = insertUser(t, s, u)
	got, err := s.UserByID(ctx, "", u.ID)
	must(t, err)
	same(t, "new user", got, u)
	list, err := s.Sessions(ctx, "", u.ID, at)
	must(t, err)
	same(t, "sessions", list, []accounts.Session(nil))
}

// What is written in the transaction that locks a user is written before the user
// changes, or not at all.
func usersAreLocked(t *testing.T, s accounts.Store) {
	ctx := t.Context()
	u := insertUser(t, s, user())
	must(t, s.LockUser(ctx, "", u.ID, u.Version))
	wantError(t, s.LockUser(ctx, "", u.ID, u.Version+1), accounts.ErrStale)
	wantError(t, s.LockUser(ctx, "", name("user"), 1), accounts.ErrStale)
	wantError(t, s.LockUser(ctx, name("tenant"), u.ID, u.Version), accounts.ErrStale)
	got, err := s.UserByID(ctx, "", u.ID)
	must(t, err)
	same(t, "a user who was locked", got, u)

	tx, ok := s.(accounts.Transactor)
	if !ok {
		return
	}
	for _, change := range []func(ctx context.Context, u accounts.User) error{
		s.UpdateUser,
		func(ctx context.Context, u accounts.User) error { return s.DeleteUser(ctx, "", u.ID) },
	} {
		for range 10 {
			u := insertUser(t, s, user())
			mark := accounts.Attempt{Key: u.ID, By: 1, Now: at, Window: time.Hour}
			seen := mark
			seen.By = 0
			atChange := 0
			errs := race(2, func(i int) error {
				return tx.InTx(ctx, func(ctx context.Context) error {
					if i == 0 {
						if err := s.LockUser(ctx, "", u.ID, u.Version); err != nil {
							return err
						}
						_, _, err := s.Attempt(ctx, mark)
						return err
					}
					err := change(ctx, u)
					if err == nil {
						atChange, _, err = s.Attempt(ctx, seen)
					}
					return err
				})
			})
			must(t, errs[1])
			want := 1
			if errs[0] != nil {
				wantError(t, errs[0], accounts.ErrStale)
				want = 0
			}
			same(t, "marks at the change", atChange, want)
			marks, _, err := s.Attempt(ctx, seen)
			must(t, err)
			same(t, "marks", marks, want)
		}
	}
}
