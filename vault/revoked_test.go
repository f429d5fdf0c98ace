package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func TestTokensRevoked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("a", time.Hour)
	now := b.clock.now()
	if err := b.TokensRevoked(t.Context(), c.ID, now.Add(-time.Second)); !errors.Is(err, vault.ErrAuthorizedSince) || b.row(c.ID).Status != vault.Active {
		t.Errorf("authorized since: %v, %v", err, b.row(c.ID).Status)
	}
	if err := b.TokensRevoked(t.Context(), "con_none", now); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("no connection: %v", err)
	}
	for range 2 { // again it changes nothing
		if err := b.TokensRevoked(t.Context(), c.ID, now); err != nil {
			t.Fatal(err)
		}
	}
	if row := b.row(c.ID); row.Status != vault.NeedsReauthorization || row.LastError != "revoked" {
		t.Errorf("got %+v", row)
	}
	if n := b.events.count("reauthorization_needed"); n != 1 {
		t.Errorf("%d events", n)
	}
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Errorf("the token is given out: %v", err)
	}
	// A new grant is another matter.
	b.clock.advance(2 * time.Second)
	renewed, err := b.Renew(t.Context(), b.row(c.ID), b.srv.grant("a", b.clock.now().Add(time.Hour)))
	if err != nil || renewed.Status != vault.Active {
		t.Fatalf("renewed: %+v, %v", renewed, err)
	}
	if err := b.TokensRevoked(t.Context(), c.ID, now); !errors.Is(err, vault.ErrAuthorizedSince) {
		t.Errorf("after a new grant: %v", err)
	}
}

// The row changes in another process between reading and writing: it is read again.
func TestTokensRevokedBesideAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("a", time.Hour)
	stale := &staleOnce{Store: b.store, left: 2}
	v := b.open(func(cfg *vault.Config) { cfg.Store = stale })
	if err := v.TokensRevoked(t.Context(), c.ID, b.clock.now()); err != nil || stale.left != 0 {
		t.Errorf("got %v, %d left", err, stale.left)
	}
	stale.left = 1000
	c = b.connect("b", time.Hour)
	if err := v.TokensRevoked(t.Context(), c.ID, b.clock.now()); !errors.Is(err, vault.ErrStale) {
		t.Errorf("a row that always changes: %v", err)
	}
}

// staleOnce is a store whose rows have changed for the first updates.
type staleOnce struct {
	vault.Store
	left int
}

func (s *staleOnce) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	if s.left > 0 {
		s.left--
		return vault.ErrStale
	}
	return s.Store.Update(ctx, c, sealed)
}
