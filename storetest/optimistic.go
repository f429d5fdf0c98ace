package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// optimistic runs a part with a store that is a vault.OptimisticTransactor.
func optimistic[S any](run func(*testing.T, S, vault.OptimisticTransactor)) func(*testing.T, S) {
	return func(t *testing.T, s S) {
		tx, ok := any(s).(vault.OptimisticTransactor)
		if !ok {
			t.Skip("the store is no vault.OptimisticTransactor")
		}
		run(t, s, tx)
	}
}

// What f sees when it is called the last time is what the database did.
func vaultOptimistic(t *testing.T, s vault.Store, tx vault.OptimisticTransactor) {
	ctx := t.Context()
	there, claimed := insert(t, s, connection(name("user"), "google"), "sealed"), name("key")
	must(t, s.Claim(ctx, claim(claimed, at)))
	twin := connection(name("user"), "google")
	twin.ProviderUserID = there.ProviderUserID
	stale := there
	stale.Version = 7
	for what, tt := range map[string]struct {
		write func(ctx context.Context) error
		want  error
	}{
		"a claim that is taken":         {func(ctx context.Context) error { return s.Claim(ctx, claim(claimed, at)) }, vault.ErrClaimed},
		"a stale update":                {func(ctx context.Context) error { return s.Update(ctx, stale, nil) }, vault.ErrStale},
		"an identity that is connected": {func(ctx context.Context) error { _, err := s.Insert(ctx, twin, nil); return err }, vault.ErrTaken},
		"no conflict":                   {func(ctx context.Context) error { return nil }, nil},
	} {
		for _, end := range []error{nil, errOnPurpose} {
			user := name("user")
			var before, after vault.Connection
			var got error
			err := tx.InOptimisticTx(ctx, func(ctx context.Context) error {
				before, after = connection(user, "google"), connection(user, "google")
				if _, err := s.Insert(ctx, before, []byte("before")); err != nil {
					return err
				}
				got = tt.write(ctx)
				rank, err := s.Insert(ctx, after, []byte("after"))
				if err != nil {
					return err
				}
				after.Rank = rank
				return end
			})
			wantError(t, err, end)
			if end == nil {
				wantError(t, got, tt.want)
				same(t, what+": rank", after.Rank, 1)
			}
			list, err := s.ByUser(ctx, "", user, "")
			must(t, err)
			same(t, what+": connections", len(list), map[bool]int{true: 2}[end == nil])
		}
	}

	// A transaction reads what it has written, whatever it has read before.
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		c, err := s.ByIdentity(ctx, there.Identity())
		if err != nil {
			return err
		}
		c.DisplayName = "new"
		if err := s.Update(ctx, c, []byte("new")); err != nil {
			return err
		}
		c.Version++
		got, sealed, err := s.Token(ctx, c.ID)
		if err != nil {
			return err
		}
		same(t, "a connection that was written", got, c)
		same(t, "its token", string(sealed), "new")
		got, err = s.ByIdentity(ctx, there.Identity())
		same(t, "the connection of the identity", got, c)
		return err
	}))
	// What a transaction of another kind does inside is part of it.
	key := name("key")
	wantError(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		err := s.(vault.Transactor).InTx(ctx, func(ctx context.Context) error { return s.Claim(ctx, claim(key, at)) })
		return errors.Join(err, errOnPurpose)
	}), errOnPurpose)
	must(t, s.Claim(ctx, claim(key, at)))
	// So it is in one that begins with InTx, and there nothing is assumed.
	must(t, s.(vault.Transactor).InTx(ctx, func(ctx context.Context) error {
		return tx.InOptimisticTx(ctx, func(ctx context.Context) error {
			wantError(t, s.Claim(ctx, claim(key, at)), vault.ErrClaimed)
			return nil
		})
	}))
	ended(t, "InOptimisticTx", func(ctx context.Context) error {
		return tx.InOptimisticTx(ctx, func(context.Context) error { return nil })
	})
}

