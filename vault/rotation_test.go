package vault_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// The store has one connection for writing: if it were held while the provider is
// asked, the write in between could not happen.
func TestVault02_NothingHeldDuringTheCall(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			if _, err := b.Connect(ctx, "bob", s.grant("bob", time.Time{})); err != nil {
				t.Error(err)
			}
			return false
		}
	})
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// A slowStore lets time pass while its writes fail.
type slowStore struct {
	vault.Store
	mu     sync.Mutex
	during []func()
}

func (s *slowStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	s.mu.Lock()
	if sealed == nil || len(s.during) == 0 {
		s.mu.Unlock()
		return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
	}
	f := s.during[0]
	s.during = s.during[1:]
	s.mu.Unlock()
	f()
	return errors.New("out of order")
}

func TestVault03_LeaseIsKeptWhileTheStoreFails(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	store := &slowStore{Store: b.store}
	v := b.open(func(c *vault.Config) { c.Store = store })
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	for range 5 {
		store.during = append(store.during, func() {
			now := b.clock.now()
			if _, _, _, err := store.Lease(context.Background(), c.ID, "thief", now, now.Add(minute)); !errors.Is(err, vault.ErrLeased) {
				t.Errorf("another process may refresh: %v", err)
			}
			b.clock.advance(25 * time.Second) // of the lease's 30
		})
	}
	if _, err := v.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

// A deafStore takes nothing from one vault until the test says so.
type deafStore struct {
	vault.Store
	hears atomic.Bool
	asked chan struct{} // closed by the first write
	once  sync.Once
}

func (s *deafStore) UpdateAndRelease(ctx context.Context, c vault.Connection, sealed []byte, owner string) error {
	if s.hears.Load() {
		return s.Store.UpdateAndRelease(ctx, c, sealed, owner)
	}
	s.once.Do(func() { close(s.asked) })
	return errors.New("out of order")
}

func (s *deafStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	select {
	case <-s.asked:
		if !s.hears.Load() {
			return vault.Connection{}, nil, false, errors.New("out of order")
		}
	default:
	}
	return s.Store.Lease(ctx, id, owner, now, until)
}

// A leasedStore reports the first lease it gives.
type leasedStore struct {
	vault.Store
	on func()
}

func (s *leasedStore) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	c, sealed, interrupted, err := s.Store.Lease(ctx, id, owner, now, until)
	if err == nil && s.on != nil {
		s.on()
		s.on = nil
	}
	return c, sealed, interrupted, err
}

// The store takes neither the rotated token nor a longer lease until the lease
// has run out and another process has taken over.
func TestVault03_TakeoverWaitsForATokenOnItsWay(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	deaf := &deafStore{Store: b.store, asked: make(chan struct{})}
	leased := &leasedStore{Store: b.store, on: func() { deaf.hears.Store(true) }}
	first := b.open(func(c *vault.Config) { c.Store = deaf })
	second := b.open(func(c *vault.Config) { c.Store = leased })
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	done := make(chan error, 1)
	go func() {
		_, err := first.Token(context.Background(), c)
		done <- err
	}()
	<-deaf.asked
	b.clock.advance(minute)
	if _, err := second.Token(t.Context(), c); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes, want 1", n)
	}
	if status, err := b.get(second, c); status != 200 {
		t.Errorf("the rotated token does not serve: %d, %v", status, err)
	}
}

func TestVault04_InterruptionIsRemembered(t *testing.T) {
	t.Parallel()
	b := newBench(t, briefly)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	if _, _, _, err := b.store.Lease(t.Context(), c.ID, "dead", b.clock.now(), b.clock.now().Add(minute)); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(2 * minute)
	b.srv.set(func(s *server) { s.onToken = answer(503, "") })
	if _, err := b.Token(t.Context(), c); err == nil {
		t.Fatal("a token")
	}
	b.clock.advance(minute)
	b.srv.set(func(s *server) { s.onToken = nil; clear(s.refresh) })
	if _, err := b.open(briefly).Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	if row := b.row(c.ID); row.LastError != "lost_rotation" {
		t.Errorf("%s", row.LastError)
	}
}

