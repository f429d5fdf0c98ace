package bench_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/sqlstore/sqlite"
)

// BenchmarkPasswordLogin measures a hundred log-ins with a password, by 2 and by 100
// workers: the growth of the process's peak memory, and log-ins a second.
func BenchmarkPasswordLogin(b *testing.B) {
	const logins, password = 100, "correct horse battery"
	store, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "social.db"), sqlite.Migrate())
	must(b, err)
	defer store.Close()
	unlimited := accounts.Limit{Count: -1}
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: appURL,
		Throttle: accounts.Throttle{AccountLogins: unlimited, NetworkLogins: unlimited}})
	must(b, err)
	_, err = acc.Create(context.Background(), accounts.NewUser{Email: "matt@lp.com", Password: password})
	must(b, err)
	for _, workers := range []int{2, 100} {
		b.Run(strconv.Itoa(workers), func(b *testing.B) {
			debug.FreeOSMemory()
			resetPeak(b)
			before := resident(b, "VmRSS")
			measure(b, nil, func() {
				for b.Loop() {
					var wg sync.WaitGroup
					for range workers {
						wg.Go(func() {
							for range logins / workers {
								w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/login", nil)
								if err := acc.LogIn(w, r, "matt@lp.com", password, false); err != nil {
									b.Error(err)
								}
							}
						})
					}
					wg.Wait()
				}
			})
			b.ReportMetric(float64(logins*b.N)/b.Elapsed().Seconds(), "log-ins/s")
			b.ReportMetric(float64(resident(b, "VmHWM")-before)/1024, "peak-MiB")
		})
	}
}

// resetPeak resets VmHWM (proc(5), clear_refs).
func resetPeak(b *testing.B) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Skip(err)
	}
}

// resident returns a size of /proc/self/status in KiB.
func resident(b *testing.B, name string) int {
	status, err := os.ReadFile("/proc/self/status")
	must(b, err)
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			must(b, err)
			return kib
		}
	}
	b.Fatal(name + " is missing")
	return 0
}
