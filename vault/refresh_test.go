package vault_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/sqlstore/sqlite"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

const minute = time.Minute

func TestVault01_OneRefreshForAll(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) vault.Store{
		"memory": func(*testing.T) vault.Store { return memstore.New() },
		"SQLite": openSQLite,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) { c.Store = open(t) })
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
		})
	}
}

func openSQLite(t *testing.T) vault.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "social.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
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

func (s *brokenStore) Update(ctx context.Context, c vault.Connection, sealed []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.updates > 0 && sealed != nil {
		s.updates--
		if s.afterAll {
			// The write takes hold, and its answer is lost.
			if err := s.Store.Update(ctx, c, sealed); err != nil {
				return err
			}
		}
		return errors.New("the disk is full")
	}
	return s.Store.Update(ctx, c, sealed)
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
	}
}

func TestVault04_LostRotationToldFromRevoked(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		died bool
		want string
	}{{"died", true, "lost_rotation"}, {"alive", false, "revoked"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
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

func TestVault04_InterruptedRefreshStillSucceeds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
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
	// Of unknown expiry: used until the API answers 401, and the refresh token
	// that was kept serves then.
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

func TestVault09_Classification(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   vault.Status
		last   string
		needs  bool
	}{
		{"invalid_grant", 400, `{"error":"invalid_grant"}`, vault.NeedsReauthorization, "revoked", true},
		{"GitHub", 200, `{"error":"bad_refresh_token"}`, vault.NeedsReauthorization, "revoked", true},
		{"Slack", 200, `{"ok":false,"error":"token_revoked"}`, vault.NeedsReauthorization, "revoked", true},
		{"invalid_client", 401, `{"error":"invalid_client"}`, vault.Active, "", false},
		{"unauthorized_client", 400, `{"error":"unauthorized_client"}`, vault.Active, "", false},
		{"408", 408, ``, vault.Failing, "transient", false},
		{"429", 429, ``, vault.Failing, "transient", false},
		{"500", 500, `{"error":"invalid_grant"}`, vault.Failing, "transient", false},
		{"HTML", 200, `<html>`, vault.Failing, "transient", false},
		{"empty", 200, ``, vault.Failing, "transient", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", minute)
			b.clock.advance(time.Hour)
			b.srv.set(func(s *server) { s.onToken = answer(test.status, test.body) })
			_, err := b.Token(t.Context(), c)
			var pe *oauth.ProviderError
			if !errors.As(err, &pe) || errors.Is(err, vault.ErrNeedsReauthorization) != test.needs {
				t.Errorf("got %v", err)
			}
			row := b.row(c.ID)
			if row.Status != test.want || row.LastError != test.last {
				t.Errorf("%s, %q", row.Status, row.LastError)
			}
			if n := b.events.count("refresh_failed"); n != 1 {
				t.Errorf("events %v", b.events.names())
			}
			// The next call does not ask the provider again at once, and the token
			// is still there.
			if _, err := b.Token(t.Context(), c); err == nil || b.srv.refreshN.Load() != 1 {
				t.Errorf("%v, %d refreshes", err, b.srv.refreshN.Load())
			}
			b.srv.set(func(s *server) { s.onToken = nil })
			b.clock.advance(minute)
			if _, err := b.Token(t.Context(), c); (err == nil) == test.needs {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestVault09_RetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
			return true
		}
	})
	for _, step := range []struct {
		later time.Duration
		want  int64
	}{{0, 1}, {119 * time.Second, 1}, {2 * time.Second, 2}} {
		b.clock.advance(step.later)
		if _, err := b.Token(t.Context(), c); err == nil || b.srv.refreshN.Load() != step.want {
			t.Errorf("after %v: %v, %d refreshes", step.later, err, b.srv.refreshN.Load())
		}
	}
}

func TestVault10_RotatedElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			// Meanwhile somebody else renews the row.
			s.set(func(s *server) { s.onToken = nil })
			if _, err := b.open().Renew(context.Background(), b.row(c.ID), s.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
				t.Error(err)
			}
			return answer(400, `{"error":"invalid_grant"}`)(w, r)
		}
	})
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || b.events.count("refresh_failed") != 0 {
		t.Errorf("%s, %v", row.Status, b.events.names())
	}
}

