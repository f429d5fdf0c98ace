package accounts_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

// What counts in this process alone ends with the window, too, and no network's count
// disturbs another's.
func TestSecurity38_UnwrittenFlows(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 1, accounts.Limit{})
	s.begin(0, 14, "192.0.2.1") // of a batch of 15
	s.now.Add(int64(15 * time.Minute))
	if n, _ := s.begin(0, 310, "192.0.2.1"); n != 300 {
		t.Errorf("%d were allowed in the next window", n)
	}
	few := openFlows(t, 1, accounts.Limit{Count: 40})
	allowed := map[string]int{}
	for range 50 {
		for _, address := range []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"} {
			n, _ := few.begin(0, 1, address)
			allowed[address] += n
		}
	}
	for address, n := range allowed {
		if n != 40 {
			t.Errorf("%s: %d were allowed", address, n)
		}
	}
}

// A limit that is used up is looked at once a second, which counts nothing.
func TestSecurity38_FlowsBeyondTheLimitCostLittle(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 2, accounts.Limit{Count: 5})
	s.begin(0, 5, "192.0.2.1")
	written := s.store.writes.Load()
	for second := range 5 {
		before := s.store.reads.Load()
		if n, _ := s.begin(0, 100, "192.0.2.1"); n != 0 {
			t.Errorf("%d were allowed beyond the limit", n)
		}
		if n := s.store.reads.Load() - before; n > 1 || second > 0 && n != 1 {
			t.Errorf("%d reads in a second", n)
		}
		s.now.Add(int64(time.Second))
	}
	if n := s.store.writes.Load() - written; n != 0 {
		t.Errorf("%d refusals were written", n)
	}
	// What another process takes off makes as much room.
	s.acc[1].EndFlow(from("192.0.2.1"), identity.FlowBegins)
	s.acc[1].EndFlow(from("192.0.2.1"), identity.FlowBegins)
	if n, _ := s.begin(0, 4, "192.0.2.1"); n != 2 {
		t.Errorf("%d were allowed for two that ended", n)
	}
}

// Flows that end in another process than they began in are written in batches.
func TestFlowsAreTakenOffInBatches(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 2, accounts.Limit{})
	s.begin(0, 300, "192.0.2.1")
	written := s.store.writes.Load()
	for i, want := range []int64{0, 1, 1, 2} {
		for range []int{14, 1, 14, 1}[i] {
			s.acc[1].EndFlow(from("192.0.2.1"), identity.FlowBegins)
		}
		if n := s.store.writes.Load() - written; n != want {
			t.Errorf("%d writes, want %d", n, want)
		}
	}
}

// What is being written counts.
func TestSecurity38_FlowsWhileOthersAreWritten(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 1, accounts.Limit{Count: 40})
	total := 0
	s.store.before = func() {
		n, _ := s.begin(0, 60, "192.0.2.1")
		total += n
	}
	n, _ := s.begin(0, 60, "192.0.2.1")
	if total += n; total != 40 {
		t.Errorf("%d were allowed", total)
	}
}

// Answers of the store may come in another order than it counted: the higher one counts in
// a window, and the window's own in the next one.
func TestSecurity38_FlowsWhoseAnswersComeLate(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 1, accounts.Limit{Count: 40})
	s.begin(0, 36, "192.0.2.1")
	total := 36
	s.store.after = func() {
		n, _ := s.begin(0, 2, "192.0.2.1")
		total += n
	}
	n, _ := s.begin(0, 2, "192.0.2.1")
	total += n
	n, _ = s.begin(0, 60, "192.0.2.1")
	if total += n; total != 40 {
		t.Errorf("%d were allowed", total)
	}
	s = openFlows(t, 2, accounts.Limit{Count: 40})
	s.begin(0, 38, "192.0.2.1")
	s.store.before = func() {
		s.now.Add(int64(15 * time.Minute))
		total, _ = s.begin(1, 2, "192.0.2.1") // in another process
	}
	n, _ = s.begin(0, 2, "192.0.2.1")
	total += n
	parallel := 0
	s.store.before = func() { parallel, _ = s.begin(0, 60, "192.0.2.1") }
	n, _ = s.begin(0, 60, "192.0.2.1")
	if total += n + parallel; total != 40 || parallel != 34 {
		t.Errorf("%d were allowed in the next window, %d of them while two were written", total, parallel)
	}
}

// A window may end while flows are written: they count once, in one of the two.
func TestSecurity38_FlowsThatAreWrittenAsTheWindowEnds(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(s *flowSite) int{
		"others come": func(s *flowSite) int {
			s.now.Add(int64(15 * time.Minute))
			n, _ := s.begin(0, 2, "192.0.2.1") // which are written first
			return n + 2
		},
		"so many networks come that some are forgotten": func(s *flowSite) int {
			for i := range accounts.MaxFlowNetworks - 1 {
				s.begin(0, 1, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
			}
			s.now.Add(int64(15 * time.Minute))
			s.begin(0, 1, "192.0.2.2")
			return 0
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := openFlows(t, 1, accounts.Limit{Count: 40})
			total := 0
			s.store.before = func() { total = meanwhile(s) }
			s.begin(0, 2, "192.0.2.1")
			n, _ := s.begin(0, 60, "192.0.2.1")
			if total += n; total != 40 {
				t.Errorf("%d were allowed", total)
			}
		})
	}
}

// A limit that batches do not fill holds to the flow.
func TestSecurity38_FlowsOfAnOddLimit(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 1, accounts.Limit{Count: 310})
	if n, _ := s.begin(0, 400, "192.0.2.1"); n != 310 {
		t.Errorf("%d were allowed", n)
	}
}

// Only so many networks are remembered, however many come, and those that have nothing
// to remember are not.
func TestFlowNetworksAreBounded(t *testing.T) {
	t.Parallel()
	s := openFlows(t, 1, accounts.Limit{})
	acc := s.acc[0]
	address := func(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255) }
	for i := range accounts.MaxFlowNetworks {
		s.begin(0, 1, address(i))
	}
	if n := acc.FlowNetworks(); n != accounts.MaxFlowNetworks {
		t.Errorf("%d networks are remembered", n)
	}
	s.begin(0, 1, address(0)) // is remembered already
	if n := acc.FlowNetworks(); n != accounts.MaxFlowNetworks {
		t.Errorf("%d networks are remembered after one of them came again", n)
	}
	s.begin(0, 1, "192.0.2.1")
	if n := acc.FlowNetworks(); n != accounts.MaxFlowNetworks*9/10+1 {
		t.Errorf("beyond the most %d networks are remembered", n)
	}
	for i := acc.FlowNetworks(); i < accounts.MaxFlowNetworks; i++ {
		s.begin(0, 1, address(100_000+i))
	}
	s.now.Add(int64(15 * time.Minute))
	for i := range 10 {
		s.begin(0, 1, fmt.Sprintf("192.0.2.%d", 2+i))
	}
	if n := acc.FlowNetworks(); n != 10 {
		t.Errorf("%d networks are remembered of a window that has ended", n-10)
	}
	for i := range 10 {
		acc.EndFlow(from(fmt.Sprintf("192.0.2.%d", 2+i)), identity.FlowBegins)
	}
	if n := acc.FlowNetworks(); n != 0 {
		t.Errorf("%d networks are remembered for nothing", n)
	}
}
