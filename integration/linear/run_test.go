package linear_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

const (
	callers = 6  // of a key at once
	opsEach = 12 // operations of a caller
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func at(tick int) time.Time { return epoch.Add(time.Duration(tick) * time.Second) }

// How callers use a store.
type usage struct {
	cut      float64 // how likely a caller is cut off in an operation
	claimFor int     // ticks until a claim ends
}

// calm are callers that nothing cuts off, and whose claims do not end: a store in memory
// deletes one that has ended by the clock of any caller.
var calm = usage{claimFor: 1 << 20}

// A history is what happened to one key.
type history struct {
	usage
	key   string
	store []vault.Store // of one database, which callers use in turn

	mu  sync.Mutex
	ops []porcupine.Operation
}

var (
	began = time.Now()
	tick  atomic.Int64 // the time of leases and claims, of all keys: stores delete what has expired
)

func clock() int64 { return time.Since(began).Nanoseconds() }

// record runs all callers of a key and returns what happened.
func record(ctx context.Context, key string, stores []vault.Store, u usage) []porcupine.Operation {
	h := &history{usage: u, key: key, store: stores}
	var all sync.WaitGroup
	for caller := range callers {
		all.Go(func() { h.call(ctx, caller) })
	}
	all.Wait()
	return h.ops
}

func (h *history) call(ctx context.Context, caller int) {
	s := h.store[caller%len(h.store)]
	var id string // of the connection, as the caller knows it
	var version int64
	owner := fmt.Sprintf("owner-%d", caller)
	for n := range opsEach {
		time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond) // so that callers come in between
		now := int(tick.Add(1))
		o := op{now: now, until: now + 25, owner: owner, id: id, version: version}
		kinds := []string{"insert", "find", "claim", "put", "take", "find"}
		if id != "" {
			kinds = []string{"update", "update", "update-and-release", "lease", "lease", "release", "remove", "version", "find", "claim", "take"}
		}
		o.kind = kinds[rand.IntN(len(kinds))]
		switch o.kind {
		case "insert":
			o.id = fmt.Sprintf("%s-%d-%d", h.key, caller, n)
		case "put":
			if caller != 0 || n != 0 { // a value is put once
				o.kind = "take"
			}
		}
		if o.kind == "claim" {
			o.until = now + h.claimFor
		}
		one, cancel := ctx, context.CancelFunc(func() {})
		if rand.Float64() < h.cut {
			one, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(1500))*time.Microsecond)
		}
		call := clock()
		r := do(one, s, h.key, o)
		cancel()
		end := clock()
		if r.unknown {
			end = math.MaxInt64 // it may yet happen
		}
		if o.kind == "insert" || o.kind == "find" || r.outcome == "none" || r.outcome == "stale" {
			id, version = "", 0
		}
		switch {
		case o.kind == "insert" && r.outcome == "ok":
			id, version = o.id, 1
		case o.kind == "find" && r.outcome == "ok", o.kind == "lease" && r.outcome == "ok", o.kind == "version" && r.outcome == "ok":
			if o.kind == "find" {
				id = r.id
			}
			version = r.version
		case (o.kind == "update" || o.kind == "update-and-release") && r.outcome == "ok":
			version++
		}
		h.mu.Lock()
		h.ops = append(h.ops, porcupine.Operation{ClientId: caller, Input: o, Call: call, Output: r, Return: end})
		h.mu.Unlock()
	}
}

