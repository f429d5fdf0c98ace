package vault_test

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A notice is a log that is only counted.
type notice struct {
	slog.Handler
	text string
	n    atomic.Int64
	on   func(n int64)
}

func (h *notice) Handle(_ context.Context, r slog.Record) error {
	if r.Message == h.text {
		h.on(h.n.Add(1))
	}
	return nil
}

func (h *notice) Enabled(context.Context, slog.Level) bool { return true }

// Somebody else holds the database's lock for longer than anybody waits, just
// when a token has been rotated.
func TestVault03_LockedDatabaseLosesNoToken(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "social.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Migrate(), sqlite.Pragma("busy_timeout", "30"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	other.SetMaxOpenConns(1)
	run := func(statement string) {
		if _, err := other.Exec(statement); err != nil {
			t.Errorf("%s: %v", statement, err)
		}
	}
	failed := &notice{Handler: slog.DiscardHandler, text: "refreshed token not stored yet"}
	failed.on = func(n int64) {
		if n == 3 {
			run("ROLLBACK")
		}
	}
	b := newBench(t, func(c *vault.Config) { c.Store, c.Logger = store, slog.New(failed) })
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool {
			run("BEGIN IMMEDIATE")
			return false
		}
	})
	token, err := b.Token(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if n := failed.n.Load(); n != 3 {
		t.Errorf("the token was not stored %d times, want 3", n)
	}
	b.srv.set(func(s *server) { s.onToken = nil })
	if again, err := b.open().Token(t.Context(), c); err != nil || again.Access != token.Access {
		t.Errorf("another process sees another token (%v)", err)
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	b.clock.advance(2 * time.Hour)
	if status, err := b.get(b.open(), c); status != 200 {
		t.Errorf("the rotated token does not serve: %d, %v", status, err)
	}
}
