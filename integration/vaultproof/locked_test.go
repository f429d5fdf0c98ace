package vaultproof_test

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// A counter is a slog.Handler that counts the records with one message.
type counter struct {
	slog.Handler
	message string
	n       atomic.Int64
	on      func(n int64)
}

func (c *counter) Handle(_ context.Context, r slog.Record) error {
	if r.Message == c.message {
		c.on(c.n.Add(1))
	}
	return nil
}

func (c *counter) Enabled(context.Context, slog.Level) bool { return true }

// A token that was rotated is stored in the end, although another process holds the
// database's lock for longer than a write waits.
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
	failed := &counter{Handler: slog.DiscardHandler, message: "refreshed token not stored yet"}
	failed.on = func(n int64) {
		if n == 3 {
			run("ROLLBACK")
		}
	}
	p := startRotating(t, time.Millisecond)
	p.rotated = func() { run("BEGIN IMMEDIATE") }
	setup := setup{Provider: p.URL, API: p.URL + "/api"}
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	open := func() *vault.Vault {
		v, err := vault.New(vault.Config{
			Store: store, Keys: keys, Providers: []oauth.Provider{setup.provider()}, AllowPrivateAddresses: true,
			Limits: vault.Limits{MaxStale: -1}, Logger: slog.New(failed),
		})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v, g := open(), p.grant("ada")
	g.Token.Expiry = time.Now().Add(-time.Minute)
	c, err := v.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	token, err := v.Token(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if n := failed.n.Load(); n != 3 {
		t.Errorf("the token was not stored %d times, want 3", n)
	}
	if again, err := open().Token(t.Context(), c); err != nil || again.Access != token.Access {
		t.Errorf("another process has a different token (%v)", err)
	}
	if n := p.refreshes(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	p.rotated = nil
	if _, err := open().Refresh(t.Context(), c); err != nil || !p.alive("ada") {
		t.Errorf("the rotated refresh token does not work: %v", err)
	}
}
