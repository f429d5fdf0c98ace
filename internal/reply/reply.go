// Package reply writes the answers that endpoints, pages and guards share: JSON
// documents, problem documents, lines of text and redirects.
package reply

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// NoStore keeps an answer out of every cache.
func NoStore(h http.Header) { h.Set("Cache-Control", "no-store") }

// JSON answers with a JSON document that no cache keeps.
func JSON(w http.ResponseWriter, status int, v any) { document(w, status, "application/json", v) }

func document(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		Text(w, http.StatusInternalServerError, http.StatusText(http.StatusInternalServerError))
		return
	}
	write(w, status, contentType, append(body, '\n'))
}

// Text answers with plain text that no cache keeps, and ends its last line.
func Text(w http.ResponseWriter, status int, text string) {
	write(w, status, "text/plain; charset=utf-8", []byte(text+"\n"))
}

// Page answers with HTML that no cache keeps.
func Page(w http.ResponseWriter, status int, html string) {
	write(w, status, "text/html; charset=utf-8", []byte(html))
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	NoStore(h)
	h.Set("Content-Type", contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}

// Redirect answers 303, so that the browser goes on with a GET. The address must
// be a safe one: see package nexturl. http.Redirect would rewrite it.
func Redirect(w http.ResponseWriter, to string) {
	h := w.Header()
	NoStore(h)
	h.Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// RetryAfter sets Retry-After (RFC 9110 §10.2.3) to whole seconds, at least one
// and no fewer than wait.
func RetryAfter(h http.Header, wait time.Duration) {
	seconds := max((wait+time.Second-1)/time.Second, 1)
	h.Set("Retry-After", strconv.Itoa(int(seconds)))
}
