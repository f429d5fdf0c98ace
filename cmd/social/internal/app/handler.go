package app

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/vault"
)

// routes returns the handler of everything that the program serves at its public
// address. Only the pages need the session; health checks do not read it.
func (a *App) routes(pages http.Handler, extras Extras) http.Handler {
	site := http.NewServeMux()
	site.Handle("/", pages)
	if extras.Mount != nil {
		extras.Mount(a, site)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", a.ready)
	mux.HandleFunc("GET "+clientDocumentPath+"{id}", a.clientDocument)
	mux.Handle("/", a.Tenants.Middleware(a.atAppURL(a.Accounts.Middleware(site))))
	return a.guarded(mux)
}

// ServeHTTP implements http.Handler.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Metrics returns the handler of GET /metrics, for a listener that only operators
// reach.
func (a *App) Metrics() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", a.metrics.handler())
	return a.guarded(mux)
}

// GatewayHandler returns the handler of the gateway, for a listener of its own.
func (a *App) GatewayHandler() http.Handler { return a.guarded(a.Gateway.Handler()) }

// guarded sets the headers that every answer has. A handler may set stricter ones, or
// those that its page needs.
func (a *App) guarded(next http.Handler) http.Handler {
	transport := ""
	if a.Config.HSTS && strings.HasPrefix(a.Config.AppURL, "https:") {
		transport = "max-age=31536000" // a year; without subdomains, which are not the program's
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		if transport != "" {
			h.Set("Strict-Transport-Security", transport)
		}
		next.ServeHTTP(w, r)
	})
}

// ready answers 503 while the database does not answer. It asks for a connection
// that does not exist, which is the cheapest query that every store has.
func (a *App) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if _, err := a.Store.Version(ctx, "ready"); err != nil && !errors.Is(err, vault.ErrNoConnection) {
		a.log.WarnContext(ctx, "not ready", "error", err)
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}
