package accounts_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// A slowSite compares a password only when the test lets it.
type slowSite struct {
	*site
	t         *testing.T
	compared  atomic.Int32 // begun
	goOn      chan struct{}
	cancelAll func()
	answers   chan error
}

func newSlowSite(t *testing.T, limit int, configure ...func(*accounts.Config)) (*slowSite, context.Context) {
	s := &slowSite{t: t, goOn: make(chan struct{}), answers: make(chan error, 9)}
	s.site = newSite(t, "http", append(configure, func(c *accounts.Config) {
		c.HashMemory = 9 * 19 << 20
		c.Throttle.AccountLogins.Count, c.Throttle.NetworkLogins.Count = limit, -1
	})...)
	s.user(t, "matt@lp.com", "")
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			s.compared.Add(1)
			<-s.goOn
			return derive(p, salt, time, memory, threads, length)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	s.cancelAll = cancel
	return s, ctx
}

// logIn begins a log-in, and waits until it runs or is in the queue.
func (s *slowSite) logIn(ctx context.Context, p secret.Text) {
	s.t.Helper()
	before := s.Trials()
	go func() {
		r := httptest.NewRequest("POST", "/login", nil).WithContext(ctx)
		s.answers <- s.LogIn(httptest.NewRecorder(), r, "matt@lp.com", p, false)
	}()
	s.until(func() bool { return s.Trials() > before })
}

// until waits for what has to come.
func (s *slowSite) until(come func() bool) {
	s.t.Helper()
	until(s.t, come)
}

// wantCompared checks how many comparisons have begun, and that no other begins.
func (s *slowSite) wantCompared(want int32) {
	s.t.Helper()
	s.until(func() bool { return s.compared.Load() >= want })
	for range 50 {
		if s.compared.Load() > want {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if n := s.compared.Load(); n != want {
		s.t.Errorf("%d passwords are compared, want %d", n, want)
	}
}

// Log-ins to an account are compared as long as their failures would not reach its
// limit, and the others wait for what becomes of them.
func TestSecurity38_TrialsWaitForEachOther(t *testing.T) {
	t.Parallel()
	throttled := func(err error) bool { return errors.As(err, new(*accounts.ThrottledError)) }
	wrong := func(err error) bool { return errors.Is(err, accounts.ErrCredentials) }
	for _, tt := range []struct {
		name      string
		passwords []secret.Text
		third     func(error) bool
		compared  int32
	}{
		{"two fail", []secret.Text{"wrong", "wrong", password}, throttled, 2},
		{"one succeeds", []secret.Text{password, password, "wrong"}, wrong, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, ctx := newSlowSite(t, 2)
			for i, p := range tt.passwords {
				s.logIn(ctx, p)
				s.wantCompared(min(int32(i)+1, 2))
			}
			s.goOn <- struct{}{}
			first := <-s.answers
			if tt.compared == 2 {
				s.wantCompared(2) // one more may fail, and one runs
			} else {
				s.wantCompared(3)
			}
			close(s.goOn)
			second, third := <-s.answers, <-s.answers
			results := []error{first, second, third}
			if n := slices.IndexFunc(results, tt.third); n < 0 || s.compared.Load() != tt.compared {
				t.Errorf("%v, %d were compared", results, s.compared.Load())
			}
			if n := s.Queues() + s.Trials(); n != 0 {
				t.Errorf("%d are left", n)
			}
		})
	}
}

// A trial that waits too long gets ErrBusy, or its request's error when that has ended,
// and leaves the queue.
func TestSecurity38_WaitingTrialsEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		wait   time.Duration
		hangUp bool
		want   error
	}{
		{"too long", 20 * time.Millisecond, false, accounts.ErrBusy},
		{"hanging up", time.Hour, true, context.Canceled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, ctx := newSlowSite(t, 1, func(c *accounts.Config) { c.HashWait = tt.wait })
			s.logIn(t.Context(), "wrong")
			s.wantCompared(1)
			for range 2 { // the second of them waits to be the first that waits
				go func() {
					r := httptest.NewRequest("POST", "/login", nil).WithContext(ctx)
					s.answers <- s.LogIn(httptest.NewRecorder(), r, "matt@lp.com", password, false)
				}()
			}
			if tt.hangUp {
				s.until(func() bool { return s.Trials() == 3 })
				time.Sleep(time.Millisecond)
				s.cancelAll()
			}
			for range 2 {
				if err := <-s.answers; !errors.Is(err, tt.want) {
					t.Errorf("%v, want %v", err, tt.want)
				}
			}
			close(s.goOn)
			if err := <-s.answers; !errors.Is(err, accounts.ErrCredentials) {
				t.Error(err)
			}
			s.clock.Advance(15 * time.Minute)
			err := s.LogIn(httptest.NewRecorder(), httptest.NewRequest("POST", "/login", nil), "matt@lp.com", password, false)
			if err != nil || s.Queues() != 0 || s.compared.Load() != 2 {
				t.Errorf("afterwards: %v, %d queues, %d compared", err, s.Queues(), s.compared.Load())
			}
		})
	}
}

// Without a limit no trial waits, and nothing is counted.
func TestTrialsWithoutALimit(t *testing.T) {
	t.Parallel()
	store := &countingStore{Store: memstore.New()}
	s, ctx := newSlowSite(t, -1, func(c *accounts.Config) { c.Store = store })
	for range 4 {
		go func() {
			r := httptest.NewRequest("POST", "/login", nil).WithContext(ctx)
			s.answers <- s.LogIn(httptest.NewRecorder(), r, "matt@lp.com", password, false)
		}()
	}
	s.wantCompared(4)
	close(s.goOn)
	for range 4 {
		check(t, <-s.answers)
	}
	if n := store.reads.Load() + store.writes.Load(); n != 0 {
		t.Errorf("attempts were read or counted %d times", n)
	}
}

// A boundedStore checks that what is counted for a client that may have hung up does
// not take for ever.
type boundedStore struct {
	*memstore.Store
	t       *testing.T
	bounded atomic.Int32
}

func (s *boundedStore) Attempt(ctx context.Context, a accounts.Attempt) (int, time.Time, error) {
	if a.By != 0 {
		if ends, ok := ctx.Deadline(); ok && time.Until(ends) <= 5*time.Second && ctx.Err() == nil {
			s.bounded.Add(1)
		}
	}
	return s.Store.Attempt(ctx, a)
}

func TestCountingForOneWhoHungUpIsBounded(t *testing.T) {
	t.Parallel()
	store := &boundedStore{Store: memstore.New(), t: t}
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = store; c.Throttle.NetworkFlows.Count = 1 })
	s.browser(t).logIn("missing@lp.com", "wrong")
	if n := store.bounded.Load(); n != 2 { // of the name and of the network
		t.Errorf("%d failures were counted in time", n)
	}
	r := from("192.0.2.1")
	check(t, s.BeginFlow(r, identity.FlowBegins))
	store.bounded.Store(0)
	gone, hangUp := context.WithCancel(r.Context())
	hangUp()
	s.EndFlow(r.WithContext(gone), identity.FlowBegins)
	if n := store.bounded.Load(); n != 1 {
		t.Errorf("%d flows were taken off in time", n)
	}
	// Another process sees it.
	if err := s.beside(t).BeginFlow(from("192.0.2.1"), identity.FlowBegins); err != nil {
		t.Error(err)
	}
}
