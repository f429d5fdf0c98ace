package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A hookedStore lets a test see leases, and answer in their place.
type hookedStore struct {
	vault.Store
	lease func(ctx context.Context, id string, life time.Duration) (vault.Connection, []byte, bool, error, bool)
	n     int
}

func (s *hookedStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	s.n++
	if s.lease != nil {
		if c, sealed, interrupted, err, ok := s.lease(ctx, id, until.Sub(now)); ok {
			return c, sealed, interrupted, err
		}
	}
	return s.Store.Lease(ctx, id, owner, now, until)
}

func hookedBench(t *testing.T, timeout time.Duration) (*bench, *hookedStore) {
	store := &hookedStore{Store: memstore.New()}
	return newBench(t, func(c *vault.Config) { c.Store, c.Timeout = store, timeout }), store
}

// Another process has the lease, and keeps it.
func TestVault01_WaitingForAnotherProcess(t *testing.T) {
	t.Parallel()
	const timeout = 300 * time.Millisecond
	b, store := hookedBench(t, timeout)
	c := b.connect("ada", time.Hour)
	if _, _, _, err := b.store.Lease(t.Context(), c.ID, "other", b.clock.now(), b.clock.now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	store.n = 0
	began := time.Now()
	_, err := b.Refresh(t.Context(), c)
	if took := time.Since(began); !errors.Is(err, vault.ErrLeased) || took < timeout*24/10 {
		t.Errorf("%v after %v", err, took)
	}
	if store.n > 100 || store.n < 3 || b.srv.refreshN.Load() != 0 {
		t.Errorf("asked for the lease %d times, %d refreshes", store.n, b.srv.refreshN.Load())
	}
}

// A lease lasts twice as long as a call may.
func TestVault01_HowLongALeaseLasts(t *testing.T) {
	t.Parallel()
	b, store := hookedBench(t, 15*time.Second)
	c := b.connect("ada", time.Hour)
	var life time.Duration
	store.lease = func(_ context.Context, _ string, d time.Duration) (c vault.Connection, _ []byte, _ bool, _ error, _ bool) {
		life = d
		return
	}
	if _, err := b.Refresh(t.Context(), c); err != nil || life != 30*time.Second {
		t.Errorf("%v, %v", life, err)
	}
}

// The holder before was late: what it stores while this process waits is used, and the
// old refresh token is not spent again.
func TestVault03_TheHolderBeforeStoresItsToken(t *testing.T) {
	t.Parallel()
	const timeout = 500 * time.Millisecond
	b, store := hookedBench(t, timeout)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	if _, _, _, err := b.store.Lease(t.Context(), c.ID, "late", b.clock.now(), b.clock.now()); err != nil {
		t.Fatal(err)
	}
	late := b.srv.grant("ada", b.clock.now().Add(time.Hour)).Token
	var asked time.Time
	store.lease = func(ctx context.Context, _ string, _ time.Duration) (_ vault.Connection, _ []byte, _ bool, _ error, _ bool) {
		if asked.IsZero() {
			asked = time.Now()
			return
		}
		if waited := time.Since(asked); waited < timeout/5 {
			t.Errorf("waited %v", waited)
		}
		sealed, err := b.Seal(c, late)
		if err == nil {
			err = b.store.Update(ctx, c, sealed)
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
	if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != late.Access || b.srv.refreshN.Load() != 0 {
		t.Errorf("%v, its token: %v, %d refreshes", err, tok.Access == late.Access, b.srv.refreshN.Load())
	}
}

// The holder before has died, and there is no time left to wait for what it may store.
func TestVault03_NoTimeToTakeOver(t *testing.T) {
	t.Parallel()
	b, store := hookedBench(t, 400*time.Millisecond)
	c := b.connect("ada", time.Hour)
	store.lease = func(ctx context.Context, id string, _ time.Duration) (vault.Connection, []byte, bool, error, bool) {
		<-ctx.Done()
		row, sealed, _, err := store.Store.Lease(context.WithoutCancel(ctx), id, "dead", b.clock.now(), b.clock.now())
		return row, sealed, true, err, true
	}
	released := &releases{Store: store}
	v := b.open(func(c *vault.Config) { c.Store, c.Timeout = released, 400*time.Millisecond })
	if _, err := v.Refresh(t.Context(), c); !errors.Is(err, vault.ErrLeased) || store.n != 1 || released.n != 1 || b.srv.refreshN.Load() != 0 {
		t.Errorf("%v; %d leases, %d released, %d refreshes", err, store.n, released.n, b.srv.refreshN.Load())
	}
}

// releases counts those that are not too late.
type releases struct {
	vault.Store
	n int
}

func (s *releases) Release(ctx context.Context, id, owner string) error {
	if ctx.Err() == nil {
		s.n++
	}
	return s.Store.Release(ctx, id, owner)
}

// The breaker opens while a refresh waits for its lease.
func TestVault10_PausedWithTheLease(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	leased := &leasedStore{Store: b.store}
	v := b.open(func(c *vault.Config) { c.Store = leased })
	c, all := b.connect("ada", time.Hour), b.users(11)
	b.srv.reject()
	leased.on = func() {
		leased.on = nil
		for _, other := range all {
			v.Token(t.Context(), other)
		}
	}
	if _, err := v.Refresh(t.Context(), c); !errors.Is(err, vault.ErrPaused) || b.srv.refreshN.Load() != 11 {
		t.Errorf("%v, %d refreshes", err, b.srv.refreshN.Load())
	}
	for _, c := range []vault.Connection{c, all[10]} { // the last one opened it
		if _, _, _, err := b.store.Lease(t.Context(), c.ID, "another", b.clock.now(), b.clock.now().Add(minute)); err != nil {
			t.Errorf("%s is not free: %v", c.ProviderUserID, err)
		}
	}
}

// With the lease the row is read, and what it says by then holds: the token in memory is
// an older one.
func TestVault01_WhatTheLeaseFinds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change    func(*bench, vault.Connection) error
		want      error
		refreshes int64 // by this process
	}{
		"the same":      {func(*bench, vault.Connection) error { return nil }, nil, 1},
		"a newer token": {func(b *bench, c vault.Connection) error { return errOf(b.open().Refresh(b.t.Context(), c)) }, nil, 0},
		"one that is due too": {func(b *bench, c vault.Connection) error {
			b.srv.set(func(s *server) { s.life = time.Second })
			return errOf(b.open().Refresh(b.t.Context(), c))
		}, nil, 1},
		"the user is needed": {func(b *bench, c vault.Connection) error {
			c.Status = vault.NeedsReauthorization
			return b.store.Update(b.t.Context(), c, nil)
		}, vault.ErrNeedsReauthorization, 0},
		"another key": {func(b *bench, c vault.Connection) error {
			return b.store.Update(b.t.Context(), c, []byte("\x01\x01x\x00"))
		}, keyring.ErrUnknownKey, 0},
		"no refresh token": {func(b *bench, c vault.Connection) error {
			g := b.srv.grant("bob", b.clock.now())
			g.Token.Refresh = ""
			bob, err := b.Connect(b.t.Context(), "user", g)
			if err != nil {
				return err
			}
			bind := func(c vault.Connection) []byte {
				return keyring.Bind("social/vault/connection", "", c.ID, c.UserID, c.ProviderID, "token")
			}
			_, sealed, err := b.store.Token(b.t.Context(), bob.ID)
			if err != nil {
				return err
			}
			plaintext, err := b.keys.Open(sealed, bind(bob))
			if err != nil {
				return err
			}
			if sealed, err = b.keys.Seal(plaintext, bind(c)); err != nil {
				return err
			}
			return b.store.Update(b.t.Context(), c, sealed)
		}, vault.ErrNotRefreshable, 0},
		"nothing": {func(b *bench, c vault.Connection) error {
			return errOf(b.store.Remove(b.t.Context(), vault.Removal{UserID: c.UserID}))
		}, vault.ErrNoConnection, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", 10*time.Second)
			b.clock.advance(8 * time.Second)
			if _, err := b.Token(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := test.change(b, b.row(c.ID)); err != nil {
				t.Fatal(err)
			}
			b.clock.advance(3 * time.Second)
			before := b.srv.refreshN.Load()
			if _, err := b.Token(t.Context(), c); !errors.Is(err, test.want) || test.want == nil && err != nil {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if n := b.srv.refreshN.Load() - before; n != test.refreshes {
				t.Errorf("%d refreshes, want %d", n, test.refreshes)
			}
			if test.want == vault.ErrNoConnection {
				return
			}
			if _, err := b.Token(t.Context(), c); test.want == keyring.ErrUnknownKey && !errors.Is(err, test.want) {
				t.Errorf("got %v the next time", err)
			}
			if _, _, _, err := b.store.Lease(t.Context(), c.ID, "another", b.clock.now(), b.clock.now().Add(minute)); err != nil {
				t.Errorf("the connection is not free: %v", err)
			}
		})
	}
}

// A token of a connection that is gone does not stay in memory.
func TestSecurity32_NothingOfAGoneConnectionStays(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]time.Duration{"asked for its version": 6 * time.Second, "refreshed": 4 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", 40*time.Second)
			b.clock.advance(35 * time.Second)
			if _, err := b.Token(t.Context(), c); err != nil || !b.Cached(c.ID) {
				t.Fatal(err)
			}
			if _, err := b.open().Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Fatal(err)
			}
			b.clock.advance(later)
			if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) || b.Cached(c.ID) {
				t.Errorf("%v, in memory: %v", err, b.Cached(c.ID))
			}
		})
	}
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = onceThen(s, func() { b.store.Remove(context.Background(), vault.Removal{UserID: c.UserID}) })
	})
	if _, err := b.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) || b.Cached(c.ID) || b.events.count("stale_token_dropped") != 1 {
		t.Errorf("removed during a refresh: %v, in memory: %v, %v", err, b.Cached(c.ID), b.events.names())
	}
}