func TestVault10_StormOpensBreaker(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var all []vault.Connection
	for i := range 30 {
		all = append(all, b.connect(string(rune('a'+i)), minute))
	}
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) { s.onToken = answer(400, `{"error":"invalid_grant"}`) })
	marked := 0
	for _, c := range all {
		if _, err := b.Token(t.Context(), c); err == nil {
			t.Fatal("a token")
		}
		if b.row(c.ID).Status == vault.NeedsReauthorization {
			marked++
		}
	}
	if marked != 10 || b.srv.refreshN.Load() != 11 || b.events.count("breaker_opened") != 1 {
		t.Errorf("%d marked, %d refreshes, %v", marked, b.srv.refreshN.Load(), b.events.names())
	}
	last := all[len(all)-1]
	if _, err := b.Token(t.Context(), last); !errors.Is(err, vault.ErrPaused) {
		t.Errorf("got %v", err)
	}
	// One probe after the pause; rejected, it costs nobody the connection.
	b.clock.advance(minute + time.Second)
	for _, c := range all[20:] {
		b.Token(t.Context(), c)
	}
	if n := b.srv.refreshN.Load(); n != 12 || b.row(last.ID).Status == vault.NeedsReauthorization {
		t.Errorf("%d refreshes, %s", n, b.row(last.ID).Status)
	}
	b.srv.set(func(s *server) { s.onToken = nil })
	b.clock.advance(5 * minute)
	for _, c := range all[20:] {
		if _, err := b.Token(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVault12_AHangingProviderHarmsOnlyItself(t *testing.T) {
	t.Parallel()
	other := newServer(t, "other")
	counting := &countingTransport{}
	b := newBench(t, func(c *vault.Config) {
		c.Timeout, c.Concurrency, c.Transport = 300*time.Millisecond, 2, counting
		c.Providers = append(c.Providers, other.provider())
	})
	hang := make(chan struct{})
	defer close(hang)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { <-hang; return true }
	})
	var stuck []vault.Connection
	for i := range 6 {
		stuck = append(stuck, b.connect(string(rune('a'+i)), minute))
	}
	well, err := b.Connect(t.Context(), "user", other.grant("ada", b.clock.now().Add(minute)))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	var wg sync.WaitGroup
	for _, c := range stuck {
		wg.Go(func() {
			if _, err := b.Token(t.Context(), c); err == nil {
				t.Error("a token from a provider that hangs")
			}
		})
	}
	if _, err := b.Token(t.Context(), well); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if counting.most > 3 { // two, and one to the other provider
		t.Errorf("%d calls at once", counting.most)
	}
}

type countingTransport struct {
	mu        sync.Mutex
	now, most int
}

func (c *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()
	return http.DefaultTransport.RoundTrip(r)
}

func TestVault13_DisconnectDuringRefresh(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool {
			if _, err := b.open().Disconnect(context.Background(), vault.Removal{UserID: c.UserID}); err != nil {
				t.Error(err)
			}
			// The provider is slow to hear of it.
			s.set(func(s *server) { s.refresh["CANARY-refresh-1"] = "ada/0" })
			return false
		}
	})
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
		t.Fatalf("got %v", err)
	}
	if _, err := b.store.ByID(t.Context(), c.ID); !errors.Is(err, vault.ErrNoConnection) {
		t.Error("the row is back")
	}
	b.srv.set(func(s *server) {
		if len(s.access) != 0 || len(s.refresh) != 0 {
			t.Errorf("tokens live on: %v %v", s.access, s.refresh)
		}
	})
}

func TestVault13_ReconnectDuringRefresh(t *testing.T) {
	t.Parallel()
	for _, keepsOld := range []bool{false, true} {
		b := newBench(t)
		c := b.connect("ada", minute)
		b.clock.advance(time.Hour)
		var want oauth.Secret
		b.srv.set(func(s *server) {
			s.onToken = func(http.ResponseWriter, *http.Request) bool {
				g := s.grant("ada", b.clock.now().Add(time.Hour))
				want = g.Token.Access
				if keepsOld {
					g.Token.Refresh = ""
				}
				if _, err := b.open().Renew(context.Background(), c, g); err != nil {
					t.Error(err)
				}
				return false
			}
		})
		tok, err := b.Token(t.Context(), c)
		if err != nil || tok.Access != want {
			t.Fatalf("keepsOld %v: not the reconnected token (%v)", keepsOld, err)
		}
		b.srv.set(func(s *server) { s.onToken = nil })
		if row := b.row(c.ID); row.Generation != 2 {
			t.Errorf("generation %d", row.Generation)
		}
		b.clock.advance(2 * time.Hour)
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Errorf("keepsOld %v: the refresh token was lost: %d, %v", keepsOld, status, err)
		}
		if !keepsOld && b.srv.revokeN.Load() == 0 {
			t.Error("the stale token was not revoked")
		}
	}
}

func TestVault_ExpiredWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.Refresh = ""
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	for range 2 {
		if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Fatalf("got %v", err)
		}
	}
	if row := b.row(c.ID); row.LastError != "expired" || b.events.count("reauthorization_needed") != 1 {
		t.Errorf("%s, %v", row.LastError, b.events.names())
	}
}
