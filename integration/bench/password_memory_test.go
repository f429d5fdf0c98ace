//go:build linux && !race

package bench_test

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// A hundred log-ins with a password at a time take 1.3 times as much memory as is
// configured for hashes at most, everything else that they need included. They run in
// another process, where nothing else does.
func TestPasswordMemory(t *testing.T) {
	const child, cpus, hash = "SOCIAL_PASSWORD_MEMORY", 2, 19 << 10
	if os.Getenv(child) == "" {
		run := exec.Command(os.Args[0], "-test.run=^TestPasswordMemory$", "-test.v")
		run.Env = append(os.Environ(), child+"=1", fmt.Sprintf("GOMAXPROCS=%d", cpus))
		out, err := run.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "of what is configured") && !strings.Contains(string(out), "SKIP") {
			t.Fatalf("%v: %s", err, out)
		}
		t.Logf("%s", out)
		return
	}
	p := newPasswords(t)
	resetPeak(t)
	p.logIn(t, 100)
	peak := float64(p.peak(t)) / (cpus * hash)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	t.Logf("%.2f of what is configured; the heap takes %d MiB", peak, m.HeapSys>>20)
	if peak < 0.9 || peak > 1.3 {
		t.Errorf("the memory of %d log-ins at a time is %.2f of what is configured for hashes", 100, peak)
	}
}
