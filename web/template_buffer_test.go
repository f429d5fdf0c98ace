//go:build !race

package web_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/gosocial/social/web"
)

// A discarding writer takes an answer without keeping it.
type discarding struct {
	header http.Header
	bytes  int
}

func (d *discarding) Header() http.Header         { return d.header }
func (d *discarding) WriteHeader(int)             {}
func (d *discarding) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

// A page is rendered whole into memory that the next page uses again. It is not parallel:
// what other tests allocate would be counted.
func TestPagesUseBuffersAgain(t *testing.T) {
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	h := acc.Middleware(pages)
	size := 0
	get := func() {
		w := &discarding{header: http.Header{}}
		h.ServeHTTP(w, httptest.NewRequest("GET", "/register", nil))
		size = w.bytes
	}
	get()
	const runs = 50
	least := uint64(1 << 62)
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			get()
		}
		runtime.ReadMemStats(&after)
		least = min(least, (after.TotalAlloc-before.TotalAlloc)/runs)
	}
	const most = 41_000 // with a new buffer for each page it is 45,000
	t.Logf("%d bytes for a page of %d", least, size)
	if least > most || size < 1_000 {
		t.Errorf("%d bytes for a page of %d, want %d at the most", least, size, most)
	}
}
