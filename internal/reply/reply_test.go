package reply_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/reply"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, contentType, body string
		status                  int
		write                   func(http.ResponseWriter)
	}{
		{"JSON", "application/json", `{"a":1}` + "\n", 201, func(w http.ResponseWriter) { reply.JSON(w, 201, map[string]int{"a": 1}) }},
		{"JSON that does not encode", "text/plain; charset=utf-8", "Internal Server Error\n", 500, func(w http.ResponseWriter) { reply.JSON(w, 200, func() {}) }},
		{"text", "text/plain; charset=utf-8", "<b>\n", 403, func(w http.ResponseWriter) { reply.Text(w, 403, "<b>") }},
		{"page", "text/html; charset=utf-8", "<p>a", 200, func(w http.ResponseWriter) { reply.Page(w, 200, "<p>a") }},
		{"problem", "application/problem+json", `{"type":"about:blank","title":"Conflict","status":409,"detail":"Taken.","code":"taken","request_id":"x"}` + "\n", 409,
			reply.Problem{Status: 409, Code: "taken", Detail: "Taken.", RequestID: "x"}.Write},
		{"bare problem", "application/problem+json", `{"type":"about:blank","title":"Not Found","status":404}` + "\n", 404, reply.Problem{Status: 404}.Write},
	} {
		w := httptest.NewRecorder()
		tc.write(w)
		h := w.Header()
		if w.Code != tc.status || w.Body.String() != tc.body || h.Get("Content-Type") != tc.contentType ||
			h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v\n%s", tc.name, w.Code, h, w.Body)
		}
		if strings.Contains(tc.contentType, "json") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: not JSON", tc.name)
		}
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	reply.Redirect(w, "/a//b?c")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/a//b?c" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{
		-time.Second: "1", 0: "1", time.Millisecond: "1", time.Second: "1", 1001 * time.Millisecond: "2", time.Minute: "60",
	} {
		h := http.Header{}
		if reply.RetryAfter(h, wait); h.Get("Retry-After") != want {
			t.Errorf("%v: %s", wait, h.Get("Retry-After"))
		}
	}
}
