package vault_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// step is how a state was reached first.
type step struct {
	from mstate
	what string
}

// explore visits every state that can be reached, and returns how many there
// are, and the shortest way to one that breaks an invariant, or "".
func (m *model) explore(start mstate, must []invariant) (states int, wrong string) {
	came := map[mstate]step{start: {}}
	order := []mstate{start}
	back := map[mstate][]mstate{} // by steps that are no faults
	for at := 0; at < len(order); at++ {
		s := order[at]
		for _, i := range must {
			if i.broken(m, &s) {
				return len(order), i.name + ": " + trace(came, s)
			}
		}
		for _, e := range m.steps(s) {
			if _, seen := came[e.to]; !seen {
				came[e.to] = step{s, e.what}
				order = append(order, e.to)
			}
			if !e.fault {
				back[e.to] = append(back[e.to], s)
			}
		}
	}
	// Every state leads to one of rest, without the help of a fault.
	rests := map[mstate]bool{}
	var queue []mstate
	for _, s := range order {
		if s.quiescent() {
			rests[s] = true
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, before := range back[s] {
			if !rests[before] {
				rests[before] = true
				queue = append(queue, before)
			}
		}
	}
	for _, s := range order {
		if !rests[s] {
			return len(order), "stuck: " + trace(came, s)
		}
	}
	return len(order), ""
}

func trace(came map[mstate]step, s mstate) string {
	var way []string
	for {
		c := came[s]
		if c.what == "" {
			break
		}
		what := c.what
		for i := range s.process {
			if s.process[i] != c.from.process[i] {
				what = fmt.Sprintf("%c %s", 'A'+i, what)
			}
		}
		way = append([]string{what}, way...)
		s = c.from
	}
	return strings.Join(way, ", ")
}

// quiescent reports whether no process does anything, and no lease keeps one from
// it.
func (s *mstate) quiescent() bool {
	for i := range s.process {
		if s.process[i].pc != idle {
			return false
		}
	}
	return !s.isLate && !s.revoking && (!s.row.exists || s.row.owner == noOwner || s.row.expired)
}

// An invariant holds in every state.
type invariant struct {
	name   string
	broken func(*model, *mstate) bool
}

var (
	oneRequest = invariant{"two requests under way", func(_ *model, s *mstate) bool {
		n := 0
		for i := range s.process {
			if s.process[i].pc == waiting {
				n++
			}
		}
		return n > 1
	}}
	neverTwice = invariant{"a refresh token sent twice", func(_ *model, s *mstate) bool { return s.reused && !s.unknown }}
	staysGone  = invariant{"a removed row is back", func(_ *model, s *mstate) bool { return s.removed && s.row.exists }}
	notWronged = invariant{"a good token believed to be rejected", func(_ *model, s *mstate) bool { return s.wronged }}
	newestKept = invariant{"the newest token is not the one kept", func(_ *model, s *mstate) bool {
		return s.quiescent() && s.row.exists && !s.row.needs && !s.unknown && !s.good(s.row.refresh)
	}}
	revoked = invariant{"a removed connection's token lives on", func(_ *model, s *mstate) bool {
		return s.quiescent() && s.removed && !s.unknown && !s.ended[s.row.refresh.grant]
	}}
	// Whatever has happened, one refresh without further faults works or says that
	// the user is needed.
	recovers = invariant{"one attempt settles nothing", func(m *model, s *mstate) bool {
		if !s.quiescent() || !s.row.exists || s.row.needs {
			return false
		}
		alone := *s
		alone.left = budget{starts: 1}
		for alone.left.starts > 0 || !alone.quiescent() {
			next := m.steps(alone)
			if len(next) == 0 {
				return true
			}
			alone = next[0].to
		}
		return !alone.row.needs && !alone.good(alone.row.refresh)
	}}
	blamed = invariant{"a rotation that we lost is called revoked", func(_ *model, s *mstate) bool { return s.row.needs && !s.row.lost }}
)

// A scope is what a search covers.
type scope struct {
	name string
	model
	left budget
	must []invariant
}

var always = []invariant{oneRequest, neverTwice, staysGone, notWronged, newestKept, revoked, recovers}

var scopes = []scope{
	// A loss is blamed on us only if no request of a dead process arrives after its
	// successor's.
	{"crashes", model{processes: 2, prompt: true},
		budget{starts: 3, crashes: 2, silences: 1, meets: 1, reseals: 1, faults: 1}, append([]invariant{blamed}, always...)},
	{"others", model{processes: 2},
		budget{starts: 2, renews: 1, keeps: 1, meets: 1, checks: 1, reseals: 1, removes: 1, faults: 1}, always},
	{"all", model{processes: 2},
		budget{starts: 2, crashes: 1, silences: 1, renews: 1, keeps: 1, checks: 1, removes: 1}, always},
	{"three", model{processes: 3},
		budget{starts: 3, crashes: 1, renews: 1, removes: 1}, always},
	// A process may stop for longer than its lease, and then go on.
	{"late leases", model{processes: 2, weak: weakness{leasesRunOut: true}},
		budget{starts: 2, crashes: 1, renews: 1, removes: 1, faults: 1}, []invariant{staysGone, notWronged, recovers}},
}

func (c scope) search(w weakness) (int, string) {
	w.leasesRunOut = c.weak.leasesRunOut
	c.weak = w
	if os.Getenv("SOAK") != "" {
		c.left.starts++
	}
	return c.explore(mstate{row: mrow{exists: true, owner: noOwner}, left: c.left}, c.must)
}

func TestProtocol(t *testing.T) {
	t.Parallel()
	for _, c := range scopes {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			states, wrong := c.search(weakness{})
			if wrong != "" {
				t.Error(wrong)
			}
			t.Logf("%s: %d states", c.name, states)
		})
	}
}

// Each step is needed: without it the search finds a violation.
func TestProtocolWithoutAStep(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]weakness{
		"no lease":                                   {noLease: true},
		"the row is not read again once leased":      {noReread: true},
		"the write is not fenced":                    {unfenced: true},
		"a rejection is believed without a look":     {believes: true},
		"every write ends the lease":                 {writeEndsLease: true},
		"a dead process's lease has no end":          {noExpiry: true},
		"an interruption is forgotten":               {forgets: true},
		"a note is given up to another write":        {notesOnce: true},
		"a token that comes too late is not revoked": {dropsToken: true},
		"a changed row ends the saving":              {dropsStale: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range scopes {
				if states, wrong := c.search(w); wrong != "" {
					t.Logf("%s; %s, after %d states: %s", name, c.name, states, wrong)
					return
				}
			}
			t.Error("nothing goes wrong")
		})
	}
}
