package vault_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

const minute = time.Minute

func TestVault01_OneRefreshForAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	vaults := []*vault.Vault{b.Vault, b.open(), b.open()}
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			if status, err := b.get(vaults[i%len(vaults)], c); status != 200 {
				t.Errorf("call %d: %d, %v", i, status, err)
			}
		})
	}
	wg.Wait()
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	if n := b.events.count("token_refreshed"); n != 1 {
		t.Errorf("%d token_refreshed, want 1", n)
	}
}

func TestVault03_CallerGoneNothingLost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool {
			close(arrived)
			<-goOn
			return false
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error)
	go func() {
		_, err := b.Token(ctx, c)
		errs <- err
	}()
	<-arrived
	cancel()
	if err := <-errs; !errors.Is(err, context.Canceled) {
		t.Fatalf("the caller got %v", err)
	}
	close(goOn)
	if err := b.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.srv.set(func(s *server) { s.onToken = nil })
	if status, err := b.get(b.open(), c); status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
}

// A brokenStore fails to write for a while.
type brokenStore struct {
	vault.Store
	mu       sync.Mutex
	updates  int // failing ones to come
	afterAll bool
}

func (s *brokenStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates > 0 && sealed != nil {
		s.updates--
		if s.afterAll {
			// The write succeeds, and its answer is lost.
			if err := s.Store.UpdateAndRelease(ctx, c, sealed, owner); err != nil {
				return err
			}
		}
		return errors.New("the disk is full")
	}
	return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
}

func TestVault03_StoredBeforeHandedOut(t *testing.T) {
	t.Parallel()
	for _, afterAll := range []bool{false, true} {
		b := newBench(t)
		store := &brokenStore{Store: b.store, afterAll: afterAll}
		v := b.open(func(c *vault.Config) { c.Store = store })
		c := b.connect("ada", minute)
		b.clock.advance(time.Hour)
		store.mu.Lock()
		store.updates = 3
		store.mu.Unlock()
		tok, err := v.Token(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		other, err := b.open().Token(t.Context(), c)
		if err != nil || other.Access != tok.Access {
			t.Errorf("afterAll %v: another process sees another token (%v)", afterAll, err)
		}
		if n := b.srv.refreshN.Load(); n != 1 {
			t.Errorf("%d refreshes, want 1", n)
		}
		if n := b.events.count("token_refreshed"); n != 1 {
			t.Errorf("reported %d times, want once", n)
		}
	}
}

// briefly is a change of the configuration by which a process waits for a fifth of a
// second until it takes over from another.
func briefly(c *vault.Config) { c.Timeout = time.Second }

func TestVault04_LostRotationIsNotRevoked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		died bool
		want string
	}{{"died", true, "lost_rotation"}, {"alive", false, "revoked"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, briefly)
			c := b.connect("ada", minute)
			b.clock.advance(time.Hour)
			if test.died {
				if _, _, _, err := b.store.Lease(t.Context(), c.ID, "dead", b.clock.now(), b.clock.now().Add(minute)); err != nil {
					t.Fatal(err)
				}
				b.clock.advance(2 * minute)
			}
			b.srv.set(func(s *server) { clear(s.refresh) })
			if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
				t.Fatalf("got %v", err)
			}
			row := b.row(c.ID)
			if row.Status != vault.NeedsReauthorization || row.LastError != test.want {
				t.Errorf("%s, %s", row.Status, row.LastError)
			}
			if n := b.srv.refreshN.Load(); n != 1 {
				t.Errorf("the old token was tried %d times, want once", n)
			}
		})
	}
}

// The provider rotates, and its answer is lost on the way.
func TestVault04_LostAnswerIsNotRevoked(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(_ http.ResponseWriter, r *http.Request) bool {
			s.set(func(s *server) { s.onToken = nil })
			s.token(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
	})
	if _, err := b.Token(t.Context(), c); err == nil || errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "unanswered" {
		t.Errorf("%s, %s", row.Status, row.LastError)
	}
	b.clock.advance(minute)
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	if row := b.row(c.ID); row.LastError != "lost_rotation" {
		t.Errorf("%s", row.LastError)
	}
}

