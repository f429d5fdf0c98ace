package social_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// scheduled has a user's account deleted, at a time that has come when due.
func (s *site) scheduled(userID string, due bool) {
	s.t.Helper()
	ctx := context.Background()
	_, err := s.acc.ScheduleDeletion(ctx, userID)
	must(s.t, err)
	if due {
		u, err := s.people.UserByID(ctx, "", userID)
		must(s.t, err)
		u.DeletionAt = time.Now().Add(-time.Second)
		must(s.t, s.people.UpdateUser(ctx, u))
	}
}

// In the grace of a deletion a log-in through a provider begins a session to keep the
// account, and changes nothing. Keeping it brings the connections back.
func TestAccounts12_LogInThroughAProviderInTheGrace(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"without transactions": open, "with transactions": openTx} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := open(t, func(c *social.Config) { c.SignUp = social.Auto }), context.Background()
			userID := s.user("matt@lp.com")
			c := s.connected(userID, s.acme, "1")
			other := s.connected(s.user("ana@lp.com"), s.acme, "2")
			s.scheduled(userID, false)
			before := s.rows(userID)[0]
			if _, err := s.Vault().Token(ctx, c); !errors.Is(err, vault.ErrSuspended) {
				t.Errorf("a token is given: %v", err)
			}
			if _, err := s.Vault().Token(ctx, other); err != nil {
				t.Errorf("of another user: %v", err)
			}
			b := s.browser()
			b.flow("/login/acme", "1")
			if who := b.whoami(); who != "" {
				t.Errorf("%s is signed in", who)
			}
			if rows := s.rows(userID); len(rows) != 1 || rows[0].Version != before.Version || !rows[0].Suspended {
				t.Errorf("the connections are %+v", rows)
			}
			if users, err := s.acc.Users(ctx, "", 9); err != nil || len(users) != 2 {
				t.Errorf("%d users, %v", len(users), err)
			}
			if sessions, err := s.people.Sessions(ctx, "", userID, time.Now()); err != nil || len(sessions) != 1 || sessions[0].LimitedTo != accounts.LimitedToDeletion {
				t.Errorf("%+v, %v", sessions, err)
			}
			must(t, s.acc.CancelDeletion(ctx, userID))
			if _, err := s.Vault().Token(ctx, c); err != nil {
				t.Errorf("of an account that is kept: %v", err)
			}
			if b.flow("/login/acme", "1"); b.whoami() != userID {
				t.Error("the log-in does not sign in")
			}
		})
	}
}

// Nothing is linked to an account by its address in the grace, and nobody signs up with it.
func TestAccounts12_NothingIsLinkedInTheGrace(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) {
		c.LinkVerifiedEmail, c.SignUp = true, social.Auto
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	matt := s.user("matt@lp.com")
	s.scheduled(matt, false)
	s.acme.set(email("matt@lp.com", true))
	b := s.browser()
	a := b.flow("/login/acme", "1")
	if b.whoami() != "" || len(s.rows(matt)) != 0 {
		t.Errorf("%d to %q, %d connections", a.status, a.location, len(s.rows(matt)))
	}
	if users, err := s.acc.Users(context.Background(), "", 9); err != nil || len(users) != 1 {
		t.Errorf("%d users, %v", len(users), err)
	}
	must(t, s.acc.CancelDeletion(context.Background(), matt))
	if b.flow("/login/acme", "1"); b.whoami() != matt {
		t.Error("a kept account is not linked")
	}
}

// The job removes the connections with the account, once the grace is over, in each tenant.
func TestAccounts12_TheJobRemovesConnections(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"without transactions": open, "with transactions": openTx} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := open(t), context.Background()
			due, later := s.user("matt@lp.com"), s.user("ana@lp.com")
			s.connected(due, s.acme, "1")
			s.connected(due, s.bird, "1")
			s.connected(later, s.acme, "2")
			blue := social.WithTenant(ctx, "blue")
			theirs, err := s.acc.Create(blue, accounts.NewUser{Email: "matt@lp.com"})
			must(t, err)
			must(t, s.people.UpdateUser(blue, accounts.User{ID: theirs.ID, Tenant: "blue", Email: "matt@lp.com", Active: true, Version: 1, DeletionAt: time.Now().Add(-time.Hour)}))
			if _, err := s.store.Insert(ctx, vault.Connection{ID: "blue", Tenant: "blue", UserID: theirs.ID, ProviderID: "acme", ProviderUserID: "1", Status: vault.Active}, []byte("x")); err != nil {
				t.Fatal(err)
			}
			s.scheduled(due, true)
			s.scheduled(later, false)
			s.told()
			if n, err := s.acc.DeleteDue(ctx); n != 2 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
			if told := s.told(); told != "connection_removed account_deleted connection_removed connection_removed account_deleted" {
				t.Errorf("told %q", told)
			}
			if n := len(s.rows(due)) + len(s.rowsIn("blue", theirs.ID)); n != 0 {
				t.Errorf("%d connections are left", n)
			}
			if len(s.rows(later)) != 1 {
				t.Error("a connection is gone whose user is in the grace")
			}
			if _, err := s.acc.User(ctx, due); !errors.Is(err, accounts.ErrNoUser) {
				t.Error(err)
			}
		})
	}
}
