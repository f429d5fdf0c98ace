package bench_test

import (
	"syscall"
	"testing"
	"time"
)

// cpu is the time that this process has taken of all cores, in user and kernel,
// the garbage collector's included.
func cpu(t testing.TB) time.Duration {
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// metered runs the benchmark f around what it measures, and reports the CPU
// time of an operation; where there is a provider also how often it was called
// and connected to.
func metered(b *testing.B, p *provider, f func()) {
	b.Helper()
	b.ReportAllocs()
	var before counts
	if p != nil {
		before = p.counts(b)
	}
	start := cpu(b)
	f()
	n := float64(b.N)
	b.ReportMetric(float64((cpu(b)-start).Nanoseconds())/1000/n, "cpu-µs/op")
	if p != nil {
		after := p.counts(b)
		b.ReportMetric(float64(after.Calls-before.Calls)/n, "calls/op")
		b.ReportMetric(float64(after.Connections-before.Connections)/n, "conns/op")
	}
}
