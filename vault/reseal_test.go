package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

func TestVault16_ResealOnline(t *testing.T) {
	t.Parallel()
	old, next := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	b := newBench(t, func(c *vault.Config) { c.Keys = ring(t, old) })
	b.keys = ring(t, old)
	var all []vault.Connection
	for i := range 250 {
		all = append(all, b.connect(fmt.Sprint(i), time.Hour))
	}
	b.keys = ring(t, next, old)
	rolling := b.open()
	busy, damaged := all[3], all[7]
	died := all[5]
	if _, _, _, err := b.store.Lease(t.Context(), died.ID, "dead", b.clock.now(), b.clock.now()); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := b.store.Lease(t.Context(), busy.ID, "other", b.clock.now(), b.clock.now().Add(minute)); err != nil {
		t.Fatal(err)
	}
	if err := b.store.Update(t.Context(), damaged, []byte{1, 1, 'x', 0}); err != nil {
		t.Fatal(err)
	}
	round := func() (resealed, busy, unopened int) {
		after := ""
		for {
			r, err := rolling.Reseal(t.Context(), after)
			if err != nil {
				t.Fatal(err)
			}
			resealed, busy, unopened = resealed+r.Resealed, busy+len(r.Busy), unopened+len(r.Unopened)
			if r.Done {
				return
			}
			after = r.Last
		}
	}
	if r, b, u := round(); r != 248 || b != 1 || u != 1 {
		t.Errorf("%d resealed, %d busy, %d unopened", r, b, u)
	}
	if err := b.store.Release(t.Context(), busy.ID, "other"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		if r, b, u := round(); r != want || b != 0 || u != 1 {
			t.Errorf("round %d: %d resealed, %d busy, %d unopened", i, r, b, u)
		}
	}
	if row := b.row(died.ID); row.LastError != "lost_rotation" {
		t.Errorf("that a refresh was interrupted is forgotten: %q", row.LastError)
	}
	b.keys = ring(t, next)
	after := b.open()
	for _, c := range all {
		_, err := after.Token(t.Context(), c)
		if c.ID == damaged.ID {
			if !errors.Is(err, keyring.ErrUnknownKey) || b.row(c.ID).Status != vault.Active {
				t.Errorf("damaged: %v", err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// Revocations that wait are resealed too, and still done.
func TestVault16_ResealRevocations(t *testing.T) {
	t.Parallel()
	old, next := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	b := newBench(t, func(c *vault.Config) { c.Keys = ring(t, old) })
	b.keys = ring(t, old)
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	const waiting = 120
	for i := range waiting {
		c := b.connect(fmt.Sprint(i), time.Hour)
		if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.store.PutOneTime(t.Context(), onetime.Value{ID: "damaged", Purpose: "revoke", Sealed: []byte("?"),
		NotBefore: b.clock.now(), Expires: b.clock.now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	b.keys = ring(t, next, old)
	rolling := b.open()
	for i, want := range []int{waiting, 0} {
		r, err := rolling.Reseal(t.Context(), "")
		if err != nil || !r.Done || r.Resealed != want || r.Looked != 0 || !slices.Equal(r.Unopened, []string{"one-time value damaged (revoke)"}) {
			t.Errorf("round %d: %+v, %v", i, r, err)
		}
	}
	b.srv.set(func(s *server) { s.onRevoke = nil })
	b.clock.advance(minute)
	b.keys = ring(t, next)
	if n, err := b.open().RevokeDue(t.Context()); n != waiting || err != nil {
		t.Errorf("%d revoked, %v", n, err)
	}
}

// In a takenStore another process takes each one-time value before it is resealed.
type takenStore struct{ *memstore.Store }

func (s takenStore) ResealOneTime(ctx context.Context, id string, old, sealed []byte) error {
	if _, err := s.TakeOneTime(ctx, id, time.Time{}); err != nil {
		return err
	}
	return s.Store.ResealOneTime(ctx, id, old, sealed)
}

// A value that is taken before it is resealed does not come back.
func TestVault16_ResealOfWhatIsTaken(t *testing.T) {
	t.Parallel()
	old, next := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	b := newBench(t, func(c *vault.Config) { c.Keys, c.Store = ring(t, old), takenStore{memstore.New()} })
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	c := b.connect("ada", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.keys = ring(t, next, old)
	if r, err := b.open().Reseal(t.Context(), ""); err != nil || r.Resealed != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if due, err := b.store.DueOneTime(t.Context(), "revoke", b.clock.now().Add(48*time.Hour), 9); err != nil || len(due) != 0 {
		t.Errorf("%d wait, %v", len(due), err)
	}
}

// Grants that are held are resealed too, of every purpose and tenant, and found by
// the same token.
func TestVault16_ResealHeld(t *testing.T) {
	t.Parallel()
	old, next := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	b := newBench(t, func(c *vault.Config) { c.Keys = ring(t, old) })
	acme := tenant.With(t.Context(), "acme")
	tokens := map[string]string{}
	for _, purpose := range []string{"signup", "login", "other"} {
		token, err := b.Hold(acme, vault.Held{Purpose: purpose, UserID: "1", Grant: b.srv.grant("ada", time.Time{})}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		tokens[purpose] = token
	}
	b.keys = ring(t, next, old)
	for _, want := range []int{len(tokens), 0} {
		if r, err := b.open().Reseal(t.Context(), ""); err != nil || r.Resealed != want || len(r.Unopened) != 0 {
			t.Errorf("%+v, %v, want %d resealed", r, err, want)
		}
	}
	b.keys = ring(t, next)
	for purpose, token := range tokens {
		if h, err := b.open().TakeHeld(acme, purpose, token); err != nil || h.Grant.Profile.Subject != "ada" {
			t.Errorf("%s: %+v, %v", purpose, h, err)
		}
	}
}