func TestVault04_InterruptedRefreshStillSucceeds(t *testing.T) {
	t.Parallel()
	b := newBench(t, briefly)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	if _, _, _, err := b.store.Lease(t.Context(), c.ID, "dead", b.clock.now(), b.clock.now().Add(minute)); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * minute)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || row.LastError != "" {
		t.Errorf("%s, %s", row.Status, row.LastError)
	}
}

func TestVault05_AnswerLeavesOut(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.srv.set(func(s *server) { s.steady, s.life = true, 0 })
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	tok, err := b.Token(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if !tok.Expiry.IsZero() || len(tok.Scopes) != 1 || tok.Scopes[0] != "read" {
		t.Errorf("expiry %v, scopes %v", tok.Expiry, tok.Scopes)
	}
	// Of unknown expiry: used until the API answers 401, and refreshed then by the
	// refresh token that was kept.
	b.clock.advance(1000 * time.Hour)
	if status, err := b.get(b.Vault, c); status != 200 || b.srv.refreshN.Load() != 1 {
		t.Fatalf("%d, %v, %d refreshes", status, err, b.srv.refreshN.Load())
	}
	b.srv.set(func(s *server) { clear(s.access) })
	if status, err := b.get(b.Vault, c); status != 200 || b.srv.refreshN.Load() != 2 {
		t.Fatalf("%d, %v, %d refreshes", status, err, b.srv.refreshN.Load())
	}
}

func TestVault06_RenewKeepsRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.Refresh = ""
	c, err := b.Renew(t.Context(), c, g)
	if err != nil {
		t.Fatal(err)
	}
	if c.Generation != 2 {
		t.Errorf("generation %d", c.Generation)
	}
	b.clock.advance(time.Hour)
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	for _, c := range []vault.Connection{c, b.row(c.ID)} {
		if _, err := b.Renew(t.Context(), c, b.srv.grant("eve", time.Time{})); !errors.Is(err, vault.ErrOtherAccount) {
			t.Errorf("another subject: %v", err)
		}
	}
}

func TestVault07_EarlyAndForgiving(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.clock.advance(time.Hour - 61*time.Second)
	if _, err := b.Token(t.Context(), c); err != nil || b.srv.refreshN.Load() != 0 {
		t.Fatalf("61 s early: %v, %d refreshes", err, b.srv.refreshN.Load())
	}
	b.srv.set(func(s *server) { s.onToken = answer(503, "") })
	b.clock.advance(32 * time.Second)
	for range 5 {
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Fatalf("%d, %v", status, err)
		}
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d attempts without a pause between", n)
	}
	if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "transient" {
		t.Errorf("%s, %s", row.Status, row.LastError)
	}
	b.srv.set(func(s *server) { s.onToken = nil })
	b.clock.advance(5 * time.Second)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || b.events.count("connection_recovered") != 1 {
		t.Errorf("%s, %v", row.Status, b.events.names())
	}
}

func TestVault07_HangingProviderDelaysNoValidToken(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Timeout = 2 * time.Second })
	c := b.connect("ada", time.Hour)
	b.clock.advance(time.Hour - time.Second)
	hang := make(chan struct{})
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { <-hang; return false }
	})
	tok, err := b.Token(t.Context(), c)
	if err != nil || tok.Access != "CANARY-access-1" {
		t.Fatal(err)
	}
	// The refresh is still under way, and its token is not lost.
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Wait(over); err == nil {
		t.Error("the call waited for the refresh")
	}
	close(hang)
	if err := b.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tok, err := b.Token(t.Context(), c); err != nil || tok.Access == "CANARY-access-1" || b.srv.refreshN.Load() != 1 {
		t.Errorf("%v, %d refreshes", err, b.srv.refreshN.Load())
	}
}
