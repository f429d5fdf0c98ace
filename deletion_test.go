package social_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// The user, their sessions and their connections go together.
func TestDeleteUser(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T, ...func(*social.Config)) *site{"without transactions": open, "with transactions": openTx} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, ctx := open(t), context.Background()
			userID, other := s.user("matt@lp.com"), s.user("ana@lp.com")
			s.connected(userID, s.acme, "1")
			s.connected(userID, s.acme, "2")
			s.connected(other, s.acme, "3")
			b := s.browser()
			b.flow("/login/acme", "1")
			s.told()
			must(t, s.DeleteUser(ctx, userID))
			if told := s.told(); told != "connection_removed connection_removed account_deleted" {
				t.Errorf("told %q", told)
			}
			if b.whoami() != "" {
				t.Error("the session lives on")
			}
			for id, want := range map[string]int{userID: 0, other: 1} {
				if left, err := s.Vault().Connections(ctx, id, ""); err != nil || len(left) != want {
					t.Errorf("%d connections, want %d (%v)", len(left), want, err)
				}
			}
			if err := s.DeleteUser(ctx, userID); !errors.Is(err, accounts.ErrNoUser) || s.told() != "" {
				t.Errorf("a user who is not there: %v", err)
			}
		})
	}
}

// Users that cannot be deleted keep their connections.
func TestDeleteUserFails(t *testing.T) {
	t.Parallel()
	type bare struct{ social.Users }
	s := openTx(t, func(c *social.Config) { c.Users = stubborn{c.Users} })
	userID := s.user("matt@lp.com")
	s.connected(userID, s.acme, "1")
	if err := s.DeleteUser(context.Background(), userID); !errors.Is(err, errStubborn) || s.told() != "" {
		t.Errorf("got %v", err)
	}
	if left, err := s.Vault().Connections(context.Background(), userID, ""); err != nil || len(left) != 1 {
		t.Errorf("%d connections, %v", len(left), err)
	}
	without := open(t, func(c *social.Config) { c.Users = bare{c.Users} })
	if err := without.DeleteUser(context.Background(), "1"); err == nil {
		t.Error("users were deleted that cannot be")
	}
}

var errStubborn = errors.New("out of order")

type stubborn struct{ social.Users }

func (stubborn) Delete(context.Context, string) error { return errStubborn }
