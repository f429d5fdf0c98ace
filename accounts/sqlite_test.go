package accounts_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
)

func openSQLite(t testing.TB) *sqlstore.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// A forgetfulStore cannot track log-ins when it fails.
type forgetfulStore struct {
	*sqlstore.Store
	fails atomic.Bool
}

func (s *forgetfulStore) TrackLogin(ctx context.Context, userID string, at time.Time, address string) error {
	if s.fails.Load() {
		return errors.New("the disk is full")
	}
	return s.Store.TrackLogin(ctx, userID, at, address)
}

func TestLogInIsOneTransaction(t *testing.T) {
	t.Parallel()
	store := &forgetfulStore{Store: openSQLite(t)}
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = store })
	u := s.user(t, "matt@lp.com", "matt")
	b := s.browser(t)
	if r := b.logIn("matt", password); r.status != 200 || b.whoami().Tracking.Count != 1 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	store.fails.Store(true)
	before := b.cookie()
	if r := b.logIn("matt", password); r.status != 500 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if b.cookie() != before || b.whoami().Email == "" {
		t.Error("the session before ended")
	}
	store.fails.Store(false)
	if ss, err := s.Sessions(t.Context(), u.ID); len(ss) != 1 || err != nil {
		t.Errorf("%d sessions, %v", len(ss), err)
	}
	if r := b.logIn("matt", password); r.status != 200 || b.cookie() == before || s.with(t, "session", before).whoami().Email != "" {
		t.Errorf("%d %s", r.status, r.body)
	}
	check(t, s.SetPassword(t.Context(), u.ID, "another password"))
	if b.whoami().Email != "" {
		t.Error("the session outlived the password")
	}
}
