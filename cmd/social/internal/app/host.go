package app

import (
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/gosocial/social"
)

// atAppURL redirects pages that are opened under another name of this machine than
// app_url's, because cookies of one name are not sent to another: a flow that begins
// at localhost would fail at the callback on 127.0.0.1. Any other foreign host is
// served as it is, because proxies rewrite the Host header, and is logged once.
func (a *App) atAppURL(next http.Handler) http.Handler {
	app, err := url.Parse(a.Config.AppURL)
	if err != nil {
		return next // New has checked it
	}
	foreign := &foreignHosts{of: strings.ToLower(app.Host), log: a.log}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := hostname(r.Host)
		tenant, _ := a.Tenants.ByDomain(r.Context(), name)
		switch {
		case name == hostname(app.Host), tenant != nil:
		case loopbackNames[name] && loopbackNames[hostname(app.Host)]:
			if a.isPage(r) {
				w.Header().Set("Cache-Control", "no-store")
				http.Redirect(w, r, strings.TrimSuffix(a.Config.AppURL, "/")+r.RequestURI, http.StatusTemporaryRedirect)
				return
			}
		default:
			foreign.warn(r.Host)
		}
		next.ServeHTTP(w, r)
	})
}

// loopbackNames are the names under which browsers reach this machine.
var loopbackNames = map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true}

// hostname returns the name of a Host header without the port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// isPage reports whether a request is a browser's for a page: no callback, whose code
// must go no further, no JSON, and nothing that operators ask for.
func (a *App) isPage(r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || social.WantsJSON(r) || !strings.HasPrefix(r.RequestURI, "/") {
		return false
	}
	path := r.URL.Path
	if path == "/session" || strings.HasPrefix(path, "/backchannel-logout/") {
		return false
	}
	path, below := strings.CutPrefix(path, a.Config.URLPrefix)
	if !below {
		return true
	}
	legacy := a.Config.LegacyCallbacks && (strings.HasPrefix(path, "/login/") || strings.HasPrefix(path, "/connect/"))
	return path != "/session" && path != "/providers" && !strings.HasPrefix(path, "/callback/") && !legacy
}

// maxForeign bounds how many foreign hosts are remembered and logged: anybody can send
// any.
const maxForeign = 8

// foreignHosts are the hosts of requests that are not app_url's. It is safe for
// concurrent use.
type foreignHosts struct {
	of  string // app_url's host
	log *slog.Logger

	mu   sync.Mutex
	seen map[string]bool
}

// warn logs a host once.
func (f *foreignHosts) warn(host string) {
	f.mu.Lock()
	known := f.seen[host] || len(f.seen) == maxForeign
	if !known {
		if f.seen == nil {
			f.seen = map[string]bool{}
		}
		f.seen[host] = true
	}
	f.mu.Unlock()
	if !known {
		f.log.Warn("a request came under another host than app_url's: it is served, but redirect URIs and cookies are app_url's; "+
			"if people open the site under this host, set app_url to it, and if a proxy sends it, let the proxy keep the Host header",
			"host", host, "app_url", f.of)
	}
}
