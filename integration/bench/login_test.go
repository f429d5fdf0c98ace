package bench_test

import (
	"net/http"
	"testing"
)

// logins are the log-ins that the benchmarks compare, with their baselines.
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

// BenchmarkLoginParallel measures 32 log-ins at once: connections to the provider,
// which should be kept, and log-ins a second.
func BenchmarkLoginParallel(b *testing.B) {
	p := startProvider(b)
	for _, way := range logins[:2] {
		b.Run(way.name, func(b *testing.B) {
			h := way.site(b, p)
			logIn(b, h)
			b.SetParallelism(16)
			measure(b, p, func() {
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