// While the store is out of order, a valid token in memory serves.
func TestVault07_AStoreThatIsOutOfOrder(t *testing.T) {
	t.Parallel()
	b, store := hookedBench(t, time.Second)
	c := b.connect("ada", 40*time.Second)
	b.clock.advance(35 * time.Second)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	store.lease = func(context.Context, string, time.Duration) (vault.Connection, []byte, bool, error, bool) {
		return vault.Connection{}, nil, false, errOut, true
	}
	b.clock.advance(4 * time.Second) // due
	for range 3 {
		if _, err := b.Token(t.Context(), c); err != nil || !b.Cached(c.ID) {
			t.Errorf("%v, in memory: %v", err, b.Cached(c.ID))
		}
	}
	if store.n != 3 {
		t.Errorf("%d leases", store.n)
	}
}

// A provider that can no longer refresh, within MaxStale.
func TestVault21_AProviderThatNoLongerRefreshes(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	c := b.connect("ada", 40*time.Second)
	b.clock.advance(35 * time.Second)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	source.set("", pretend{b.srv.provider(), func(c oauth.Client) oauth.Client { return plainClient{c} }})
	b.clock.advance(4 * time.Second)
	if _, err := b.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNotRefreshable) {
		t.Errorf("got %v", err)
	}
}

