package bench_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/sqlstore/sqlite"
)

// BenchmarkPasswordLogin measures a hundred log-ins with a password, by 2 and by 100
// workers: log-ins a second, and by how much the process's peak memory is above what it
// has before the first hash. Beside them a hundred hashes alone, of golang.org/x/crypto's.
func BenchmarkPasswordLogin(b *testing.B) {
	p := newPasswords(b)
	b.Run("hash", func(b *testing.B) {
		measure(b, nil, func() {
			for b.Loop() {
				each(2, func() { argon2.IDKey([]byte(password), []byte("saltsaltsaltsalt"), 2, 19<<10, 1, 32) })
			}
		})
	})
	for _, workers := range []int{2, 100} {
		b.Run(strconv.Itoa(workers), func(b *testing.B) {
			debug.FreeOSMemory()
			resetPeak(b)
			measure(b, nil, func() {
				for b.Loop() {
					p.logIn(b, workers)
				}
			})
			b.ReportMetric(float64(passwordLogIns*b.N)/b.Elapsed().Seconds(), "log-ins/s")
			b.ReportMetric(float64(p.peak(b))/1024, "peak-MiB")
		})
	}
}

const (
	passwordLogIns = 100
	password       = "correct horse battery"
)

// passwords is a site whose user logs in with a password.
type passwords struct {
	acc    *accounts.Accounts
	before int // KiB of memory before the first hash
}

func newPasswords(t testing.TB) passwords {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "social.db"), sqlite.Migrate())
	must(t, err)
	t.Cleanup(func() { store.Close() })
	unlimited := accounts.Limit{Count: -1}
	p := passwords{}
	p.acc, err = accounts.New(accounts.Config{Store: store, AppURL: appURL, HashWait: time.Minute,
		Throttle: accounts.Throttle{AccountLogins: unlimited, NetworkLogins: unlimited}})
	must(t, err)
	u, err := p.acc.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com"})
	must(t, err)
	must(t, p.acc.SignIn(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil), identity.SignIn{UserID: u.ID, Via: "hub"}))
	debug.FreeOSMemory()
	p.before = resident(t, "VmRSS")
	must(t, p.acc.SetPassword(t.Context(), u.ID, password))
	return p
}

// logIn logs in a hundred times, by so many workers.
func (p passwords) logIn(t testing.TB, workers int) {
	each(workers, func() {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/login", nil)
		if err := p.acc.LogIn(w, r, "matt@lp.com", password, false); err != nil {
			t.Error(err)
		}
	})
}

// each calls f a hundred times, by so many workers.
func each(workers int, f func()) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range passwordLogIns / workers {
				f()
			}
		})
	}
	wg.Wait()
}

// peak is by how many KiB the largest memory since resetPeak is above that before the
// first hash.
func (p passwords) peak(t testing.TB) int { return resident(t, "VmHWM") - p.before }

// resetPeak resets VmHWM (proc(5), clear_refs).
func resetPeak(t testing.TB) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: the peak of memory is read from /proc")
	}
	must(t, os.WriteFile("/proc/self/clear_refs", []byte("5"), 0))
}

// resident returns a size of /proc/self/status in KiB.
func resident(t testing.TB, name string) int {
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			must(t, err)
			return kib
		}
	}
	t.Fatal(name + " is missing")
	return 0
}
