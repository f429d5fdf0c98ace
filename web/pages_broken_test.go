package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gosocial/social/accounts"
	accountstore "github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/web"
)

// When the error page fails too, the answer is a line of text.
func TestBrokenLayout(t *testing.T) {
	t.Parallel()
	log := &logbook{}
	for _, logger := range []*slog.Logger{nil, slog.New(slog.NewTextHandler(log, nil))} { // nil is the default one
		_, visit := openSite(t, web.Options{Logger: logger, Files: fstest.MapFS{"templates/layout.html": {Data: []byte(`half a page {{index .Flashes 7}}`)}}})
		if w := visit().do("GET", "/", nil); w.Code != http.StatusInternalServerError || w.Body.String() != "Internal Server Error\n" {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	if text := log.String(); !strings.Contains(text, `level=ERROR msg="web: template" page=problem error=`) || !strings.Contains(text, "out of range") {
		t.Errorf("the log:\n%s", text)
	}
}

// When too many log in at once, some get 503 and the time to try again.
func TestBusy(t *testing.T) {
	t.Parallel()
	soc, _ := open()
	acc, err := accounts.New(accounts.Config{
		Store: accountstore.New(), AppURL: "http://localhost:8080",
		HashMemory: 19 << 20, HashQueue: 1, HashWait: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	answers := make(chan *httptest.ResponseRecorder)
	const many = 12
	for i := range many {
		go func() {
			v := &visitor{acc.Middleware(pages), map[string]string{}}
			answers <- v.do("POST", "/login", url.Values{"email": {strings.Repeat("x", i+1)}, "password": {"y"}})
		}()
	}
	busy := 0
	for range many {
		w := <-answers
		switch {
		case w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") == "5" && strings.Contains(w.Body.String(), "Many people are signing in just now"):
			busy++
		case w.Code != http.StatusOK:
			t.Errorf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
	}
	if busy == 0 {
		t.Error("no answer is 503")
	}
}

// A template that fails gives an error page, and so does a handler that panics.
func TestBrokenPages(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t, web.Options{Files: fstest.MapFS{"templates/home.html": {Data: []byte(`{{define "content"}}half a page {{index .Flashes 7}}{{end}}`)}}})
	if w := visit().do("GET", "/", nil); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "half") || !strings.Contains(w.Body.String(), "name the request") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	calls := 0
	_, visit = openSite(t, web.Options{More: func(*http.Request) any {
		if calls++; calls == 1 {
			panic("a secret cause")
		}
		return nil
	}})
	if w := visit().do("GET", "/", nil); w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "name the request") || strings.Contains(w.Body.String(), "secret cause") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
