package vault_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A pacedStore takes no updates, and notes when it is asked for what.
type pacedStore struct {
	vault.Store
	updates, leases []time.Time
}

func (s *pacedStore) UpdateAndRelease(context.Context, vault.Connection, []byte, string) error {
	s.updates = append(s.updates, time.Now())
	return errors.New("the disk is full")
}

func (s *pacedStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	s.leases = append(s.leases, time.Now())
	return s.Store.Lease(ctx, id, owner, now, until)
}

// refreshPaced refreshes in fake time, which passes only while all goroutines are blocked,
// and waits for the end. It returns how long that took.
func refreshPaced(t *testing.T, b *bench, c vault.Connection, timeout time.Duration) (*pacedStore, time.Duration, error) {
	store := &pacedStore{Store: b.store}
	cfg := vault.Config{
		Store: store, Keys: b.keys, Providers: []oauth.Provider{b.srv.provider()}, AllowPrivateAddresses: true,
		Timeout: timeout, Logger: slog.New(slog.DiscardHandler),
	}
	refreshes(&oauth.Token{Access: "newer", Refresh: "newer"}, nil)(&cfg)
	v, err := vault.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_, err = v.Refresh(t.Context(), c)
	if err := v.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	return store, time.Since(began), err
}

// wantPace checks that pauses begin short, grow to the longest, and differ.
func wantPace(t *testing.T, at []time.Time, longest time.Duration) {
	t.Helper()
	var pauses []time.Duration
	for i := range len(at) - 1 {
		pauses = append(pauses, at[i+1].Sub(at[i]))
	}
	if first := pauses[0]; first < 10*time.Millisecond || first > 20*time.Millisecond {
		t.Errorf("the first pause is %v", first)
	}
	for i, p := range pauses {
		if p > min(longest, 20*time.Millisecond<<min(i, 20)) {
			t.Errorf("pause %d is %v", i+1, p)
		}
	}
	if late := pauses[len(pauses)/2]; late < longest/2 {
		t.Errorf("a late pause is %v, of up to %v", late, longest)
	}
	slices.Sort(pauses)
	if n := len(slices.Compact(pauses)); n < len(at)/2 {
		t.Errorf("%d different pauses of %d", n, len(at)-1)
	}
}

// While the store fails, a refreshed token is tried to be stored for an hour. The pauses
// are shorter than what another process waits before it takes the lease over, which
// would spend the old refresh token.
func TestVault04_ANewTokenIsTriedOften(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{time.Second, 15 * time.Second} {
		b := newBench(t)
		c := b.connect("ada", time.Hour)
		synctest.Test(t, func(t *testing.T) {
			store, took, err := refreshPaced(t, b, c, timeout)
			if err == nil || took != time.Hour {
				t.Errorf("%v after %v", err, took)
			}
			wantPace(t, store.updates, timeout/10)
		})
	}
}

// While another process refreshes, its lease is asked for often enough to go on soon
// after it, and no more.
func TestVault01_AnothersLeaseIsAskedForOften(t *testing.T) {
	t.Parallel()
	for timeout, longest := range map[time.Duration]time.Duration{time.Second: time.Second / 4, 15 * time.Second: time.Second / 2} {
		b := newBench(t)
		c := b.connect("ada", time.Hour)
		synctest.Test(t, func(t *testing.T) {
			if _, _, _, err := b.store.Lease(t.Context(), c.ID, "other", time.Now(), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			store, took, err := refreshPaced(t, b, c, timeout)
			if !errors.Is(err, vault.ErrLeased) || took != 2*timeout+timeout/2 {
				t.Errorf("%v after %v", err, took)
			}
			wantPace(t, store.leases, longest)
		})
	}
}
