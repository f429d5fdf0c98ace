package social

import (
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A Problem is a request that could not be answered as asked: RFC 9457's
// problem details, and what an error page shows.
type Problem struct {
	Type      string `json:"type"` // "about:blank": Status says it all
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"` // for people
	Code      string `json:"code,omitempty"`   // for programs: "needs_reauthorization"
	RequestID string `json:"request_id,omitempty"`
}

// Error returns title and detail.
func (p Problem) Error() string { return p.Title + ": " + p.Detail }

// NewProblem returns a problem with the status's own title.
func NewProblem(status int, code, detail string) Problem {
	return Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// Pages draws what has to be shown. Package web is one.
type Pages interface {
	// ShowProblem answers with an error page and p.Status.
	ShowProblem(w http.ResponseWriter, r *http.Request, p Problem)
}

// plainPages is for who has no pages.
type plainPages struct{}

func (plainPages) ShowProblem(w http.ResponseWriter, _ *http.Request, p Problem) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	text := p.Title + "\n"
	if p.Detail != "" {
		text += "\n" + p.Detail + "\n"
	}
	if p.RequestID != "" {
		text += "\nRequest " + p.RequestID + "\n"
	}
	w.Write([]byte(text))
}

// WriteProblem answers with a problem document (RFC 9457).
func WriteProblem(w http.ResponseWriter, p Problem) {
	write(w, p.Status, "application/problem+json", p)
}

// WriteJSON answers with a JSON document.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	write(w, status, "application/json", v)
}

func write(w http.ResponseWriter, status int, contentType string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(append(body, '\n'))
}

// WantsJSON reports whether a request asks for JSON rather than a page: its
// Accept header names application/json, and no HTML before it.
func WantsJSON(r *http.Request) bool {
	for _, line := range r.Header["Accept"] {
		for line != "" {
			var part string
			part, line, _ = strings.Cut(line, ",")
			kind, _, _ := strings.Cut(part, ";")
			switch strings.ToLower(strings.TrimSpace(kind)) {
			case "application/json", "application/problem+json":
				return true
			case "text/html", "application/xhtml+xml":
				return false
			}
		}
	}
	return false
}

// Fail answers a request that failed unexpectedly: 500 with a request ID, by
// which the log names the cause.
func (s *Social) Fail(w http.ResponseWriter, r *http.Request, pages Pages, cause error) {
	id := rand.Text()[:16]
	s.cfg.Logger.LogAttrs(r.Context(), slog.LevelError, "social: request failed",
		slog.String("request_id", id), slog.String("method", r.Method),
		slog.String("path", r.URL.Path), slog.Any("error", cause))
	p := NewProblem(http.StatusInternalServerError, "internal", "Something went wrong here. Please try again.")
	p.RequestID = id
	s.problem(w, r, pages, p)
}

// problem answers as the request wants it.
func (s *Social) problem(w http.ResponseWriter, r *http.Request, pages Pages, p Problem) {
	w.Header().Set("Cache-Control", "no-store")
	if WantsJSON(r) {
		WriteProblem(w, p)
		return
	}
	pages.ShowProblem(w, r, p)
}

// throttled answers who asks too often.
func (v *visit) throttled(wait time.Duration) {
	v.w.Header().Set("Retry-After", strconv.Itoa(int(max(wait, time.Second).Round(time.Second)/time.Second)))
	v.refuse(http.StatusTooManyRequests, "throttled", "Too many requests. Please try again later.")
}
