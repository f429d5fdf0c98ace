package vaultproof_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// Security rules 17 and 43, for the database: its files have no token in the clear.
func TestSecurity43_NoTokenInTheDatabaseFile(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	store, err := sqlite.Open(ctx, filepath.Join(dir, "social.db"), sqlite.Migrate())
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	p := startRotating(t, time.Millisecond)
	provider := (&setup{Provider: p.URL, API: p.URL + "/api"}).provider().(*oauth.OAuth2)
	provider.Endpoints.Revoke = p.URL + "/revoke" // 404, so that the revocation is stored
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.New(vault.Config{Store: store, Keys: keys, Providers: []oauth.Provider{provider}, AllowPrivateAddresses: true})
	if err != nil {
		t.Fatal(err)
	}
	connect := func(subject string) vault.Connection {
		g := p.grant(subject)
		g.Token.Expiry = time.Now().Add(-time.Minute)
		c, err := v.Connect(ctx, subject, g)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c, removed := connect("ada"), connect("eve")
	g := p.grant("bob")
	g.Token.ID, g.Token.Secret = "CANARY-id", "CANARY-secret"
	if _, err := v.Hold(ctx, vault.Held{Purpose: "signup", Grant: g}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Token(ctx, c); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Disconnect(ctx, vault.Removal{UserID: removed.UserID}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(content, []byte(c.ID))
		if bytes.Contains(content, []byte("CANARY")) {
			t.Errorf("%s has a token", filepath.Base(name))
		}
	}
	if !found {
		t.Error("no file has the connection's ID, so the test searches the wrong files")
	}
}
