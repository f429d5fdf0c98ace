package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

func TestKeepAlive(t *testing.T) {
	t.Parallel()
	const month = 30 * 24 * time.Hour
	down := newServer(t, "down")
	b := newBench(t, func(c *vault.Config) {
		c.KeepAlive = month
		c.Providers = append(c.Providers, down.provider())
	})
	down.set(func(s *server) { s.onToken = answer(503, "") })
	old := []vault.Connection{b.connect("ada", time.Hour), b.connect("bob", time.Hour)}
	for _, subject := range []string{"1", "2", "3", "4", "5"} {
		if _, err := b.Connect(t.Context(), "user", down.grant(subject, b.clock.now())); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(month / 2)
	b.connect("eve", time.Hour)
	b.clock.advance(month / 2)
	if n, err := b.KeepAlive(t.Context()); n != 2 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n := down.refreshN.Load(); n != 3 {
		t.Errorf("a provider that is down was asked %d times", n)
	}
	for _, c := range old {
		if row := b.row(c.ID); !row.UpdatedAt.Equal(b.clock.now()) {
			t.Errorf("%s was left", c.ProviderUserID)
		}
	}
	if n, err := b.KeepAlive(t.Context()); n != 0 || err != nil {
		t.Errorf("at once again: %d, %v", n, err)
	}
}

func TestRunDoesItAll(t *testing.T) {
	t.Parallel()
	refreshed := make(chan struct{})
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	gone := b.connect("bob", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: gone.UserID}); err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onRevoke = nil })
	held, err := b.Hold(t.Context(), "signup", b.srv.grant("eve", time.Time{}), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * time.Hour)
	revoked := make(chan struct{})
	swept := make(chan struct{})
	v := b.open(func(cfg *vault.Config) {
		cfg.KeepAlive = time.Hour
		cfg.Store = &sweptStore{cfg.Store, cfg.Store.(vault.Walker), held, swept}
		cfg.OnEvent = func(_ context.Context, e vault.Event) {
			switch e.(type) {
			case vault.TokenRefreshed:
				close(refreshed)
			case vault.Revoked:
				close(revoked)
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- v.Run(ctx) }()
	<-refreshed
	<-revoked
	<-swept
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if row := b.row(c.ID); row.Version != 2 {
		t.Errorf("version %d", row.Version)
	}
}

// A sweptStore tells when a parcel was taken.
type sweptStore struct {
	vault.Store
	vault.Walker
	id   string
	done chan struct{}
}

func (s *sweptStore) TakeParcel(ctx context.Context, id string, now time.Time) (vault.Parcel, error) {
	if id == s.id {
		defer close(s.done)
	}
	return s.Store.TakeParcel(ctx, id, now)
}