func accountsOptimistic(t *testing.T, s accounts.Store, tx vault.OptimisticTransactor) {
	ctx := t.Context()
	named := user()
	named.Username = named.ID
	there := insertUser(t, s, named)
	twin := user()
	twin.Email = there.Email
	renamed := insertUser(t, s, user())
	renamed.Username = there.Username
	stale := there
	stale.Version = 7
	for what, tt := range map[string]struct {
		write func(ctx context.Context) error
		want  error
	}{
		"an address that is taken": {func(ctx context.Context) error { return s.InsertUser(ctx, twin) }, accounts.ErrEmailTaken},
		"a name that is taken":     {func(ctx context.Context) error { return s.UpdateUser(ctx, renamed) }, accounts.ErrUsernameTaken},
		"a stale update":           {func(ctx context.Context) error { return s.UpdateUser(ctx, stale) }, accounts.ErrStale},
		"a stale log-in": {func(ctx context.Context) error {
			return s.TrackLogin(ctx, accounts.TrackedLogin{UserID: there.ID, Version: 7, At: at})
		}, accounts.ErrStale},
		"a role that is missing": {func(ctx context.Context) error { return s.GrantRole(ctx, "", there.ID, name("role")) }, accounts.ErrNoRole},
	} {
		var u accounts.User
		var got error
		calls := 0
		must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
			u, calls = user(), calls+1
			if err := s.InsertUser(ctx, u); err != nil {
				return err
			}
			got = tt.write(ctx)
			return s.InsertSession(ctx, session(u.ID))
		}))
		wantError(t, got, tt.want)
		_, err := s.UserByID(ctx, "", u.ID)
		must(t, err)
		if calls > 2 {
			t.Errorf("%s: f was called %d times", what, calls)
		}
	}

	// A transaction reads what it has written.
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		u := user()
		if err := s.InsertUser(ctx, u); err != nil {
			return err
		}
		u.Version = 1
		got, err := s.UserByID(ctx, "", u.ID)
		same(t, "a user that was inserted", got, u)
		if err != nil {
			return err
		}
		if err := s.TrackLogin(ctx, accounts.TrackedLogin{UserID: u.ID, Version: 1, At: at, Address: "192.0.2.1"}); err != nil {
			return err
		}
		f := newFactor(u.ID, "a", "1")
		if err := s.PutFactor(ctx, f); err != nil {
			return err
		}
		factors, err := s.Factors(ctx, "", u.ID)
		same(t, "factors that were put", factors, []accounts.StoredFactor{f})
		if err != nil {
			return err
		}
		u.Login = accounts.Tracking{CurrentAt: at, CurrentAddress: "192.0.2.1", Count: 1}
		got, err = s.UserByID(ctx, "", u.ID)
		same(t, "a user who logged in", got, u)
		return err
	}))

	role := accounts.Role{Name: name("role")}
	must(t, s.InsertRole(ctx, role))
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		u, v := user(), user()
		if err := errors.Join(s.InsertUser(ctx, u), s.GrantRole(ctx, "", u.ID, role.Name)); err != nil {
			return err
		}
		got, err := s.UserByID(ctx, "", u.ID)
		same(t, "roles", got.Roles, []string{role.Name})
		if err != nil {
			return err
		}
		if err := errors.Join(s.InsertUser(ctx, v), s.TrackLogin(ctx, accounts.TrackedLogin{UserID: v.ID, Version: 1, At: at})); err != nil {
			return err
		}
		got, err = s.UserByID(ctx, "", v.ID)
		same(t, "log-ins", int(got.Login.Count), 1)
		return err
	}))

	// Sessions beyond a number end, in the transaction that began as many.
	u := insertUser(t, s, user())
	var trimmed int
	for i := range 5 {
		must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) (err error) {
			v := session(u.ID)
			v.CreatedAt = at.Add(time.Duration(i) * time.Minute)
			if err = s.InsertSession(ctx, v); err != nil {
				return err
			}
			trimmed, err = s.TrimSessions(ctx, "", u.ID, "", v.Hash, 3)
			return err
		}))
		same(t, "sessions that end", trimmed, map[bool]int{true: 1}[i >= 3])
	}
	if n, ok := s.(accounts.TxNotifier); ok {
		reports := 0
		must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
			n.AfterTx(ctx, func(context.Context, bool) { reports++ })
			s.InsertUser(ctx, twin) // the transaction is tried again
			return nil
		}))
		same(t, "reports", reports, 1)
	}
}

