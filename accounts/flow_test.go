package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
)

// A countingStore counts how often attempts are written and read.
type countingStore struct {
	*memstore.Store
	writes, reads atomic.Int64
	before, after func() // the next write, and its answer
	unreadable    error
}

func (s *countingStore) Attempt(ctx context.Context, a accounts.Attempt) (int, time.Time, error) {
	if a.By == 0 {
		s.reads.Add(1)
		if s.unreadable != nil {
			return 0, time.Time{}, s.unreadable
		}
	} else {
		s.writes.Add(1)
		if before := s.before; before != nil {
			s.before = nil
			before()
		}
	}
	n, ends, err := s.Store.Attempt(ctx, a)
	if after := s.after; a.By != 0 && after != nil {
		s.after = nil
		after()
	}
	return n, ends, err
}

// A flowSite is some processes on one store.
type flowSite struct {
	t     *testing.T
	store *countingStore
	now   atomic.Int64
	acc   []*accounts.Accounts
}

func openFlows(t *testing.T, processes int, limit accounts.Limit) *flowSite {
	t.Helper()
	s := &flowSite{t: t, store: &countingStore{Store: memstore.New()}}
	s.now.Store(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC).UnixNano())
	for range processes {
		acc, err := accounts.New(accounts.Config{
			Store: s.store, AppURL: "https://app.example.com", Throttle: accounts.Throttle{NetworkFlows: limit},
			Now: func() time.Time { return time.Unix(0, s.now.Load()) },
		})
		if err != nil {
			t.Fatal(err)
		}
		s.acc = append(s.acc, acc)
	}
	return s
}

func from(address string) *http.Request {
	r := httptest.NewRequest("POST", "/login/acme", nil)
	r.RemoteAddr = address + ":1234"
	return r
}

// begin begins so many flows and returns how many were allowed.
func (s *flowSite) begin(process, count int, address string) (allowed int, wait time.Duration) {
	s.t.Helper()
	for range count {
		err := s.acc[process].BeginFlow(from(address), identity.FlowBegins)
		var throttled *accounts.ThrottledError
		switch {
		case err == nil:
			allowed++
		case errors.As(err, &throttled):
			wait = throttled.RetryAfter
		default:
			s.t.Fatal(err)
		}
	}
	return allowed, wait
}

// Flows that did not end well are limited, for each network.
func TestSecurity38_FlowsOfANetwork(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 3, 40, 300} {
		s := openFlows(t, 1, accounts.Limit{Count: count})
		if n, wait := s.begin(0, count+50, "192.0.2.1"); n != count || wait != 15*time.Minute {
			t.Errorf("%d of %d were allowed; wait %v", n, count, wait)
		}
		if n, _ := s.begin(0, 1, "192.0.2.2"); n != 1 {
			t.Error("another network was refused")
		}
		if n, _ := s.begin(0, count+1, "[2001:db8::1]"); n != count {
			t.Errorf("IPv6: %d", n)
		}
		if n, _ := s.begin(0, 1, "[2001:db8::ffff:1]"); n != 0 {
			t.Error("another address of the /64 was allowed")
		}
		s.now.Add(int64(15 * time.Minute))
		if n, _ := s.begin(0, count+1, "192.0.2.1"); n != count {
			t.Errorf("after the window: %d", n)
		}
	}
	off := openFlows(t, 1, accounts.Limit{Count: -1})
	if n, _ := off.begin(0, 1000, "192.0.2.1"); n != 1000 {
		t.Errorf("without a limit: %d", n)
	}
	for range 1000 {
		off.acc[0].EndFlow(from("192.0.2.1"), identity.FlowBegins)
	}
	if n := off.store.writes.Load() + off.store.reads.Load(); n != 0 || off.acc[0].FlowNetworks() != 0 {
		t.Errorf("without a limit the store is asked %d times", n)
	}
}

// Flows that end well count for nothing, and cost the store nothing.
func TestSecurity38_FlowsThatEndWell(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 2, accounts.Limit{})
	for range 2000 {
		if n, _ := s.begin(0, 5, "192.0.2.1"); n != 5 {
			t.Fatal("refused")
		}
		for range 5 {
			s.acc[0].EndFlow(from("192.0.2.1"), identity.FlowBegins)
		}
	}
	if w, r := s.store.writes.Load(), s.store.reads.Load(); w+r != 0 {
		t.Errorf("%d writes, %d reads", w, r)
	}
	// They may begin in one process and end in another.
	for range 2000 {
		if n, _ := s.begin(0, 1, "192.0.2.1"); n != 1 {
			t.Fatal("refused")
		}
		s.acc[1].EndFlow(from("192.0.2.1"), identity.FlowBegins)
	}
	if w := s.store.writes.Load(); w > 2*2000/15+2 {
		t.Errorf("%d writes", w)
	}
	// What ends in time makes room.
	few := openFlows(t, 1, accounts.Limit{Count: 3})
	few.begin(0, 4, "192.0.2.1")
	few.acc[0].EndFlow(from("192.0.2.1"), identity.FlowBegins)
	if n, _ := few.begin(0, 2, "192.0.2.1"); n != 1 {
		t.Errorf("%d were allowed after one had ended well", n)
	}
}

