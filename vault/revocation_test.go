package vault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// Pauses are shortened by up to half, so that what failed together is not tried together.
func TestVault19_PausesOfRevocations(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	const n = 20
	for i := range n {
		c := b.connect(fmt.Sprint(i), time.Hour)
		if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
			t.Fatal(err)
		}
	}
	check := func(longest time.Duration) {
		t.Helper()
		different := map[time.Time]bool{}
		for _, v := range b.dueRevocations() {
			different[v.NotBefore] = true
			if pause := v.NotBefore.Sub(b.clock.now()); pause < longest/2 || pause > longest {
				t.Errorf("a pause of %v, want up to %v", pause, longest)
			}
		}
		if len(different) < n/2 {
			t.Errorf("%d of %d are tried at the same time", n-len(different)+1, n)
		}
	}
	check(40 * time.Second)
	for _, step := range []struct{ age, pause time.Duration }{
		{10 * time.Second, 40 * time.Second}, {minute, minute}, {time.Hour, time.Hour}, {3 * time.Hour, 3 * time.Hour}, {20 * time.Hour, 4 * time.Hour},
	} {
		all := b.dueRevocations()
		b.clock.advance(all[0].Expires.Add(step.age - 24*time.Hour).Sub(b.clock.now()))
		for _, v := range all {
			if err := b.store.DeferOneTime(t.Context(), v.ID, b.clock.now()); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.RevokeDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		check(step.pause)
	}
}

// sealRevocation puts a one-time value for revocations that has this plaintext.
func (b *bench) sealRevocation(id, plaintext string, expires time.Time) {
	b.t.Helper()
	sealed, err := b.keys.Seal([]byte(plaintext), keyring.Bind("social/one-time", "", "revoke", id, ""))
	if err == nil {
		err = b.store.PutOneTime(b.t.Context(), onetime.Value{ID: id, Purpose: "revoke", Sealed: sealed, NotBefore: b.clock.now(), Expires: expires})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// What does not open waits, in case its key comes back, and the log says why.
func TestVault19_RevocationsThatDoNotOpen(t *testing.T) {
	t.Parallel()
	var log lockedBuffer
	b := newBench(t, logged(&log))
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	c := b.connect("ada", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.sealRevocation("odd", "odd", b.clock.now().Add(24*time.Hour))
	tried, events := b.srv.revokeN.Load(), len(b.events.names())
	v := b.open(logged(&log))
	other := b.open(logged(&log), func(c *vault.Config) { c.Keys = ring(t, keyring.NewKey().Reveal()) })
	b.clock.advance(minute)
	if n, err := other.RevokeDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d revoked, %v", n, err)
	}
	if b.srv.revokeN.Load() != tried || len(b.events.names()) != events || len(b.dueRevocations()) != 2 {
		t.Errorf("%d requests, %v, %d wait", b.srv.revokeN.Load()-tried, b.events.names()[events:], len(b.dueRevocations()))
	}
	if n := strings.Count(log.String(), "revocation does not open"); n != 2 {
		t.Errorf("logged %d times", n)
	}
	b.srv.set(func(s *server) { s.onRevoke = nil })
	b.clock.advance(time.Hour)
	if n, err := v.RevokeDue(t.Context()); n != 1 || err != nil {
		t.Errorf("with the key: %d revoked, %v", n, err)
	}
	// The end says why.
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	bob := b.connect("bob", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: bob.UserID}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(25 * time.Hour)
	for _, want := range []error{keyring.ErrUnknownKey, keyring.ErrSealed} {
		v := b.open()
		if want == keyring.ErrUnknownKey {
			if err := b.store.DeferOneTime(t.Context(), "odd", b.clock.now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			v = other
		}
		before := len(b.events.names())
		if _, err := v.RevokeDue(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all := b.events.all[before:]; len(all) != 1 || !errors.Is(all[0].(vault.RevocationAbandoned).Err, want) {
			t.Errorf("%v, want one with %v", all, want)
		}
		b.clock.advance(time.Hour)
	}
}

// RevokeDue leaves what waits for another purpose.
func TestVault19_OnlyRevocationsAreRevoked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if _, err := b.Hold(t.Context(), vault.Held{Purpose: "signup", UserID: "1", Grant: b.srv.grant("ada", time.Time{})}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if due, err := b.store.DueOneTime(t.Context(), "", b.clock.now().Add(time.Hour-1), 9); err != nil || len(due) != 0 {
		t.Errorf("%d values are due that wait to be taken, %v", len(due), err)
	}
	b.clock.advance(2 * time.Hour)
	if n, err := b.RevokeDue(t.Context()); n != 0 || err != nil || len(b.events.names()) != 0 {
		t.Errorf("%d revoked, %v, %v", n, err, b.events.names())
	}
	if due, err := b.store.DueOneTime(t.Context(), "signup", b.clock.now(), 9); err != nil || len(due) != 1 {
		t.Errorf("%d are left, %v", len(due), err)
	}
}

func TestVault19_RevokingStopsWithTheContext(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
	for i := range 60 {
		c := b.connect(fmt.Sprint(i), time.Hour)
		if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
			t.Fatal(err)
		}
	}
	b.clock.advance(minute)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tried := b.events.count("revocation_deferred")
	v := b.open(func(c *vault.Config) {
		c.OnEvent = func(ctx context.Context, e vault.Event) { cancel(); b.events.on(ctx, e) }
	})
	if _, err := v.RevokeDue(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := b.events.count("revocation_deferred") - tried; n != 50 {
		t.Errorf("%d were tried", n)
	}
}

// A takingStore lets another process take each one-time value first.
type takingStore struct {
	vault.Store
	on bool
}

func (s *takingStore) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if s.on {
		s.Store.TakeOneTime(ctx, id, now)
	}
	return s.Store.TakeOneTime(ctx, id, now)
}

func (s *takingStore) DeferOneTime(ctx context.Context, id string, notBefore time.Time) error {
	if s.on {
		s.Store.TakeOneTime(ctx, id, time.Time{})
	}
	return s.Store.DeferOneTime(ctx, id, notBefore)
}

// What another process has done is neither done nor reported again.
func TestVault19_RevocationsOfAnotherProcess(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]time.Duration{"due": minute, "given up": 25 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log lockedBuffer
			store := &takingStore{Store: memstore.New()}
			b := newBench(t, logged(&log), func(c *vault.Config) { c.Store = store })
			b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
			c := b.connect("ada", time.Hour)
			if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Fatal(err)
			}
			b.clock.advance(later)
			tried, events := b.srv.revokeN.Load(), len(b.events.names())
			store.on = true
			if n, err := b.RevokeDue(t.Context()); n != 0 || err != nil {
				t.Errorf("%d revoked, %v", n, err)
			}
			if b.srv.revokeN.Load() != tried || len(b.events.names()) != events {
				t.Errorf("%d requests, %v", b.srv.revokeN.Load()-tried, b.events.names()[events:])
			}
		})
	}
	// Taken while it is revoked.
	var log lockedBuffer
	store := &takingStore{Store: memstore.New(), on: true}
	b := newBench(t, logged(&log), func(c *vault.Config) { c.Store = store })
	c := b.connect("ada", time.Hour)
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil || strings.Contains(log.String(), "level=WARN") {
		t.Errorf("%v; logged: %s", err, log.String())
	}
}