// An idRefresher is a client that judges the ID token of each answer.
type idRefresher struct {
	oauth.Client
	dropped error
}

func (idRefresher) Refresh(context.Context, oauth.Token) (*oauth.Token, error) {
	return nil, errors.New("asked without the subject")
}

func (c idRefresher) RefreshFor(_ context.Context, _ oauth.Token, subject string) (*oauth.Token, error, error) {
	return &oauth.Token{Access: secret.Text("of " + subject), Extra: map[string]secret.Text{"realm": "new"}}, c.dropped, nil
}

func TestVault14_WhatTheClientDrops(t *testing.T) {
	t.Parallel()
	for _, dropped := range []error{nil, errors.New("its time is over")} {
		b := newBench(t, withClient(func(c oauth.Client) oauth.Client { return idRefresher{c, dropped} }))
		g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
		g.Token.Extra = map[string]secret.Text{"realm": "old", "more": "x"}
		c, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Refresh(t.Context(), c); err != nil {
			t.Error(err)
		}
		if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != "of ada" || len(tok.Extra) != 1 || tok.Extra["realm"] != "new" {
			t.Errorf("%+v, %v", tok, err)
		}
		if n := b.events.count("id_token_dropped"); (n == 1) != (dropped != nil) {
			t.Errorf("%v: %v", dropped, b.events.names())
		}
	}
}