// do asks a store.
func do(ctx context.Context, s vault.Store, key string, o op) result {
	switch o.kind {
	case "insert":
		_, err := s.Insert(ctx, vault.Connection{ID: o.id, UserID: key, ProviderID: "p", ProviderUserID: key, Status: vault.Active, Rank: -1}, []byte("sealed"))
		return outcome(err)
	case "find":
		c, err := s.ByIdentity(ctx, vault.Identity{ProviderID: "p", ProviderUserID: key})
		return known(result{outcome: "ok", id: c.ID, version: c.Version}, err)
	case "version":
		version, err := s.Version(ctx, o.id)
		return known(result{outcome: "ok", version: version}, err)
	case "update":
		return outcome(s.Update(ctx, vault.Connection{ID: o.id, Version: o.version, Status: vault.Active}, []byte("again")))
	case "update-and-release":
		return outcome(s.UpdateAndRelease(ctx, vault.Connection{ID: o.id, Version: o.version, Status: vault.Active}, []byte("again"), o.owner))
	case "remove":
		removed, err := s.Remove(ctx, vault.Removal{UserID: key, ProviderID: "p"})
		if err != nil {
			return outcome(err)
		}
		return result{outcome: "ok", id: removed[0].ID, version: removed[0].Version}
	case "lease":
		c, _, interrupted, err := s.Lease(ctx, o.id, o.owner, at(o.now), at(o.until))
		return known(result{outcome: "ok", version: c.Version, interrupted: interrupted}, err)
	case "release":
		return outcome(s.Release(ctx, o.id, o.owner))
	case "claim":
		return outcome(s.Claim(ctx, vault.Claim{Key: []byte(key), Now: at(o.now), Until: at(o.until)}))
	case "put":
		return outcome(s.PutOneTime(ctx, onetime.Value{ID: key, Purpose: "linear", NotBefore: at(0), Expires: at(1 << 30)}))
	case "take":
		_, err := s.TakeOneTime(ctx, key, at(o.now))
		return outcome(err)
	}
	panic("unknown operation " + o.kind)
}

func known(r result, err error) result {
	if err != nil {
		return outcome(err)
	}
	return r
}

// outcome is that of an error which a contract names; with any other it is unknown what
// happened.
func outcome(err error) result {
	for name, want := range map[string]error{"taken": vault.ErrTaken, "stale": vault.ErrStale, "none": vault.ErrNoConnection, "leased": vault.ErrLeased, "claimed": vault.ErrClaimed} {
		if errors.Is(err, want) {
			return result{outcome: name}
		}
	}
	switch {
	case err == nil:
		return result{outcome: "ok"}
	case errors.Is(err, onetime.ErrNone):
		return result{outcome: "none"}
	}
	return result{unknown: true}
}

// accepts reports whether what happened to a key is linearizable.
func accepts(t testing.TB, ops []porcupine.Operation) bool {
	t.Helper()
	switch porcupine.CheckOperationsTimeout(model, ops, time.Minute) {
	case porcupine.Ok:
		return true
	case porcupine.Unknown:
		t.Log("a history took too long to check")
		return true
	}
	return false
}

// check records so many histories, and reports those that are not linearizable.
func check(t *testing.T, stores []vault.Store, histories int, u usage) {
	t.Helper()
	var all sync.WaitGroup
	free := make(chan struct{}, 8)
	unknown, total := 0, 0
	var mu sync.Mutex
	for n := range histories {
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			ops := record(t.Context(), fmt.Sprintf("key-%s-%d", t.Name(), n), stores, u)
			if !accepts(t, ops) {
				t.Errorf("not linearizable:\n%s", describe(ops))
			}
			mu.Lock()
			defer mu.Unlock()
			for _, o := range ops {
				total++
				if o.Output.(result).unknown {
					unknown++
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d histories of %d operations, %d of which were cut off", histories, total, unknown)
	if u.cut > 0 && unknown == 0 {
		t.Error("no operation was cut off")
	}
}

// describe shows what happened, in the order in which most of it can have happened, and what
// does not fit then.
func describe(ops []porcupine.Operation) (text string) {
	_, info := porcupine.CheckOperationsVerbose(model, ops, 10*time.Second)
	var longest []porcupine.Operation
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, some := range partition {
			if len(some) > len(longest) {
				longest = some
			}
		}
	}
	fits := map[int64]bool{}
	for _, o := range longest {
		fits[o.Call] = true
		text += line(o)
	}
	text += "  ---\n"
	for _, o := range ops {
		if !fits[o.Call] {
			text += line(o)
		}
	}
	return text
}

func line(o porcupine.Operation) string {
	return fmt.Sprintf("  %d: [%d, %d] %+v: %+v\n", o.ClientId, o.Call/1000, o.Return/1000, o.Input, o.Output)
}