// A process died between the provider's answer and its commit. The process that
// leased the row next did not refresh, and a log-in renewed the profile.
func TestVault04_OnlyANewTokenSettlesAnInterruption(t *testing.T) {
	t.Parallel()
	b := newBench(t, briefly)
	c := b.connect("ada", time.Hour)
	for _, owner := range []string{"dead", "other"} {
		if _, _, _, err := b.store.Lease(t.Context(), c.ID, owner, b.clock.now(), b.clock.now().Add(minute)); err != nil {
			t.Fatal(err)
		}
		b.clock.advance(minute)
	}
	if err := b.store.Release(t.Context(), c.ID, "other"); err != nil {
		t.Fatal(err)
	}
	login := b.srv.grant("ada", b.clock.now().Add(time.Hour))
	login.Token.Scopes = nil
	if _, err := b.RenewByLogIn(t.Context(), c, login); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) { clear(s.refresh) })
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	if row := b.row(c.ID); row.LastError != "lost_rotation" {
		t.Errorf("%s", row.LastError)
	}
}

func TestVault11_OddExpiryLosesNothing(t *testing.T) {
	t.Parallel()
	for _, expires := range []string{
		`"expires_in":"3600"`, `"expires_in":3600.5`, `"expires_in":0`, `"expires_in":-1`, `"expires_in":1e300`,
		`"expires_in":"soon"`, `"expires_in":null`, `"expires_in":{}`, `"expires":3600`, `"token_type":"BEARER"`,
	} {
		t.Run(expires, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", minute)
			b.clock.advance(time.Hour)
			var sent []string
			b.srv.set(func(s *server) {
				s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
					sent = append(sent, r.FormValue("refresh_token"))
					s.set(func(s *server) { s.access["new-access"] = "ada/0" })
					fmt.Fprintf(w, `{"access_token":"new-access","refresh_token":"new-refresh",%s}`, expires)
					return true
				}
			})
			if tok, err := b.Token(t.Context(), c); err != nil || tok.Access != "new-access" {
				t.Fatal(err)
			}
			b.srv.set(func(s *server) { clear(s.access) })
			if status, err := b.get(b.Vault, c); err != nil {
				t.Errorf("%d, %v", status, err)
			}
			if len(sent) != 2 || sent[1] != "new-refresh" {
				t.Errorf("sent %q", sent)
			}
		})
	}
}

// An answer that must not be accepted stores nothing, such as another user's ID
// token.
func TestVault14_RefusedAnswerStoresNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	_, before, err := b.store.Token(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) { s.onToken = answer(200, `{"refresh_token":"other"}`) })
	if _, err := b.Token(t.Context(), c); err == nil || errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Fatalf("got %v", err)
	}
	row, after, err := b.store.Token(t.Context(), c.ID)
	if err != nil || string(after) != string(before) {
		t.Errorf("the token changed (%v)", err)
	}
	if row.Status != vault.Failing || row.LastError != "invalid" || b.events.count("refresh_failed") != 1 {
		t.Errorf("%s, %s, %v", row.Status, row.LastError, b.events.names())
	}
}

// A refresh fails, after another process has settled what it would have noted.
func TestVault13_FailureNotesNothingOverWhatIsSettled(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		settle    func(*bench, vault.Connection) error
		status    vault.Status
		want      error
		refreshes int64
	}{
		"authorized anew": {func(b *bench, c vault.Connection) error {
			g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
			g.Token.Refresh = "" // the old one stays
			_, err := b.open().Renew(b.t.Context(), c, g)
			return err
		}, vault.Active, nil, 1},
		"refreshed": {func(b *bench, c vault.Connection) error {
			b.clock.advance(minute) // the lease runs out
			_, err := b.open(func(c *vault.Config) { c.Timeout = time.Second }).Refresh(b.t.Context(), c)
			return err
		}, vault.Active, nil, 2},
		"ended": {func(b *bench, c vault.Connection) error {
			c.Status = vault.NeedsReauthorization
			return b.store.Update(b.t.Context(), c, nil)
		}, vault.NeedsReauthorization, vault.ErrNeedsReauthorization, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			b.clock.advance(2 * time.Hour)
			b.srv.set(func(s *server) {
				s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
					s.set(func(s *server) { s.onToken = nil })
					if err := tt.settle(b, b.row(c.ID)); err != nil {
						t.Error(err)
					}
					return answer(503, "")(w, r)
				}
			})
			if _, err := b.Token(t.Context(), c); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if row := b.row(c.ID); row.Status != tt.status || b.srv.refreshN.Load() != tt.refreshes {
				t.Errorf("%s after %d refreshes, want %s after %d", row.Status, b.srv.refreshN.Load(), tt.status, tt.refreshes)
			}
		})
	}
}
