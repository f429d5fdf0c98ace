package sql

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// An optimistic transaction finds what another process changes after it has read, when it
// writes.
func optimistic(t *testing.T, d Database) {
	two := d.two(t)
	s, other := two[0], two[1]
	ctx, now := t.Context(), time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	newSession := func(userID string) accounts.Session {
		v := accounts.Session{UserID: userID, CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)}
		now = now.Add(time.Minute)
		copy(v.Hash[:], now.String()[12:])
		return v
	}
	for name, tt := range map[string]struct {
		change   func(u accounts.User) error
		err      error
		sessions int // of the user afterwards, who had three and keeps as many
		calls    int
	}{
		"nothing": {func(accounts.User) error { return nil }, nil, 3, 1},
		"the user changes": {func(u accounts.User) error {
			u.Language = "de"
			return other.UpdateUser(ctx, u)
		}, nil, 3, 2},
		"the user is not active any more": {func(u accounts.User) error {
			u.Active = false
			return other.UpdateUser(ctx, u)
		}, accounts.ErrInactive, 3, 2},
		"the user is deleted": {func(u accounts.User) error { return other.DeleteUser(ctx, "", u.ID) }, accounts.ErrNoUser, 0, 2},
		"the connection changes": {func(u accounts.User) error {
			c, err := other.ByIdentity(ctx, vault.Identity{ProviderID: "hub", ProviderUserID: u.ID})
			return errors.Join(err, other.Update(ctx, c, nil))
		}, nil, 3, 2},
		"more sessions begin": {func(u accounts.User) error {
			return errors.Join(other.InsertSession(ctx, newSession(u.ID)), other.InsertSession(ctx, newSession(u.ID)))
		}, nil, 3, 2},
		"sessions end": {func(u accounts.User) error {
			_, err := other.DeleteSessions(ctx, accounts.SessionFilter{UserID: u.ID})
			return err
		}, nil, 1, 2},
	} {
		u := accounts.User{ID: "user " + name, Active: true, Version: 1}
		want(t, s.InsertUser(ctx, u), nil)
		_, err := s.Insert(ctx, vault.Connection{ID: name, UserID: u.ID, ProviderID: "hub", ProviderUserID: u.ID, Rank: -1}, []byte("x"))
		want(t, err, nil)
		for range 3 {
			want(t, s.InsertSession(ctx, newSession(u.ID)), nil)
		}
		calls := 0
		err = s.InOptimisticTx(ctx, func(ctx context.Context) error {
			calls++
			c, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "hub", ProviderUserID: u.ID})
			if err != nil {
				return err
			}
			if calls == 1 {
				want(t, tt.change(u), nil)
			}
			for {
				err := s.Update(ctx, c, []byte("y"))
				if err == nil {
					break
				}
				want(t, err, vault.ErrStale)
				if c, err = s.ByID(ctx, c.ID); err != nil {
					return err
				}
			}
			for {
				now, err := s.UserByID(ctx, "", u.ID)
				if err != nil {
					return err
				}
				if !now.Active {
					return accounts.ErrInactive
				}
				err = s.TrackLogin(ctx, accounts.TrackedLogin{UserID: u.ID, Version: now.Version, At: now.CreatedAt})
				if err == nil {
					break
				}
				want(t, err, accounts.ErrStale)
			}
			v := newSession(u.ID)
			if err := s.InsertSession(ctx, v); err != nil {
				return err
			}
			_, err = s.TrimSessions(ctx, "", u.ID, "", v.Hash, 3)
			return err
		})
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: error %v, want %v", name, err, tt.err)
		}
		if d.Dialect == sqlstore.PostgreSQL && calls != tt.calls {
			t.Errorf("%s: the function was called %d times, want %d", name, calls, tt.calls)
		}
		list, err := s.Sessions(ctx, "", u.ID, now.Add(-time.Minute))
		if err != nil || len(list) != tt.sessions {
			t.Errorf("%s: %d sessions, want %d; %v", name, len(list), tt.sessions, err)
		}
	}
}
