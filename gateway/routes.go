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
	handle := func(pattern, power string, e endpoint) { mux.HandleFunc(pattern, g.guard(power, e)) }
	handle("GET /v1/connections", PowerReadConnections, g.listConnections)
	handle("GET /v1/connections/{id}", PowerReadConnections, g.showConnection)
	handle("DELETE /v1/connections/{id}", PowerWriteConnections, g.removeConnection)
	handle("POST /v1/connections/{id}/refresh", PowerWriteConnections, g.refreshConnection)
	handle("POST /v1/connections/{id}/check", PowerWriteConnections, g.checkConnection)
	handle("GET /v1/clients", PowerAdmin, g.listClients)
	handle("POST /v1/clients", PowerAdmin, g.createClient)
	handle("GET /v1/clients/{id}", PowerAdmin, g.showClient)
	handle("PATCH /v1/clients/{id}", PowerAdmin, g.patchClient)
	handle("DELETE /v1/clients/{id}", PowerAdmin, g.deleteClient)
	handle("POST /v1/clients/{id}/secrets", PowerAdmin, g.addSecret)
	handle("DELETE /v1/clients/{id}/secrets", PowerAdmin, g.retireSecret)
	if g.cfg.Audit != nil {
		handle("GET /v1/events", PowerReadConnections, g.listEvents)
	}
	if g.cfg.Tenants != nil {
		handle("GET /v1/tenants", PowerAdmin, g.listTenants)
		handle("POST /v1/tenants", PowerAdmin, g.createTenant)
		handle("GET /v1/tenants/{id}", PowerAdmin, g.showTenant)
		handle("PATCH /v1/tenants/{id}", PowerAdmin, g.patchTenant)
		handle("DELETE /v1/tenants/{id}", PowerAdmin, g.deleteTenant)
		handle("GET /v1/apps", PowerAdmin, g.listApps)
		handle("POST /v1/apps", PowerAdmin, g.createApp)
		handle("GET /v1/apps/{id}", PowerAdmin, g.showApp)
		handle("PATCH /v1/apps/{id}", PowerAdmin, g.patchApp)
		handle("DELETE /v1/apps/{id}", PowerAdmin, g.deleteApp)
		handle("POST /v1/apps/{id}/credentials", PowerAdmin, g.addCredentials)
		handle("DELETE /v1/apps/{id}/credentials", PowerAdmin, g.retireCredentials)
	}
	if g.cfg.Webhooks != nil {
		handle("GET /v1/webhooks", PowerAdmin, g.listWebhooks)
		handle("POST /v1/webhooks", PowerAdmin, g.createWebhook)
		handle("GET /v1/webhooks/{id}", PowerAdmin, g.showWebhook)
		handle("PATCH /v1/webhooks/{id}", PowerAdmin, g.patchWebhook)
		handle("DELETE /v1/webhooks/{id}", PowerAdmin, g.deleteWebhook)
		handle("GET /v1/webhooks/{id}/deliveries", PowerAdmin, g.listDeliveries)
		handle("POST /v1/webhooks/{id}/redeliver", PowerAdmin, g.redeliver)
	}
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
