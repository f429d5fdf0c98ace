package vault_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func TestRenewAmongOthers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := b.Renew(t.Context(), c, b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if row := b.row(c.ID); row.Generation != 9 || row.Version != 9 {
		t.Errorf("generation %d, version %d", row.Generation, row.Version)
	}
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Renew(t.Context(), c, b.srv.grant("ada", time.Time{})); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("a connection that is gone: %v", err)
	}
}

func TestConnectRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	g := b.srv.grant("ada", time.Time{})
	if _, err := b.Connect(t.Context(), "eve", g); !errors.Is(err, vault.ErrTaken) {
		t.Errorf("got %v", err)
	}
	if _, err := b.Connect(t.Context(), "", b.srv.grant("bob", time.Time{})); err == nil {
		t.Error("a connection without a user")
	}
	g.ProviderID = "none"
	if _, err := b.Connect(t.Context(), "eve", g); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("got %v", err)
	}
	if got, err := b.ByIdentity(t.Context(), "acme", "ada"); err != nil || got.UserID != c.UserID {
		t.Errorf("%v, %v", got, err)
	}
	// A user's second connection to the provider comes after the first.
	second, err := b.Connect(t.Context(), c.UserID, b.srv.grant("bob", time.Time{}))
	if err != nil || second.Rank != 1 {
		t.Fatalf("rank %d, %v", second.Rank, err)
	}
	if first, err := b.Default(t.Context(), c.UserID, "acme"); err != nil || first.ID != c.ID {
		t.Errorf("%v, %v", first, err)
	}
}
