package social

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"github.com/gosocial/social/internal/reply"
)

// A Problem is a request that could not be answered as asked. Programs get it as
// a problem document (RFC 9457), people as a page.
type Problem struct {
	Status int    // of the answer
	Code   string // for programs; one of the Code constants, or the application's own
	// Message is for people. The zero Message is that of Code.
	Message Message
	// TryAgain is the address of the page from which people can try again, "" when
	// there is none.
	TryAgain string
	// Fields are what is wrong with the fields of a form, if that is the problem.
	Fields []FieldProblem
	// RequestID names a request of which the log says more, under the same name: an
	// unexpected failure, a refused callback, a provider that failed.
	RequestID string
}

// A FieldProblem says what is wrong with a field.
type FieldProblem struct {
	Field   string
	Message Message
}

// Title returns the text of the status, such as "Not Found".
func (p Problem) Title() string { return http.StatusText(p.Status) }

// Detail returns the message's text.
func (p Problem) Detail() string {
	if p.Message.Code == "" {
		return Message{Code: p.Code}.Text()
	}
	return p.Message.Text()
}

// Error returns title and detail.
func (p Problem) Error() string { return p.Title() + ": " + p.Detail() }

// Pages shows problems to people. Package web has one.
type Pages interface {
	// ShowProblem answers with an error page and p.Status.
	ShowProblem(w http.ResponseWriter, r *http.Request, p Problem)
}

// textPages shows problems as plain text.
type textPages struct{}

func (textPages) ShowProblem(w http.ResponseWriter, _ *http.Request, p Problem) {
	text := p.Title() + "\n\n" + p.Detail()
	if p.RequestID != "" {
		text += "\n\nRequest " + p.RequestID
	}
	reply.Text(w, p.Status, text)
}

// Refuse answers with the problem: with a document when the request asks for
// JSON, else with a page. No cache keeps the answer.
func (s *Social) Refuse(w http.ResponseWriter, r *http.Request, pages Pages, p Problem) {
	if WantsJSON(r) {
		WriteProblem(w, p)
		return
	}
	reply.NoStore(w.Header())
	pages.ShowProblem(w, r, p)
}

// WriteProblem answers with a problem document (RFC 9457).
func WriteProblem(w http.ResponseWriter, p Problem) {
	doc := reply.Problem{Status: p.Status, Code: p.Code, Detail: p.Detail(), RequestID: p.RequestID}
	for _, f := range p.Fields {
		doc.Errors = append(doc.Errors, reply.FieldError{Field: f.Field, Code: f.Message.Code, Detail: f.Message.Text()})
	}
	doc.Write(w)
}

// WriteJSON answers with a JSON document that no cache keeps.
func WriteJSON(w http.ResponseWriter, status int, v any) { reply.JSON(w, status, v) }

// WantsJSON reports whether a request asks for JSON rather than for a page. Its
// Accept header (RFC 9110 §12.5.1) then names JSON with a weight above 0, and HTML
// with a lower weight, or later with the same one, or not at all. A range such as
// */* names neither.
func WantsJSON(r *http.Request) bool { return reply.WantsJSON(r) }

// newRequestID returns a name for a request, for its problem and for the log.
func newRequestID() string { return rand.Text()[:16] }

// Fail answers a request that failed unexpectedly: 500 with a request ID. The log
// has the cause under the same ID.
func (s *Social) Fail(w http.ResponseWriter, r *http.Request, pages Pages, cause error) {
	id := newRequestID()
	path := r.URL.Path
	if token := r.PathValue("token"); token != "" { // of a mailed link
		path = strings.ReplaceAll(path, token, "TOKEN")
	}
	s.cfg.Logger.LogAttrs(r.Context(), slog.LevelError, "social: request failed",
		slog.String("request_id", id), slog.String("method", r.Method),
		slog.String("path", path), slog.Any("error", cause))
	s.Refuse(w, r, pages, Problem{Status: http.StatusInternalServerError, Code: CodeInternal, RequestID: id})
}
