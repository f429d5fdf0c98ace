package vault_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/vault"
)

// runJob runs one of the vault's jobs once.
func runJob(t *testing.T, v *vault.Vault, name string) {
	t.Helper()
	for _, j := range v.Jobs() {
		if j.Name == name {
			if err := j.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatalf("there is no job %s", name)
}

// Values that have expired are deleted, of every purpose and tenant, also when many
// others are due that have not expired.
func TestExpiredValuesAreDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	for i := range 130 {
		if err := b.store.PutOneTime(ctx, vault.OneTime{ID: fmt.Sprint("waiting-", i), Purpose: "mail", Sealed: []byte("x"),
			NotBefore: b.clock.now().Add(-time.Hour), Expires: b.clock.now().Add(48 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 130 {
		held := vault.Held{Purpose: []string{"signup", "login"}[i%2]}
		ttl := time.Hour
		if i%5 == 0 {
			ttl = 3 * time.Hour
		}
		if _, err := b.Hold(tenant.With(ctx, fmt.Sprint(i%3)), held, ttl); err != nil {
			t.Fatal(err)
		}
	}
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	c := b.connect("ada", time.Hour)
	if _, err := b.Disconnect(ctx, vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * time.Hour)
	runJob(t, b.Vault, "vault/expired")
	left := func() map[string]int {
		all, err := b.store.DueOneTime(ctx, "", b.clock.now().Add(99*time.Hour), 1000)
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, v := range all {
			count[v.Purpose]++
		}
		return count
	}
	if got := fmt.Sprint(left()); got != "map[login:13 mail:130 revoke:1 signup:13]" {
		t.Errorf("left: %s", got)
	}

	// Revocations are left to the job that reports how they end.
	b.clock.advance(30 * time.Hour)
	runJob(t, b.Vault, "vault/expired")
	if got := fmt.Sprint(left()); got != "map[mail:130 revoke:1]" {
		t.Errorf("left: %s", got)
	}
	runJob(t, b.Vault, "vault/revocations")
	if got := fmt.Sprint(left()); got != "map[mail:130]" || b.events.count("revocation_abandoned") != 1 {
		t.Errorf("left: %s, %v", got, b.events.names())
	}
}

// In a goneStore another process takes every value first.
type goneStore struct{ vault.Store }

func (s goneStore) TakeOneTime(ctx context.Context, id string, now time.Time) (vault.OneTime, error) {
	if _, err := s.Store.TakeOneTime(ctx, id, now); err != nil {
		return vault.OneTime{}, err
	}
	return vault.OneTime{}, vault.ErrNoOneTime
}

// Several processes may delete at once.
func TestExpiredValuesAreDeletedByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Store = goneStore{c.Store} })
	token, err := b.Hold(t.Context(), vault.Held{Purpose: "login"}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	runJob(t, b.Vault, "vault/expired")
	if _, err := b.store.OneTime(t.Context(), rowOf(token), time.Time{}); !errors.Is(err, vault.ErrNoOneTime) {
		t.Errorf("it is there: %v", err)
	}
}
