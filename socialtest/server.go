package socialtest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// A Config says how to make a Server. The zero value works for a Server that is
// started by Start.
type Config struct {
	// URL is where browsers and applications reach the server, without a
	// trailing slash: "http://127.0.0.1:9000".
	URL string

	// Now tells the time. Nil means time.Now.
	Now func() time.Time
}

// A Server hosts the pretend providers. It is an http.Handler, safe for
// concurrent use.
type Server struct {
	url       string
	now       func() time.Time
	providers []*Provider
	mux       *http.ServeMux
	done      chan struct{}
	closeOnce sync.Once
	stop      func()
}

// New makes a Server that is reached at config.URL. The error says what is wrong
// with that address.
func New(config Config) (*Server, error) {
	u, err := url.Parse(config.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("socialtest: URL %q is not of the form http://host:port", config.URL)
	}
	s := &Server{
		url:  u.Scheme + "://" + u.Host,
		now:  config.Now,
		done: make(chan struct{}),
		stop: func() {},
	}
	if s.now == nil {
		s.now = time.Now
	}
	for i := range catalog {
		s.providers = append(s.providers, newProvider(s, &catalog[i]))
	}
	s.mux = s.routes()
	return s, nil
}

// TB is the part of testing.TB that Start needs.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start runs a Server on a free port of the loopback interface until the test
// ends. A Config is optional; its URL is not used.
func Start(t TB, config ...Config) *Server {
	t.Helper()
	var c Config
	if len(config) > 0 {
		c = config[0]
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("socialtest: %v", err)
	}
	c.URL = "http://" + l.Addr().String()
	s, err := New(c)
	if err != nil {
		l.Close()
		t.Fatalf("%v", err)
	}
	hs := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		hs.Serve(l)
	}()
	s.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if hs.Shutdown(ctx) != nil {
			hs.Close()
		}
		<-served
	}
	t.Cleanup(s.Close)
	return s
}

// URL returns the server's address, without a trailing slash.
func (s *Server) URL() string { return s.url }

// Close ends requests that hang and, for a Server made by Start, stops it. It
// may be called more than once.
func (s *Server) Close() {
	s.closeOnce.Do(func() {
		close(s.done)
		s.stop()
	})
}

// Provider returns the provider with the ID: "facebook", "twitter",
// "foursquare", "google", "acme" or "hub". It panics for any other.
func (s *Server) Provider(id string) *Provider {
	for _, p := range s.providers {
		if p.ID() == id {
			return p
		}
	}
	panic("socialtest: there is no provider " + id)
}

// Providers returns all providers, in the order of the home page.
func (s *Server) Providers() []*Provider {
	return append([]*Provider(nil), s.providers...)
}

// Approve makes every provider answer authorization requests at once, without a
// page, as if the account had consented. See Provider.Approve.
func (s *Server) Approve(account string) {
	for _, p := range s.providers {
		p.Approve(account)
	}
}

// ServeHTTP serves the providers and the pages.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mux.ServeHTTP(w, r)
}
