package accounts_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/identity"
)

// BenchmarkSignedInRequest measures a request of a signed-in user.
func BenchmarkSignedInRequest(b *testing.B) {
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})
	b.Run("bare", func(b *testing.B) { serve(b, bare, nil) })
	store := memstore.New()
	acc, err := accounts.New(accounts.Config{Store: store, AppURL: "https://app.example.com", APITokens: true})
	if err != nil {
		b.Fatal(err)
	}
	u, err := acc.Create(b.Context(), accounts.NewUser{Email: "matt@lp.com"})
	if err != nil {
		b.Fatal(err)
	}
	token, _, err := acc.CreateTokenFor(b.Context(), u.ID, accounts.NewToken{Name: "deploy"})
	if err != nil {
		b.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := acc.SignIn(w, httptest.NewRequest("POST", "/", nil), identity.SignIn{UserID: u.ID, Via: "google"}); err != nil {
		b.Fatal(err)
	}
	h := acc.Middleware(acc.RequireLogin(bare))
	b.Run("signed in", func(b *testing.B) { serve(b, h, w.Result().Cookies()) })
	stale, err := accounts.New(accounts.Config{Store: store, AppURL: "https://app.example.com", SessionStaleness: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("signed in, checked lately", func(b *testing.B) { serve(b, stale.Middleware(stale.RequireLogin(bare)), w.Result().Cookies()) })
	b.Run("API token", func(b *testing.B) { serve(b, h, nil, "Bearer "+token.Reveal()) })
	b.Run("no API token", func(b *testing.B) { serve(b, acc.Middleware(bare), nil, "Bearer "+token.Reveal()+"x") })
	b.Run("anonymous", func(b *testing.B) { serve(b, acc.Middleware(bare), nil) })
}

func serve(b *testing.B, h http.Handler, cookies []*http.Cookie, authorization ...string) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Authorization"] = authorization
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(w, r)
	}
	if w.Code != 200 && w.Code != 401 {
		b.Fatal(w.Code)
	}
}

// BenchmarkLogIns measures 100 log-ins with a password, some of them at a time.
// peak-MiB is the size of the heap at its largest, garbage included.
func BenchmarkLogIns(b *testing.B) {
	acc, err := accounts.New(accounts.Config{Store: memstore.New(), AppURL: "https://app.example.com"})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := acc.Create(b.Context(), accounts.NewUser{Email: "matt@lp.com", Password: password}); err != nil {
		b.Fatal(err)
	}
	for _, parallel := range []int{2, 100} {
		b.Run(fmt.Sprint(parallel), func(b *testing.B) {
			var peak atomic.Uint64
			for b.Loop() {
				var group sync.WaitGroup
				for range parallel {
					group.Go(func() {
						for range 100 / parallel {
							r := httptest.NewRequest("POST", "/", nil)
							if err := acc.LogIn(httptest.NewRecorder(), r, "matt@lp.com", password, false); err != nil {
								b.Error(err)
							}
							var m runtime.MemStats
							runtime.ReadMemStats(&m)
							for old := peak.Load(); m.HeapAlloc > old && !peak.CompareAndSwap(old, m.HeapAlloc); old = peak.Load() {
							}
						}
					})
				}
				group.Wait()
			}
			b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MiB")
		})
	}
}
