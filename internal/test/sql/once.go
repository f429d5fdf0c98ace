package sql

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/vault"
)

// Of many who claim a key, one has it, also when an earlier claim has expired.
func claimedOnce(t *testing.T, d Database) {
	two := d.two(t)
	now := time.Now()
	for range 3 {
		errs := two.atOnce(20, func(s *sqlstore.Store, _ int) error {
			return s.Claim(t.Context(), vault.Claim{Key: []byte("state"), Now: now, Until: now.Add(10 * time.Minute)})
		})
		wantOneWinner(t, errs, vault.ErrClaimed)
		now = now.Add(10 * time.Minute)
	}
}

// Of many first log-ins with one identity, each in a transaction, one makes a user.
func fiftyFirstLogins(t *testing.T, d Database) {
	two := d.two(t)
	errs := two.atOnce(50, func(s *sqlstore.Store, i int) error {
		return s.InTx(t.Context(), func(ctx context.Context) error {
			id := fmt.Sprintf("user-%02d", i)
			if err := s.InsertUser(ctx, accounts.User{ID: id, Email: id + "@example.com"}); err != nil {
				return err
			}
			_, err := s.Insert(ctx, vault.Connection{ID: id, UserID: id, ProviderID: "google", ProviderUserID: "1"}, []byte("x"))
			return err
		})
	})
	wantOneWinner(t, errs, vault.ErrTaken)
	users, err := two[0].Users(t.Context(), "", "", 100)
	if err != nil || len(users) != 1 {
		t.Fatalf("%d users, %v, want 1", len(users), err)
	}
	if c, err := two[0].ByIdentity(t.Context(), vault.Identity{ProviderID: "google", ProviderUserID: "1"}); err != nil || c.UserID != users[0].ID {
		t.Errorf("the connection is %s's, %v", c.UserID, err)
	}
}

// Of two removals at once, of the last two connections, one fails.
func removalsKeepLogin(t *testing.T, d Database) {
	two := d.two(t)
	for i := range 30 {
		user := fmt.Sprint("user", i)
		for _, provider := range []string{"google", "facebook"} {
			c := vault.Connection{ID: user + provider, UserID: user, ProviderID: provider, ProviderUserID: user}
			if _, err := two[0].Insert(t.Context(), c, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		errs := two.atOnce(2, func(s *sqlstore.Store, i int) error {
			_, err := s.Remove(t.Context(), vault.Removal{UserID: user, ProviderID: []string{"google", "facebook"}[i],
				KeepLogin: []string{"google", "facebook"}})
			return err
		})
		wantOneWinner(t, errs, vault.ErrLastLogin)
	}
}
