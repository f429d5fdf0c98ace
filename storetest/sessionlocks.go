package storetest

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

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
