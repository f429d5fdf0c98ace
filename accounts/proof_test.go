package accounts_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
)

// A meddledStore calls meddle after a user was found, before the password is compared.
type meddledStore struct {
	*memstore.Store
	meddle func()
}

func (s *meddledStore) UserByEmail(ctx context.Context, tenant, email string) (accounts.User, error) {
	u, err := s.Store.UserByEmail(ctx, tenant, email)
	if meddle := s.meddle; meddle != nil {
		s.meddle = nil
		meddle()
	}
	return u, err
}

// A session begins only if the password and the activity that were proved are still
// those of the row (security.md 25).
func TestSecurity25_NoSessionOfAnOldPassword(t *testing.T) {
	t.Parallel()
	const other = "another password"
	for _, tt := range []struct {
		name   string
		meddle func(s *site, id string) error
		status int
		again  bool // whether the password still opens
	}{
		{"the password changes", func(s *site, id string) error { return s.SetPassword(t.Context(), id, other) }, http.StatusUnauthorized, false},
		{"the password goes", func(s *site, id string) error { return s.SetPassword(t.Context(), id, "") }, http.StatusUnauthorized, false},
		{"the user is deactivated", func(s *site, id string) error { return s.SetActive(t.Context(), id, false) }, http.StatusForbidden, false},
		{"the user is deleted", func(s *site, id string) error { return s.Delete(t.Context(), id) }, http.StatusInternalServerError, false},
		// The same password under a new hash, as another log-in that renews it makes.
		{"the hash is renewed", func(s *site, id string) error { return s.SetPassword(t.Context(), id, password) }, http.StatusOK, true},
		{"the address is verified", func(s *site, id string) error { return s.SetVerifiedKeepingAccess(t.Context(), id, true) }, http.StatusOK, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store := &meddledStore{Store: memstore.New()}
			s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
			u := s.user(t, "matt@lp.com", "")
			store.meddle = func() { check(t, tt.meddle(s, u.ID)) }
			b := s.browser(t)
			if r := b.logIn("matt@lp.com", password); r.status != tt.status {
				t.Errorf("%d %s, want %d", r.status, r.body, tt.status)
			}
			if in := b.whoami().Email != ""; in != tt.again {
				t.Errorf("signed in: %v", in)
			}
			if ss, err := s.Sessions(t.Context(), u.ID); err != nil || len(ss) > 0 != tt.again {
				t.Errorf("%d sessions, %v", len(ss), err)
			}
		})
	}
}

func TestSecurity38_OldestSessionGoes(t *testing.T) {
	t.Parallel()
	for _, most := range []int{3, 0, -1} {
		s := newSite(t, "http", func(c *accounts.Config) { c.Throttle.UserSessions = most })
		u := s.user(t, "matt@lp.com", "")
		first := s.browser(t)
		first.logIn("matt@lp.com", password)
		for range 3 {
			s.clock.Advance(1)
			s.browser(t).logIn("matt@lp.com", password)
		}
		want := map[int]int{3: 3, 0: 4, -1: 4}[most]
		if ss, err := s.Sessions(t.Context(), u.ID); len(ss) != want || err != nil {
			t.Errorf("limit %d: %d sessions, %v", most, len(ss), err)
		}
		if in := first.whoami().Email != ""; in != (most != 3) {
			t.Errorf("limit %d: the first session goes on: %v", most, in)
		}
	}
}
