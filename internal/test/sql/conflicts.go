package sql

import (
	"context"
	"slices"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
)

// An error that a contract names leaves the transaction as it was.
func outlivesConflicts(t *testing.T, d Database) { conflicts(t, d.migrated(t)) }

func conflicts(t *testing.T, s *sqlstore.Store) {
	want(t, s.InsertUser(t.Context(), accounts.User{ID: "1", Email: "a@example.com", Username: "ann"}), nil)
	want(t, s.InsertRole(t.Context(), accounts.Role{Name: "role"}), nil)
	want(t, s.InTx(t.Context(), func(ctx context.Context) error {
		want(t, s.InsertUser(ctx, accounts.User{ID: "2", Email: "A@example.com"}), accounts.ErrEmailTaken)
		want(t, s.InsertUser(ctx, accounts.User{ID: "2", Username: "Ann"}), accounts.ErrUsernameTaken)
		want(t, s.InsertUser(ctx, accounts.User{ID: "2", Email: "b@example.com"}), nil)
		u, err := s.UserByID(ctx, "", "2")
		want(t, err, nil)
		u.Email = "a@example.com"
		want(t, s.UpdateUser(ctx, u), accounts.ErrEmailTaken)
		want(t, s.InsertSession(ctx, accounts.Session{UserID: "nobody"}), accounts.ErrNoUser)
		want(t, s.GrantRole(ctx, "", "2", "nothing"), accounts.ErrNoRole)
		want(t, s.GrantRole(ctx, "", "2", "role"), nil)
		want(t, s.GrantRole(ctx, "", "2", "role"), nil)
		want(t, s.InsertRole(ctx, accounts.Role{Name: "role"}), accounts.ErrRoleTaken)
		return nil
	}), nil)
	u, err := s.UserByID(t.Context(), "", "2")
	if err != nil || !slices.Equal(u.Roles, []string{"role"}) {
		t.Errorf("the user is %+v, %v", u, err)
	}
}
