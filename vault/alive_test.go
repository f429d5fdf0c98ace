package vault_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A walkedStore lets a test come between the steps of a walk. A func that is nil does
// nothing.
type walkedStore struct {
	*memstore.Store
	list  func(after string) error // before SealedTokens
	again func(id string) error    // before Token
}

func (s *walkedStore) SealedTokens(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.SealedToken, error) {
	if s.list != nil {
		if err := s.list(after); err != nil {
			return nil, err
		}
	}
	return s.Store.SealedTokens(ctx, f, after, limit)
}

func (s *walkedStore) Token(ctx context.Context, id string) (vault.Connection, []byte, error) {
	if s.again != nil {
		if err := s.again(id); err != nil {
			return vault.Connection{}, nil, err
		}
	}
	return s.Store.Token(ctx, id)
}

var (
	newToken    = &oauth.Token{Access: "new", Refresh: "newer"}
	unavailable = &oauth.ProviderError{Kind: oauth.Transient, Status: 503}
)

// aliveBench is a bench that keeps connections alive. Its provider answers by a function
// and without a network, so that a round may run in a bubble of synctest, where pauses
// take no time.
func aliveBench(t *testing.T, keepAlive time.Duration, answer func(n int64) (*oauth.Token, error), change ...func(*vault.Config)) (*bench, *walkedStore) {
	t.Helper()
	store, n := &walkedStore{Store: memstore.New()}, new(atomic.Int64)
	return newBench(t, append(change, func(c *vault.Config) { c.Store, c.KeepAlive = store, keepAlive }, withClient(func(c oauth.Client) oauth.Client {
		return refresher{c, func(context.Context, oauth.Token) (*oauth.Token, error) { return answer(n.Add(1)) }}
	}))...), store
}

// answersAll answers each refresh so.
func answersAll(t *oauth.Token, err error) func(int64) (*oauth.Token, error) {
	return func(int64) (*oauth.Token, error) { return t, err }
}

// round runs KeepAlive in a bubble of synctest.
func (b *bench) round() (all []vault.KeptAlive) {
	b.t.Helper()
	synctest.Test(b.t, func(t *testing.T) {
		var err error
		if all, err = b.KeepAlive(t.Context()); err != nil {
			t.Error(err)
		}
		b.Wait(t.Context()) // in the bubble, too
	})
	return all
}

// one is the round of a single provider.
func (b *bench) one() vault.KeptAlive {
	b.t.Helper()
	all := b.round()
	if len(all) != 1 {
		b.t.Fatalf("%d providers: %+v", len(all), all)
	}
	return all[0]
}

// counts is what became of the connections, without who and when.
func counts(k vault.KeptAlive) vault.KeptAlive {
	return vault.KeptAlive{Refreshed: k.Refreshed, Failed: k.Failed, Ended: k.Ended, Left: k.Left, Unopened: k.Unopened}
}
