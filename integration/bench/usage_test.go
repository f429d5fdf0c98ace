package bench_test

import (
	"syscall"
	"testing"
	"time"
)

// cpu returns the CPU time of this process, user and system, the garbage collector's
// included.
func cpu(t testing.TB) time.Duration {
	var u syscall.Rusage
	must(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs the benchmark's loop f and reports the CPU time of an operation. With a
// provider it also reports calls and new connections to it.
func measure(b *testing.B, p *provider, f func()) {
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
