//go:build !race

package bench_test

import (
	"math"
	"net/http"
	"runtime"
	"testing"
)

// allocations returns what one call of f allocates: how often, and how much. It
// is the least of several rounds: on a busy machine timers and idle connections
// that end meanwhile are counted too.
func allocations(f func()) (times, bytes int) {
	const rounds, runs = 5, 100
	times, bytes = math.MaxInt, math.MaxInt
	f()
	for range rounds {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			f()
		}
		runtime.ReadMemStats(&after)
		times = min(times, int((after.Mallocs-before.Mallocs)/runs))
		bytes = min(bytes, int((after.TotalAlloc-before.TotalAlloc)/runs))
	}
	return times, bytes
}

// echo answers as a site does, and does nothing else: what is counted with it
// is the browser's own.
func echo(w http.ResponseWriter, r *http.Request) {
	w.Header()["Location"] = []string{"/elsewhere"}
	w.Header()["Set-Cookie"] = []string{"flow=1; Path=/"}
	w.WriteHeader(http.StatusSeeOther)
}

// The provider is another process, and the browser's part is taken off.
func TestLogInAllocations(t *testing.T) {
	p := startProvider(t)
	ownTimes, ownBytes := allocations(func() { logIn(t, http.HandlerFunc(echo)) })
	for _, gate := range []struct {
		name         string
		site         http.Handler
		times, bytes int
	}{
		{"oauth2", newSite(t, p.oauth2()), 450, 40_000},
		{"oidc", newSite(t, p.oidc()), 520, 46_000},
		{"oauth1", newSite(t, p.oauth1()), 590, 48_000},
	} {
		for range 20 {
			logIn(t, gate.site)
		}
		times, bytes := allocations(func() { logIn(t, gate.site) })
		times, bytes = times-ownTimes, bytes-ownBytes
		t.Logf("%s: %d allocations, %d bytes", gate.name, times, bytes)
		if times > gate.times || bytes > gate.bytes {
			t.Errorf("%s: %d allocations of %d bytes, the budget is %d of %d", gate.name, times, bytes, gate.times, gate.bytes)
		}
	}
}

func TestRequestAllocations(t *testing.T) {
	const budget = 60
	s := newSite(t, startProvider(t).oauth2())
	cookie := logIn(t, s)
	own, _ := allocations(func() { get(t, bare, cookie) })
	h := s.acc.Middleware(s.acc.RequireLogin(bare))
	times, _ := allocations(func() { get(t, h, cookie) })
	t.Logf("%d allocations over a bare handler", times-own)
	if times-own > budget {
		t.Errorf("%d allocations over a bare handler, the budget is %d", times-own, budget)
	}
}

func TestClientAllocations(t *testing.T) {
	const budget = 3
	bare, signed, req := apiClients(t, startProvider(t))
	own, _ := allocations(func() { call(t, bare, req) })
	times, _ := allocations(func() { call(t, signed, req) })
	if times-own > budget {
		t.Errorf("%d allocations over a bare client, the budget is %d", times-own, budget)
	}
}
