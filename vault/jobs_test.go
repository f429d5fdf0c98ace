package vault_test

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/jobs"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

func TestRunDoesAllJobs(t *testing.T) {
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
	held, err := b.Hold(t.Context(), vault.Held{Purpose: "signup", Grant: b.srv.grant("eve", time.Time{})}, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * time.Hour)
	revoked := make(chan string, 10)
	deleted := make(chan struct{})
	v := b.open(func(cfg *vault.Config) {
		cfg.KeepAlive = time.Hour
		cfg.Store = &deletingStore{cfg.Store, cfg.Store.(vault.Lister), rowOf(held), deleted}
		cfg.OnEvent = func(_ context.Context, e vault.Event) {
			switch e := e.(type) {
			case vault.TokenRefreshed:
				close(refreshed)
			case vault.Revoked:
				revoked <- e.UserID
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- v.Run(ctx) }()
	<-refreshed
	// That of the connection, and that of the sign-up, which is no user's.
	if users := []string{<-revoked, <-revoked}; !slices.Contains(users, gone.UserID) || !slices.Contains(users, "") {
		t.Errorf("revoked for %q", users)
	}
	<-deleted
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if row := b.row(c.ID); row.Version != 2 {
		t.Errorf("version %d", row.Version)
	}
}

// A deletingStore closes done when a one-time value was taken.
type deletingStore struct {
	vault.Store
	vault.Lister
	id   string
	done chan struct{}
}

func (s *deletingStore) TakeOneTime(ctx context.Context, id string, now time.Time) (onetime.Value, error) {
	if id == s.id {
		defer close(s.done)
	}
	return s.Store.TakeOneTime(ctx, id, now)
}

// A turnsStore counts walks, and how often each key was asked for.
type turnsStore struct {
	vault.Store
	walks atomic.Int64

	mu    sync.Mutex
	asked map[string]int
}

func (s *turnsStore) List(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.Connection, error) {
	return s.Store.(vault.Lister).List(ctx, f, after, limit)
}

func (s *turnsStore) SealedTokens(ctx context.Context, f vault.Filter, after string, limit int) ([]vault.SealedToken, error) {
	s.walks.Add(1)
	return s.Store.(vault.Lister).SealedTokens(ctx, f, after, limit)
}

func (s *turnsStore) Claim(ctx context.Context, c vault.Claim) error {
	err := s.Store.Claim(ctx, c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[string(c.Key)]++
	return err
}

// askedBy waits until each key was asked for n times, and there are so many keys.
func (s *turnsStore) askedBy(t *testing.T, n, keys int) {
	t.Helper()
	for late := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		s.mu.Lock()
		settled := len(s.asked) >= keys
		for _, times := range s.asked {
			settled = settled && times >= n
		}
		s.mu.Unlock()
		if settled {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("%d keys were not asked for by %d", keys, n)
		}
	}
}

// Of several processes, one does the round of each turn.
func TestKeepAliveTakesTurns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	store := &turnsStore{Store: b.store, asked: map[string]int{}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 3 {
		v := b.open(func(c *vault.Config) { c.Store, c.KeepAlive = store, 100*time.Second })
		wg.Go(func() { v.Run(ctx) })
	}
	for turn := range 3 {
		store.askedBy(t, 3, 3+turn)
		if n := store.walks.Load(); n != int64(1+turn) {
			t.Errorf("%d rounds in %d turns", n, 1+turn)
		}
		b.clock.advance(time.Second)
	}
	cancel()
	wg.Wait()
}

// A claimingStore answers claims so, and notes when they were made.
type claimingStore struct {
	vault.Store
	err error
	mu  sync.Mutex
	at  []time.Time
}

func (s *claimingStore) Claim(_ context.Context, c vault.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, c.Now)
	return s.err
}

// A job runs when the store lets it, by the vault's clock. That another process has it is
// no reason to say anything; that the store fails is.
func TestJobsAreClaimed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		runs bool
		logs string
	}{
		"free": {nil, true, ""}, "claimed": {vault.ErrClaimed, false, ""}, "the store fails": {errOut, false, errOut.Error()},
	} {
		store, log, runs := &claimingStore{Store: memstore.New(), err: test.err}, new(lockedBuffer), 0
		b := newBench(t, logged(log), func(c *vault.Config) { c.Store = store })
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := b.Run(ctx, jobs.Job{Name: "further", Every: time.Hour, Run: func(context.Context) error { runs++; return nil }})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		if (runs == 1) != test.runs || (log.String() == "") != (test.logs == "") || !strings.Contains(log.String(), test.logs) {
			t.Errorf("%s: run %d times, logged %s", name, runs, log)
		}
		for _, at := range store.at {
			if !at.Equal(b.clock.now()) {
				t.Errorf("%s: claimed at %v", name, at)
			}
		}
		if len(store.at) < 3 {
			t.Errorf("%s: %d claims", name, len(store.at))
		}
	}
}

func TestHowOftenJobsRun(t *testing.T) {
	t.Parallel()
	const second, hour = time.Second, time.Hour
	for keepAlive, round := range map[time.Duration]time.Duration{
		0: 0, second: second, 100 * second: second, 101 * second: 1010 * time.Millisecond,
		99 * hour: 99 * hour / 100, 100 * hour: hour, 10000 * hour: hour,
	} {
		b := newBench(t, func(c *vault.Config) { c.KeepAlive = keepAlive })
		want := map[string]time.Duration{"vault/revocations": 15 * second, "vault/expired": 60 * second}
		if keepAlive > 0 {
			want["vault/keep-alive"] = round
		}
		got := map[string]time.Duration{}
		for _, j := range b.Jobs() {
			got[j.Name] = j.Every
		}
		if !maps.Equal(got, want) {
			t.Errorf("%v: %v, want %v", keepAlive, got, want)
		}
	}
}

// A round that takes long holds the turns that follow.
func TestKeepAliveHoldsTheNextTurns(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	store := &turnsStore{Store: b.store, asked: map[string]int{}}
	open := func() *vault.Vault {
		return b.open(func(c *vault.Config) { c.Store, c.KeepAlive = store, 100*time.Second })
	}
	first, second := open(), open()
	b.connect("ada", time.Hour)
	b.clock.advance(100 * time.Second)
	// To where a turn of every job begins: no other holds its next one.
	now := b.clock.now()
	b.clock.advance(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
	asked, answer := make(chan struct{}), make(chan struct{})
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { close(asked); <-answer; return false }
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { first.Run(ctx) })
	<-asked
	b.clock.advance(500 * time.Millisecond)
	store.askedBy(t, 1, 4) // three jobs, and the next turn of the one that takes long
	b.clock.advance(500 * time.Millisecond)
	wg.Go(func() { second.Run(ctx) })
	for refused := false; !refused; time.Sleep(time.Millisecond) {
		store.mu.Lock()
		n := 0
		for _, times := range store.asked {
			n += times
		}
		refused = n >= 4+3
		store.mu.Unlock()
	}
	if n := store.walks.Load(); n != 1 {
		t.Errorf("%d rounds", n)
	}
	close(answer)
	cancel()
	wg.Wait()
}
