package gateway

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gosocial/social/audit"
)

// An endpoint answers a client's request. Its error becomes a problem document.
type endpoint func(w http.ResponseWriter, r *http.Request, c *caller) error

// routes returns the handler.
func (g *Gateway) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+tokenPath, g.token)
	for _, r := range g.table() {
		mux.HandleFunc(r.pattern, g.guard(r.power, r.endpoint))
	}
	mux.HandleFunc("GET "+openAPIPath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(g.described)
	})
	return g.recovering(mux)
}

// guard lets clients pass that have the power.
func (g *Gateway) guard(power string, e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := g.authorized(r)
		if err == nil && !c.scopes.Has(power) {
			err = missingPower(power)
		}
		if err == nil {
			r = r.WithContext(audit.WithActor(r.Context(), audit.Actor{Kind: audit.ActorClient, ID: c.ID}))
			err = e(w, r, c)
		}
		if err != nil {
			g.write(w, r, err)
		}
	}
}

// authorized returns who calls, by the bearer token (RFC 6750 §2.1).
func (g *Gateway) authorized(r *http.Request) (*caller, error) {
	values := r.Header["Authorization"]
	if len(values) != 1 {
		return nil, problemBadToken
	}
	scheme, text, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, problemBadToken
	}
	c, err := g.caller(r.Context(), strings.TrimSpace(text))
	if err == errBadToken {
		return nil, problemBadToken
	}
	return c, err
}

// bound bounds the time that a request which is no stream takes. A server for streams has no
// limit of its own.
func bound(w http.ResponseWriter) {
	rc, now := http.NewResponseController(w), time.Now()
	_ = rc.SetReadDeadline(now.Add(readTimeout))
	_ = rc.SetWriteDeadline(now.Add(writeTimeout))
}

const (
	readTimeout  = time.Minute
	writeTimeout = 2 * time.Minute
)

// recovering answers what the mux does not know, and panics, with problem documents.
func (g *Gateway) recovering(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				g.log.ErrorContext(r.Context(), "gateway: a handler panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
				g.write(w, r, problemUnexpected)
			}
		}()
		if isProxied(r) {
			g.serveProxy(w, r)
			return
		}
		bound(w)
		if _, pattern := mux.Handler(r); pattern == "" {
			if _, other := mux.Handler(&http.Request{Method: "POST", URL: r.URL, Host: r.Host}); other != "" && r.Method != "POST" {
				g.write(w, r, problemMethod)
				return
			}
			g.write(w, r, problemNotFound)
			return
		}
		mux.ServeHTTP(w, r)
	})
}
