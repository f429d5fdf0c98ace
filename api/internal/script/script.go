// Package script serves canned answers of an API to tests, and records requests.
package script

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// A Server gives every request the same answer. It is safe for concurrent use.
type Server struct {
	URL string

	mu     sync.Mutex
	status int
	header http.Header
	answer string
	last   string
	sent   http.Header
}

// Start starts a server and stops it when the test ends.
func Start(t *testing.T) *Server {
	s := &Server{status: http.StatusOK}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.URL = srv.URL
	return s
}

// Answer sets the answer. headers are pairs of name and value.
func (s *Server) Answer(status int, body string, headers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.answer, s.header = status, body, http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		s.header.Set(headers[i], headers[i+1])
	}
}

// Last returns the last request: method, path with query, and body, separated
// by spaces.
func (s *Server) Last() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// Header returns a header of the last request.
func (s *Server) Header(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.Get(name)
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last, s.sent = r.Method+" "+r.URL.RequestURI(), r.Header
	if len(body) > 0 {
		s.last += " " + string(body)
	}
	for name := range s.header {
		w.Header().Set(name, s.header.Get(name))
	}
	w.WriteHeader(s.status)
	io.WriteString(w, s.answer)
}
