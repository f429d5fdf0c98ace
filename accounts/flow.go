package accounts

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
)

// BeginFlow counts a step of a flow through a provider in the request's network, or
// returns a *ThrottledError for one beyond Throttle.NetworkFlows, which is each step's alone.
// EndFlow takes one off that ended well, so that only the others count.
//
// A process counts in memory, and writes when a twentieth of the limit has come
// together: flows that end well cost the store nothing. Each process may so allow that
// much more.
func (a *Accounts) BeginFlow(r *http.Request, step identity.FlowStep) error {
	limit := a.config.Throttle.NetworkFlows
	if limit.Count < 0 {
		return nil
	}
	ctx, key := r.Context(), a.flowKey(r, step)
	write, full := a.flows.add(key, 1, a.now(), limit)
	if full && a.flows.old(key, a.now()) {
		// Other processes may have taken some off, or the window may have ended.
		n, ends, err := a.attempts(ctx, a.networkFlows(ctx, r, step), 0)
		if err != nil {
			return err
		}
		a.flows.set(key, 0, n, ends, a.now())
		write, full = a.flows.add(key, 1, a.now(), limit)
	}
	if full {
		return a.throttled(ctx, a.networkFlows(ctx, r, step), a.flows.ends(key))
	}
	if write == 0 {
		return nil
	}
	n, ends, err := a.writeFlows(ctx, key, a.networkFlows(ctx, r, step), write)
	if err == nil && n > limit.Count {
		err = a.throttled(ctx, a.networkFlows(ctx, r, step), ends)
	}
	return err
}

// EndFlow takes one step of the request's network off what BeginFlow counts.
func (a *Accounts) EndFlow(r *http.Request, step identity.FlowStep) {
	limit := a.config.Throttle.NetworkFlows
	if limit.Count < 0 {
		return
	}
	key := a.flowKey(r, step)
	write, _ := a.flows.add(key, -1, a.now(), limit)
	if write == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 5*time.Second)
	defer cancel()
	if _, _, err := a.writeFlows(ctx, key, a.networkFlows(ctx, r, step), write); err != nil {
		a.config.Logger.WarnContext(ctx, "accounts: counting flows failed", "error", err)
	}
}

func (a *Accounts) networkFlows(ctx context.Context, r *http.Request, step identity.FlowStep) counter {
	return counter{keyOf(ctx, string(step), a.network(r).String()), "NetworkFlows", a.config.Throttle.NetworkFlows, r}
}

func (a *Accounts) writeFlows(ctx context.Context, key flowKey, c counter, more int) (n int, ends time.Time, err error) {
	if n, ends, err = a.attempts(ctx, c, more); err != nil {
		a.flows.unset(key, more)
		return n, ends, err
	}
	a.flows.set(key, more, n, ends, a.now())
	return n, ends, nil
}

// A flowKey is a step in a network of a tenant.
type flowKey struct {
	step    identity.FlowStep
	tenant  string
	network netip.Prefix
}

func (a *Accounts) flowKey(r *http.Request, step identity.FlowStep) flowKey {
	return flowKey{step, tenant.From(r.Context()), a.network(r)}
}

// flows count the flows of networks in this process.
type flows struct {
	mu    sync.Mutex
	byKey map[flowKey]flowCount
}

// A flowCount is what counts in the window that runs.
type flowCount struct {
	here    int       // counted in this process, and not written
	writing int       // being written
	shared  int       // of all processes, at the time read
	read    time.Time // zero: never
	ends    time.Time // of the window
}

// maxFlowKeys bounds how many networks are remembered. Those with nothing to remember
// are not.
const maxFlowKeys = 50_000

// add counts more flows, unless they are beyond the limit: full. write is how many are
// to be written, after which the caller calls set or unset.
func (f *flows) add(key flowKey, more int, now time.Time, limit Limit) (write int, full bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.byKey[key]
	if !c.ends.After(now) {
		c = flowCount{writing: c.writing, ends: now.Add(limit.Per)}
	}
	if more > 0 && c.shared+c.writing+c.here+more > limit.Count {
		return 0, true
	}
	c.here += more
	if batch := max(limit.Count/20, 1); c.here >= batch || c.here <= -batch {
		write = c.here
		c.writing += write
		c.here = 0
	}
	f.put(key, c, now)
	return write, false
}

// set takes the count of all processes, after so many of this one were written.
func (f *flows) set(key flowKey, wrote, shared int, ends, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.byKey[key]
	c.writing -= wrote
	if wrote > 0 && c.ends.Equal(ends) {
		shared = max(shared, c.shared) // answers may come in another order than the store's
	}
	c.shared, c.read, c.ends = shared, now, ends
	f.put(key, c, now)
}

// unset takes back what could not be written.
func (f *flows) unset(key flowKey, more int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.byKey[key]
	c.writing -= more
	c.here += more
	f.byKey[key] = c
}

// old reports whether it is worth reading what all processes have counted.
func (f *flows) old(key flowKey, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return now.Sub(f.byKey[key].read) >= time.Second
}

func (f *flows) ends(key flowKey) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byKey[key].ends
}

// put keeps a count that has something to remember. The caller holds mu.
func (f *flows) put(key flowKey, c flowCount, now time.Time) {
	if c.here == 0 && c.writing == 0 && c.shared <= 0 {
		delete(f.byKey, key)
		return
	}
	if f.byKey == nil {
		f.byKey = make(map[flowKey]flowCount)
	}
	if _, known := f.byKey[key]; !known && len(f.byKey) >= maxFlowKeys {
		f.makeRoom(now)
	}
	f.byKey[key] = c
}

// makeRoom makes some room at once, because it takes a look at all counts. Those that
// are being written stay.
func (f *flows) makeRoom(now time.Time) {
	for key, c := range f.byKey {
		if c.writing == 0 && (!c.ends.After(now) || len(f.byKey) > maxFlowKeys*9/10) {
			delete(f.byKey, key)
		}
	}
}
