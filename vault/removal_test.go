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
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// When a revocation cannot be kept, it is tried once: that is the end of it.
func TestVault19_RevocationsThatAreNotKept(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(*bench, *recordingStore, vault.Connection){
		"disconnected": func(b *bench, store *recordingStore, c vault.Connection) {
			store.begin(2)
			if _, err := b.Disconnect(b.t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
				b.t.Error(err)
			}
		},
		"a refresh that comes too late": func(b *bench, store *recordingStore, c vault.Connection) {
			b.srv.set(func(s *server) {
				s.onToken = onceThen(s, func() {
					store.Store.Remove(b.t.Context(), vault.Removal{UserID: c.UserID})
					store.begin(3) // after Update and Token
				})
			})
			if _, err := b.Refresh(b.t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
				b.t.Errorf("got %v", err)
			}
		},
	} {
		for status, want := range map[int]string{503: "revocation_abandoned", 200: "token_revoked"} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				t.Parallel()
				var log lockedBuffer
				b, store := recordingBench(t, &log)
				c := b.connect("ada", time.Hour)
				b.srv.set(func(s *server) { s.onRevoke = answer(status, "") })
				remove(b, store, c)
				names := b.events.names()
				if len(names) == 0 || names[len(names)-1] != want || len(b.dueRevocations()) != 0 {
					t.Errorf("%v, %d wait", names, len(b.dueRevocations()))
				}
				if said := log.String(); !strings.Contains(said, "revocation not stored") || !strings.Contains(said, errOut.Error()) {
					t.Errorf("logged: %s", said)
				}
			})
		}
	}
}

// A token that does not open cannot be revoked: the connection goes, and an event says so.
func TestVault19_TokensThatDoNotOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	v := b.open(func(c *vault.Config) { c.Keys = ring(t, keyring.NewKey().Reveal()) })
	if gone, err := v.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil || len(gone) != 1 {
		t.Errorf("%v, %v", gone, err)
	}
	e, ok := b.events.all[0].(vault.RevocationAbandoned)
	if !ok || !errors.Is(e.Err, keyring.ErrUnknownKey) || e.ConnectionID != c.ID || len(b.events.all) != 1 || len(b.dueRevocations()) != 0 || b.srv.revokeN.Load() != 0 {
		t.Errorf("%v, %d wait", b.events.all, len(b.dueRevocations()))
	}
}

// One attempt takes five seconds at most, and no longer than any call.
func TestVault19_AttemptsAreShort(t *testing.T) {
	t.Parallel()
	for timeout, want := range map[time.Duration]time.Duration{15 * time.Second: 5 * time.Second, 2 * time.Second: 2 * time.Second} {
		var left time.Duration
		b := newBench(t, func(c *vault.Config) { c.Timeout = timeout }, withClient(func(c oauth.Client) oauth.Client {
			return revoker{c, func(ctx context.Context, _ oauth.Token) error {
				deadline, _ := ctx.Deadline()
				left = time.Until(deadline)
				return nil
			}}
		}))
		c := b.connect("ada", time.Hour)
		if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil || left > want || left < want-time.Second {
			t.Errorf("timeout %v: %v left, %v", timeout, left, err)
		}
	}
}

// Where the whole grant would end, and it is not known whether the account is connected
// again, nothing is revoked.
func TestVault19_NotKnownWhetherConnectedAgain(t *testing.T) {
	t.Parallel()
	b, store := recordingBench(t, new(lockedBuffer), func(c *vault.Config) {
		c.Providers[0].(*oauth.OAuth2).Revocation.EndsGrant = true
	})
	c := b.connect("ada", time.Hour)
	store.begin(3) // after Remove and PutOneTime
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(store.called(), " "); got != "Remove PutOneTime ByAccount" || b.srv.revokeN.Load() != 0 || b.events.count("revocation_deferred") != 1 || len(b.dueRevocations()) != 1 {
		t.Errorf("%s, %d requests, %v", got, b.srv.revokeN.Load(), b.events.names())
	}
}

// What is done beside a removal is a part of it.
func TestVault19_DisconnectWith(t *testing.T) {
	t.Parallel()
	stays := errors.New("stays")
	for name, test := range map[string]struct {
		transactor bool
		err        error
		gone       bool
	}{
		"done":                        {true, nil, true},
		"fails":                       {true, stays, false},
		"done, without transactions":  {false, nil, true},
		"fails, without transactions": {false, stays, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				if !test.transactor {
					c.Store = plainStore{memstore.New()}
				}
			})
			c := b.connect("ada", time.Hour)
			calls := 0
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.srv.set(func(s *server) { s.onRevoke = answer(503, "") })
			_, err := b.DisconnectWith(ctx, vault.Removal{UserID: c.UserID}, func(_ context.Context, removed []vault.Removed) error {
				calls++
				if len(removed) != 1 || removed[0].ID != c.ID {
					t.Errorf("removed %v", removed)
				}
				if !test.transactor {
					cancel() // the browser goes away
				}
				return test.err
			})
			if !errors.Is(err, test.err) || test.err == nil && err != nil || calls != 1 {
				t.Errorf("%v, called %d times", err, calls)
			}
			_, err = b.store.ByID(t.Context(), c.ID)
			if gone := errors.Is(err, vault.ErrNoConnection); gone != test.gone || (len(b.dueRevocations()) == 1) != gone {
				t.Errorf("gone %v, %d revocations wait", gone, len(b.dueRevocations()))
			}
			if gone, err := b.DisconnectWith(t.Context(), vault.Removal{UserID: "nobody"}, func(context.Context, []vault.Removed) error {
				t.Error("nothing was removed")
				return nil
			}); !errors.Is(err, vault.ErrNoConnection) || len(gone) != 0 {
				t.Errorf("%v, %v", gone, err)
			}
		})
	}
	// Without transactions the user stays when the connections do.
	b, store := recordingBench(t, new(lockedBuffer))
	v := b.open(func(c *vault.Config) { c.Store = plainStore{store} })
	store.begin(1)
	if _, err := v.Forget(t.Context(), "user", func(context.Context) error { t.Error("deleted"); return nil }); !errors.Is(err, errOut) {
		t.Errorf("got %v", err)
	}
}

// A retryingStore runs each transaction twice, as a database does upon a conflict; in
// between another process has removed everything.
type retryingStore struct {
	*memstore.Store
	between func()
}

func (s *retryingStore) InTx(ctx context.Context, f func(context.Context) error) error {
	s.Store.InTx(ctx, func(ctx context.Context) error {
		if err := f(ctx); err != nil {
			return err
		}
		return errOut
	})
	s.between()
	return s.Store.InTx(ctx, f)
}

// Only what the last attempt removed is revoked.
func TestVault19_ARemovalThatIsTriedAgain(t *testing.T) {
	t.Parallel()
	store := &retryingStore{Store: memstore.New()}
	b := newBench(t, func(c *vault.Config) { c.Store = store })
	c := b.connect("ada", time.Hour)
	store.between = func() { store.Store.Remove(t.Context(), vault.Removal{UserID: c.UserID}) }
	gone, err := b.Forget(t.Context(), c.UserID, func(context.Context) error { return nil })
	if err != nil || len(gone) != 0 || b.srv.revokeN.Load() != 0 {
		t.Errorf("%d gone, %v, %d revocations", len(gone), err, b.srv.revokeN.Load())
	}
}
