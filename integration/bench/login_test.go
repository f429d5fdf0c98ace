package bench_test

import (
	"net/http"
	"testing"
)

// logins are the ways to log in that are compared, the baselines among them.
var logins = []struct {
	name string
	site func(testing.TB, *provider) http.Handler
}{
	{"limit", newLimit},
	{"social-oauth2-sqlite", func(t testing.TB, p *provider) http.Handler { return newSite(t, p.oauth2()) }},
	{"oidc-limit", newOIDCLimit},
	{"social-oidc-sqlite", func(t testing.TB, p *provider) http.Handler { return newSite(t, p.oidc()) }},
	{"social-oauth1-sqlite", func(t testing.TB, p *provider) http.Handler { return newSite(t, p.oauth1()) }},
}

// BenchmarkLogin is a whole log-in of a known user: to the provider, which is
// another process, and back.
func BenchmarkLogin(b *testing.B) {
	p := startProvider(b)
	for _, way := range logins {
		b.Run(way.name, func(b *testing.B) {
			h := way.site(b, p)
			for range 20 {
				logIn(b, h)
			}
			metered(b, p, func() {
				for b.Loop() {
					logIn(b, h)
				}
			})
		})
	}
}

// BenchmarkLoginParallel is the same by 32 at once: what counts are the
// connections to the provider, which are kept, and the log-ins a second.
func BenchmarkLoginParallel(b *testing.B) {
	p := startProvider(b)
	for _, way := range logins[:2] {
		b.Run(way.name, func(b *testing.B) {
			h := way.site(b, p)
			logIn(b, h)
			b.SetParallelism(16)
			metered(b, p, func() {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						logIn(b, h)
					}
				})
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "log-ins/s")
		})
	}
}