// Processes share the count, up to what each has not written yet.
func TestSecurity38_FlowsOfSeveralProcesses(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 3, accounts.Limit{})
	total := 0
	for range 400 {
		for p := range s.acc {
			n, _ := s.begin(p, 1, "192.0.2.1")
			total += n
		}
	}
	if total < 300 || total > 300+3*15 {
		t.Errorf("%d were allowed", total)
	}
	// A process that has refused learns that others took some off.
	for range 100 {
		s.acc[1].EndFlow(from("192.0.2.1"), identity.FlowBegins)
	}
	s.now.Add(int64(time.Second))
	if n, _ := s.begin(0, 1, "192.0.2.1"); n != 1 {
		t.Error("refused, although there is room")
	}
	exact := openFlows(t, 3, accounts.Limit{Count: 5})
	total = 0
	for p := range exact.acc {
		n, _ := exact.begin(p, 5, "192.0.2.1")
		total += n
	}
	if total != 5 {
		t.Errorf("of a small limit %d were allowed", total)
	}
}

// A burst is limited as a queue is.
func TestSecurity38_FlowsInABurst(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 1, accounts.Limit{})
	var wg sync.WaitGroup
	var allowed atomic.Int64
	for range 1000 {
		wg.Go(func() {
			if s.acc[0].BeginFlow(from("192.0.2.1"), identity.FlowBegins) == nil {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := allowed.Load(); n != 300 {
		t.Errorf("%d were allowed", n)
	}
}

// A store that fails is an error, and forgets nothing.
func TestFlowsWhenTheStoreFails(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 2, accounts.Limit{Count: 2})
	r := from("192.0.2.1")
	gone, cancel := context.WithCancel(r.Context())
	cancel()
	begin := func() {
		t.Helper()
		if err := s.acc[0].BeginFlow(r.WithContext(gone), identity.FlowBegins); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	begin()
	s.acc[0].EndFlow(r.WithContext(gone), identity.FlowBegins) // is written all the same
	if n, _ := s.begin(0, 3, "192.0.2.1"); n != 2 {
		t.Errorf("%d were allowed", n)
	}
	s.now.Add(int64(time.Second))
	begin() // which reads
	s.store.unreadable = errFault
	if err := s.acc[0].BeginFlow(r, identity.FlowBegins); !errors.Is(err, errFault) {
		t.Errorf("unreadable: %v", err)
	}
	s.store.unreadable = nil

	// What could not be written is written with the next one, and other processes see it.
	s.now.Add(int64(15 * time.Minute))
	begin()
	if n, _ := s.begin(0, 1, "192.0.2.1"); n != 1 {
		t.Error("refused")
	}
	if n, _ := s.begin(1, 1, "192.0.2.1"); n != 0 {
		t.Error("another process does not see what was counted")
	}
}

func TestFlowThatCannotBeTakenOff(t *testing.T) {
	t.Parallel()
	var es events
	s := newFaultySite(t, true, &es)
	s.store.calls, s.store.failAt = 0, 2
	check(t, s.BeginFlow(from("192.0.2.1"), identity.FlowBegins))
	s.EndFlow(from("192.0.2.1"), identity.FlowBegins)
	if log := s.log.String(); !strings.Contains(log, "counting flows failed") || !strings.Contains(log, errFault.Error()) {
		t.Errorf("log: %s", log)
	}
}

// Long answers have a limit of their own: other sites cause them.
func TestSecurity38_LongAnswersDoNotCountAsFlows(t *testing.T) {
	t.Parallel()
	a, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "http://localhost", Throttle: accounts.Throttle{NetworkFlows: accounts.Limit{Count: 2}}})
	check(t, err)
	r := from("192.0.2.1")
	for _, step := range []identity.FlowStep{identity.LongAnswer, identity.FlowBegins} {
		for i := range 4 {
			if err := a.BeginFlow(r, step); (err == nil) != (i < 2) {
				t.Errorf("%s %d: %v", step, i+1, err)
			}
		}
	}
	a.EndFlow(r, identity.LongAnswer)
	if err := a.BeginFlow(r, identity.FlowBegins); err == nil {
		t.Error("the end of an answer ends a flow")
	}
	check(t, a.BeginFlow(r, identity.LongAnswer))
}
