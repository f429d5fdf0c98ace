package vault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// A refresh that does not end: a valid token serves after a while, for the first call,
// and at once for the next ones; others learn that it has not ended yet.
func TestVault07_ARefreshThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	for name, life := range map[string]time.Duration{"valid": 10 * time.Second, "ended": time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := map[string]time.Duration{"valid": 2 * time.Second, "ended": 100 * time.Millisecond}[name]
			b, store := hookedBench(t, timeout)
			c := b.connect("ada", life)
			goOn := make(chan struct{})
			defer close(goOn)
			store.lease = func(context.Context, string, time.Duration) (c vault.Connection, _ []byte, _ bool, _ error, _ bool) {
				<-goOn
				return
			}
			b.clock.advance(9900 * time.Millisecond)
			began := time.Now()
			tok, err := b.Token(t.Context(), c)
			took := time.Since(began)
			if name == "ended" {
				if !errors.Is(err, vault.ErrRefreshing) || took < 3*timeout || took > 50*timeout {
					t.Errorf("%v after %v", err, took)
				}
				return
			}
			if err != nil || tok.Access != "CANARY-access-1" || took < timeout/5 || took > 2*timeout {
				t.Errorf("%v after %v", err, took)
			}
			began = time.Now()
			if _, err := b.Token(t.Context(), c); err != nil || time.Since(began) > timeout/8 {
				t.Errorf("%v after %v more", err, time.Since(began))
			}
			over, cancel := context.WithCancel(t.Context())
			cancel()
			if err := b.Wait(over); !errors.Is(err, context.Canceled) {
				t.Errorf("waiting: %v", err)
			}
		})
	}
}

// A token that is due, and valid, is replaced by the new one.
func TestVault07_TheNewTokenIsHandedOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", 10*time.Second)
	b.clock.advance(9900 * time.Millisecond)
	if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != "CANARY-access-2" {
		t.Errorf("%q, %v", tok.Access.Reveal(), err)
	}
}

// A client that does not refresh, although there is a refresh token.
func TestVault07_ATokenThatEndsAndCannotBeRefreshed(t *testing.T) {
	t.Parallel()
	b := newBench(t, withClient(func(c oauth.Client) oauth.Client { return plainClient{c} }))
	c := b.connect("ada", 10*time.Second)
	b.clock.advance(9900 * time.Millisecond)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Error(err)
	}
	b.clock.advance(time.Second)
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) || b.row(c.ID).LastError != "expired" {
		t.Errorf("%v, %q", err, b.row(c.ID).LastError)
	}
}

// A source is not asked again within MaxStale.
func TestSourceIsAskedOnce(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	c := b.connect("ada", time.Hour)
	source.set("", b.srv.withSecret("client", "other")) // to be opened anew
	b.clock.advance(6 * time.Second)
	before := source.asked.Load()
	for range 3 {
		if _, err := b.Token(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if n := source.asked.Load() - before; n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// A token that has ended, in memory, while another process has renewed the connection.
func TestVault07_RenewedElsewhereBeforeItEnded(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	grant := func(life time.Duration) *oauth.Grant {
		g := b.srv.grant("ada", b.clock.now().Add(life))
		g.Token.Refresh = ""
		return g
	}
	c, err := b.Connect(t.Context(), "user", grant(3*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	renewed := grant(time.Hour)
	if _, err := b.open().Renew(t.Context(), c, renewed); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(4 * time.Second)
	if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != renewed.Token.Access || b.row(c.ID).Status != vault.Active {
		t.Errorf("%v, %s", err, b.row(c.ID).Status)
	}
}

// A caller whose context has ended gets its error, also while a token is valid.
func TestVault07_ACallerThatHasGone(t *testing.T) {
	t.Parallel()
	b, store := hookedBench(t, 2*time.Second)
	c := b.connect("ada", 10*time.Second)
	goOn := make(chan struct{})
	defer close(goOn)
	ctx, cancel := context.WithCancel(t.Context())
	store.lease = func(context.Context, string, time.Duration) (c vault.Connection, _ []byte, _ bool, _ error, _ bool) {
		cancel()
		<-goOn
		return
	}
	b.clock.advance(9900 * time.Millisecond)
	if _, err := b.Token(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