// Where there is no way to revoke, nothing waits and nothing is reported; also when that
// shows only later.
func TestVault19_ProvidersThatDoNotRevoke(t *testing.T) {
	t.Parallel()
	withoutEndpoint := func(p *oauth.OAuth2) oauth.Provider { p.Endpoints.Revoke = ""; return p }
	withoutMethod := func(p *oauth.OAuth2) oauth.Provider {
		return pretend{p, func(c oauth.Client) oauth.Client { return plainClient{c} }}
	}
	for name, change := range map[string]func(*oauth.OAuth2) oauth.Provider{"no endpoint": withoutEndpoint, "no method": withoutMethod} {
		for way, open := range map[string]func(*testing.T) (*bench, *recordingStore){
			"fixed": func(t *testing.T) (*bench, *recordingStore) {
				return recordingBench(t, new(lockedBuffer), func(c *vault.Config) { c.Providers[0] = change(c.Providers[0].(*oauth.OAuth2)) })
			},
			"of a source that knows it": func(t *testing.T) (*bench, *recordingStore) {
				source := newMapSource()
				b, store := recordingBench(t, new(lockedBuffer), func(c *vault.Config) {
					source.set("", change(c.Providers[0].(*oauth.OAuth2)))
					c.Providers, c.Source = nil, source
				})
				return b, store
			},
		} {
			t.Run(name+", "+way, func(t *testing.T) {
				t.Parallel()
				b, store := open(t)
				c := b.connect("ada", time.Hour)
				store.begin(0)
				if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
					t.Fatal(err)
				}
				if got := strings.Join(store.called(), " "); got != "Remove" || len(b.events.names()) != 0 || b.srv.revokeN.Load() != 0 {
					t.Errorf("%s, %v, %d requests", got, b.events.names(), b.srv.revokeN.Load())
				}
			})
		}
		t.Run(name+", of a source that is not asked yet", func(t *testing.T) {
			t.Parallel()
			b, source := sourcedBench(t)
			c := b.connect("ada", time.Hour)
			source.set("", change(b.srv.provider()))
			v := b.open(func(c *vault.Config) { c.Providers, c.Source = nil, source })
			if _, err := v.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Fatal(err)
			}
			if len(b.dueRevocations()) != 0 || len(b.events.names()) != 0 || b.srv.revokeN.Load() != 0 {
				t.Errorf("%d wait, %v, %d requests", len(b.dueRevocations()), b.events.names(), b.srv.revokeN.Load())
			}
		})
	}
}

// A refresh that comes too late leaves nothing to revoke either.
func TestVault19_LateAnswersOfProvidersThatDoNotRevoke(t *testing.T) {
	t.Parallel()
	b, store := recordingBench(t, new(lockedBuffer), func(c *vault.Config) {
		c.Providers[0].(*oauth.OAuth2).Endpoints.Revoke = ""
	})
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = onceThen(s, func() {
			if _, err := b.Disconnect(context.Background(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Error(err)
			}
		})
	})
	store.begin(0)
	if _, err := b.Refresh(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("got %v", err)
	}
	if calls := strings.Join(store.called(), " "); strings.Contains(calls, "OneTime") || b.events.count("stale_token_dropped") != 1 {
		t.Errorf("%s, %v", calls, b.events.names())
	}
}