// A log-in reads the connection, its user and their factors, and begins a session.
func bothOptimistic(t *testing.T, s vault.Store, users accounts.Store, tx vault.OptimisticTransactor) {
	ctx := t.Context()
	var ranks []int
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		u := user()
		err := users.InsertUser(ctx, u)
		ranks = nil
		for _, provider := range []string{"google", "google", "other"} {
			rank, failed := s.Insert(ctx, connection(u.ID, provider), nil)
			ranks, err = append(ranks, rank), errors.Join(err, failed)
		}
		return err
	}))
	same(t, "ranks of a new user's connections", ranks, []int{0, 1, 0})
	u := insertUser(t, users, user())
	c := insert(t, s, connection(u.ID, "google"), "sealed")
	for i := range 4 {
		const keep = 2
		trimmed := 0
		must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
			got, err := s.ByIdentity(ctx, c.Identity())
			same(t, "connection", got, c)
			must(t, err)
			factors, err := users.Factors(ctx, "", u.ID)
			same(t, "factors", len(factors), 0)
			must(t, err)
			for range 2 {
				again, sealed, err := s.Token(ctx, c.ID)
				same(t, "connection with its token", again, c)
				same(t, "token", string(sealed), "sealed")
				must(t, err)
				now, err := users.UserByID(ctx, "", u.ID)
				same(t, "log-ins", int(now.Login.Count), i)
				must(t, err)
			}
			if err := users.TrackLogin(ctx, accounts.TrackedLogin{UserID: u.ID, Version: 1, At: at}); err != nil {
				return err
			}
			v := session(u.ID)
			if err := users.InsertSession(ctx, v); err != nil {
				return err
			}
			trimmed, err = users.TrimSessions(ctx, "", u.ID, "", v.Hash, keep)
			return err
		}))
		same(t, "sessions that end", trimmed, map[bool]int{true: 1}[i >= keep])
	}
	list, err := users.Sessions(ctx, "", u.ID, at)
	must(t, err)
	same(t, "sessions", len(list), 2)
	_, err = users.DeleteSessions(ctx, accounts.SessionFilter{UserID: u.ID})
	must(t, err)
	// What ends before is not counted, and what is put is found.
	f := newFactor(u.ID, "a", "1")
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		if _, err := s.ByIdentity(ctx, c.Identity()); err != nil {
			return err
		}
		first := session(u.ID)
		if err := users.InsertSession(ctx, first); err != nil {
			return err
		}
		if err := users.DeleteSession(ctx, "", first.Hash); err != nil {
			return err
		}
		v := session(u.ID)
		if err := users.InsertSession(ctx, v); err != nil {
			return err
		}
		n, err := users.TrimSessions(ctx, "", u.ID, "", v.Hash, 1)
		same(t, "sessions that end", n, 0)
		if err != nil {
			return err
		}
		if err := users.PutFactor(ctx, f); err != nil {
			return err
		}
		factors, err := users.Factors(ctx, "", u.ID)
		same(t, "factors that were put", factors, []accounts.StoredFactor{f})
		return err
	}))
	// With it the user is found the next time, and without connections when they are gone.
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		_, err := s.ByIdentity(ctx, c.Identity())
		must(t, err)
		factors, err := users.Factors(ctx, "", u.ID)
		same(t, "factors", factors, []accounts.StoredFactor{f})
		must(t, err)
		if err := users.DeleteUser(ctx, "", u.ID); err != nil {
			return err
		}
		_, err = users.UserByID(ctx, "", u.ID)
		wantError(t, err, accounts.ErrNoUser)
		factors, err = users.Factors(ctx, "", u.ID)
		same(t, "factors of a deleted user", len(factors), 0)
		return err
	}))
	must(t, tx.InOptimisticTx(ctx, func(ctx context.Context) error {
		got, err := s.ByIdentity(ctx, c.Identity())
		same(t, "a connection without a user", got, c)
		must(t, err)
		_, err = users.UserByID(ctx, "", u.ID)
		wantError(t, err, accounts.ErrNoUser)
		return nil
	}))
}
