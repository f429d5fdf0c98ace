package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
)

// Statements 17 and 43, for the database: its files are searched for what was
// put in as tokens.
func TestSecurity43_NoTokenInTheDatabaseFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "social.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := newBench(t, func(c *vault.Config) { c.Store = store })
	c := b.connect("ada", minute)
	g := b.srv.grant("bob", time.Time{})
	g.Token.ID, g.Token.Secret = secret.Text("CANARY-id"), secret.Text("CANARY-secret")
	if _, err := b.Hold(t.Context(), "signup", g, time.Hour); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	gone := b.connect("eve", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: gone.UserID}); err != nil {
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
			t.Errorf("a token in %s", filepath.Base(name))
		}
	}
	if !found {
		t.Error("the search looked in the wrong place: the connection is in no file")
	}
}
