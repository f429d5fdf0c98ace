package sql

import (
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/storetest"
	"github.com/gosocial/social/vault"
)

// alone has the powers of a store without accounts.
type alone struct {
	vault.Store
	vault.Transactor
	vault.Walker
}

// ConnectionsOnly: s, which has no accounts, keeps connections as any store does and
// says what it lacks, and accounts can come later.
func ConnectionsOnly(t *testing.T, s *sqlstore.Store, address string, open Opener) {
	t.Helper()
	t.Run("vault", func(t *testing.T) {
		storetest.Vault(t, func(*testing.T) vault.Store { return alone{s, s, s} })
	})
	_, _, unknown := s.SessionUser(t.Context(), "", [32]byte{}, time.Now())
	for _, err := range []error{
		s.InsertUser(t.Context(), accounts.User{ID: "1"}),
		s.InsertRole(t.Context(), accounts.Role{Name: "x"}),
		unknown,
		s.DeleteUser(t.Context(), "", "1"),
	} {
		want(t, err, sqlstore.ErrNoAccounts)
	}
	if _, err := s.Clean(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}
	later, err := open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer later.Close()
	want(t, later.InsertUser(t.Context(), accounts.User{ID: "1", Email: "a@example.com"}), nil)
	if status, err := s.Status(t.Context()); err != nil || status.Err() != nil {
		t.Errorf("the store without accounts then: %+v, %v", status, err)
	}
}
