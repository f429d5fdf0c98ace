package vault_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// An endlessStore makes up the connections that it lists.
type endlessStore struct {
	*memstore.Store
	rows  int
	made  func(id string) vault.SealedToken
	ended func()          // before the last page
	ask   <-chan struct{} // what waits is read after it is closed
}

func (s *endlessStore) SealedTokens(_ context.Context, _ vault.Filter, after string, limit int) (page []vault.SealedToken, _ error) {
	first := 0
	if after != "" {
		fmt.Sscanf(after, "%d", &first)
		first++
	}
	for i := first; i < min(first+limit, s.rows); i++ {
		page = append(page, s.made(fmt.Sprintf("%026d", i)))
	}
	if len(page) < limit {
		s.ended()
	}
	return page, nil
}

func (s *endlessStore) Token(context.Context, string) (vault.Connection, []byte, error) {
	<-s.ask
	return vault.Connection{}, nil, vault.ErrNoConnection
}

// A walk keeps no more of the rows than may wait, however many there are and however many
// are due. It is not run beside others, which use memory, too.
func TestKeepAliveTakesBoundedMemory(t *testing.T) {
	const month, rows, most = 30 * 24 * time.Hour, 60_000, 10_000
	for name, tt := range map[string]struct {
		passed time.Duration
		left   int
		bytes  int64 // beside the text of the IDs that wait, of 26 bytes
	}{
		"none is due": {month / 2, 0, 512 << 10},
		"all are due": {month, rows - most/2 - 8, 1 << 20},
	} {
		ask := make(chan struct{})
		store := &endlessStore{Store: memstore.New(), rows: rows, ask: ask}
		b := newBench(t, func(c *vault.Config) { c.Store, c.KeepAlive = store, month })
		b.WaitAtMost(most)
		began := b.clock.now()
		store.made = func(id string) vault.SealedToken {
			c := vault.Connection{ID: id, UserID: "ada", ProviderID: "acme", CreatedAt: began}
			sealed, err := b.Seal(c, oauth.Token{Access: "access", Refresh: "refresh"})
			if err != nil {
				t.Fatal(err)
			}
			return vault.SealedToken{ID: c.ID, UserID: c.UserID, ProviderID: c.ProviderID, CreatedAt: c.CreatedAt, Sealed: sealed}
		}
		before, during := heapInUse(), int64(0)
		store.ended = func() { during = heapInUse(); close(ask) }
		b.clock.advance(tt.passed)
		all, err := b.KeepAlive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		left := 0
		for _, k := range all {
			left += k.Left
		}
		if grown := during - before; grown > tt.bytes {
			t.Errorf("%s: %d bytes more after %d rows, the budget is %d", name, grown, rows, tt.bytes)
		}
		if left < tt.left || left > tt.left+8 {
			t.Errorf("%s: %d left, want %d", name, left, tt.left)
		}
	}
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
