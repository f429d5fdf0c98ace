package bench_test

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore/sqlite"
)

// A way is one to log in.
type way struct {
	name string
	site func(testing.TB, *provider) http.Handler
}

// logins are the log-ins that the benchmarks compare, with their baselines.
var logins = []way{
	{"limit", newLimit},
	{"floor", newFloor},
	{"social-oauth2-sqlite", func(t testing.TB, p *provider) http.Handler { return newSite(t, p.oauth2()) }},
	{"oidc-limit", newOIDCLimit},
	{"social-oidc-sqlite", func(t testing.TB, p *provider) http.Handler { return newSite(t, p.oidc()) }},
	{"social-oauth1-sqlite", func(t testing.TB, p *provider) http.Handler { return newSite(t, p.oauth1()) }},
	{"social-new-user-sqlite", newSignUps},
	{"goth", newGoth},
	{"go-pkgz", newPkgz},
}

// BenchmarkLogin measures the log-in of a known user, from the button to the
// redirect after the callback. The provider is another process.
func BenchmarkLogin(b *testing.B) {
	p := startProvider(b)
	for _, way := range logins {
		b.Run(way.name, func(b *testing.B) {
			h := way.site(b, p)
			for range 20 {
				logIn(b, h)
			}
			measure(b, p, func() {
				for b.Loop() {
					logIn(b, h)
				}
			})
		})
	}
}

// BenchmarkLoginParallel measures 8 and 64 log-ins at once: connections to the provider,
// which should be kept, log-ins a second, and how long the slowest one in a hundred takes.
func BenchmarkLoginParallel(b *testing.B) {
	p := startProvider(b)
	ways := append(logins[:3:3], way{"social-new-user-sqlite", newSignUps}, way{"social-oauth2-sqlite-full", func(t testing.TB, p *provider) http.Handler {
		return newSiteOn(t, newStore(t, sqlite.Pragma("synchronous", "FULL")), p.oauth2())
	}})
	for _, browsers := range []int{8, 64} {
		for _, way := range ways {
			b.Run(fmt.Sprintf("%s/%d", way.name, browsers), func(b *testing.B) {
				h := way.site(b, p)
				logIn(b, h)
				var mu sync.Mutex
				var all []time.Duration
				b.SetParallelism(max(browsers/runtime.GOMAXPROCS(0), 1))
				measure(b, p, func() {
					b.RunParallel(func(pb *testing.PB) {
						var own []time.Duration
						for pb.Next() {
							began := time.Now()
							logIn(b, h)
							own = append(own, time.Since(began))
						}
						mu.Lock()
						defer mu.Unlock()
						all = append(all, own...)
					})
				})
				slices.Sort(all)
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "log-ins/s")
				b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
			})
		}
	}
}
