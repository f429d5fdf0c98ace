package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// job returns one of the vault's jobs.
func (b *bench) job(name string) jobs.Job {
	b.t.Helper()
	all := b.Jobs()
	i := slices.IndexFunc(all, func(j jobs.Job) bool { return j.Name == name })
	if i < 0 {
		b.t.Fatalf("there is no job %s", name)
	}
	return all[i]
}

// runJob runs it once.
func (b *bench) runJob(name string) {
	b.t.Helper()
	if err := b.job(name).Run(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

// Values that have expired are deleted, of every purpose and tenant, also when many
// others are due that have not expired.
func TestExpiredValuesAreDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	ctx := t.Context()
	for i := range 130 {
		if err := b.store.PutOneTime(ctx, onetime.Value{ID: fmt.Sprint("waiting-", i), Purpose: "mail", Sealed: []byte("x"),
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
	b.runJob("vault/expired")
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
	b.runJob("vault/expired")
	if got := fmt.Sprint(left()); got != "map[mail:130 revoke:1]" {
		t.Errorf("left: %s", got)
	}
	b.runJob("vault/revocations")
	if got := fmt.Sprint(left()); got != "map[mail:130]" || b.events.count("revocation_abandoned") != 1 {
		t.Errorf("left: %s, %v", got, b.events.names())
	}
}

// A dueStore notes how many values it was asked for at once.
type dueStore struct {
	vault.Store
	limits []int
}

func (s *dueStore) DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]onetime.Value, error) {
	s.limits = append(s.limits, limit)
	return s.Store.DueOneTime(ctx, purpose, now, limit)
}

// However many have expired, they are read fifty at a time, and more only where
// others are in the way.
func TestExpiredValuesAreReadInBatches(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		expired, others int
		want            []int
	}{
		"none":             {0, 0, []int{50}},
		"many":             {250, 0, []int{50, 50, 50, 50, 50, 50}},
		"behind others":    {250, 130, []int{50, 100, 200, 200, 200, 200}},
		"others and none":  {0, 130, []int{50, 100, 200}},
		"very many others": {0, 5000, []int{50, 100, 200, 400, 800, 1600}}, // as in an outage of the mail server
	} {
		store := &dueStore{Store: memstore.New()}
		b := newBench(t, func(c *vault.Config) { c.Store = store })
		put := func(n int, id string, due, ends time.Duration) {
			for i := range n {
				v := onetime.Value{ID: fmt.Sprint(id, i), Purpose: "mail", NotBefore: b.clock.now().Add(due), Expires: b.clock.now().Add(ends)}
				if err := store.PutOneTime(t.Context(), v); err != nil {
					t.Fatal(err)
				}
			}
		}
		put(test.others, "others", -2*time.Hour, time.Hour)
		put(test.expired, "expired", -time.Hour, -time.Minute)
		b.runJob("vault/expired")
		if !slices.Equal(store.limits, test.want) {
			t.Errorf("%s: %d at a time", name, store.limits)
		}
		if left, err := store.Store.DueOneTime(t.Context(), "", b.clock.now(), 10_000); err != nil || len(left) != test.others {
			t.Errorf("%s: %d left, %v", name, len(left), err)
		}
	}
}

// In a goneStore another process takes every value first.
type goneStore struct{ vault.Store }

func (s goneStore) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if _, err := s.Store.TakeOneTime(ctx, id, now); err != nil {
		return onetime.Value{}, err
	}
	return onetime.Value{}, onetime.ErrNone
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
	b.runJob("vault/expired")
	if _, err := b.store.OneTime(t.Context(), rowOf(token), time.Time{}); !errors.Is(err, onetime.ErrNone) {
		t.Errorf("it is there: %v", err)
	}
}
