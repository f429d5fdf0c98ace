package social

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// Handler returns the endpoints with bare error pages; see Endpoints.
func (s *Social) Handler() http.Handler { return s.Endpoints(textPages{}) }

// Endpoints returns a handler of these requests, all but the last under
// URLPrefix:
//
//	POST   /login/PROVIDER
//	POST   /connect/PROVIDER
//	POST   /reconnect/PROVIDER
//	GET    /callback/PROVIDER                     (POST where the provider posts)
//	DELETE /connect/PROVIDER/PROVIDER_USER_ID     (or POST with _method=DELETE)
//	DELETE /connect/PROVIDER                      (the same)
//	GET    /connections                           JSON
//	POST   /connections/ID/check
//	POST   /backchannel-logout/PROVIDER           from OpenID providers
//
// They answer with redirects, or with JSON to those who ask for it. Cross-site
// requests that change something are refused. pages draws errors.
func (s *Social) Endpoints(pages Pages) http.Handler {
	mux := http.NewServeMux()
	prefix := s.cfg.URLPrefix
	handle := func(path string, methods map[string]func(*visit)) {
		mux.HandleFunc(prefix+path, func(w http.ResponseWriter, r *http.Request) {
			s.serve(w, r, pages, methods)
		})
	}
	login := map[string]func(*visit){"POST": (*visit).beginLogin}
	connect := map[string]func(*visit){"POST": (*visit).beginConnect, "DELETE": (*visit).removeAll}
	if s.cfg.LegacyCallbacks {
		callback := func(v *visit) {
			v.shield()
			v.callback()
		}
		login["GET"], connect["GET"] = callback, callback
	}
	mux.HandleFunc(prefix+"/callback/{provider}", func(w http.ResponseWriter, r *http.Request) {
		s.serveCallback(w, r, pages)
	})
	handle("/login/{provider}", login)
	handle("/connect/{provider}", connect)
	handle("/connect/{provider}/{subject...}", map[string]func(*visit){"DELETE": (*visit).removeOne})
	handle("/reconnect/{provider}", map[string]func(*visit){"POST": (*visit).beginReconnect})
	handle("/connections", map[string]func(*visit){"GET": (*visit).list, "HEAD": (*visit).list})
	handle("/connections/{id}/check", map[string]func(*visit){"POST": (*visit).check})
	mux.HandleFunc("/backchannel-logout/{provider}", func(w http.ResponseWriter, r *http.Request) {
		s.serveLogoutToken(w, r, pages)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.Refuse(w, r, pages, Problem{Status: http.StatusNotFound, Code: CodeNotFound})
	})
	return mux
}

// A visit is one request to an endpoint.
type visit struct {
	*Social
	w        http.ResponseWriter
	r        *http.Request
	pages    Pages
	json     bool
	shielded bool      // see shield
	provider *provider // nil where the path names none
}

// serve judges where a request comes from and what it names, then calls what
// its method asks for.
func (s *Social) serve(w http.ResponseWriter, r *http.Request, pages Pages, methods map[string]func(*visit)) {
	v := &visit{Social: s, w: w, r: r, pages: pages, json: WantsJSON(r)}
	defer v.recover()

	method := r.Method
	if method == http.MethodPost {
		input.Load(w, r)
		if strings.EqualFold(r.FormValue("_method"), http.MethodDelete) {
			method = http.MethodDelete
		}
	}
	do := methods[method]
	switch {
	case !v.named():
		v.refuse(http.StatusNotFound, "unknown_provider", "There is no such provider here.")
	case do == nil:
		v.notAllowed(allowed(methods))
	case s.origin.Check(r) != nil:
		v.refuse(http.StatusForbidden, "cross_site", "This request came from another site.")
	default:
		do(v)
	}
}

// serveCallback takes requests from other sites: providers send browsers here.
func (s *Social) serveCallback(w http.ResponseWriter, r *http.Request, pages Pages) {
	v := &visit{Social: s, w: w, r: r, pages: pages, json: WantsJSON(r)}
	defer v.recover()
	v.shield()
	switch {
	case !v.named():
		v.refuse(http.StatusNotFound, "unknown_provider", "There is no such provider here.")
	case r.Method == http.MethodGet:
		v.callback()
	case r.Method == http.MethodPost && v.provider.FormPost:
		v.posted()
	case v.provider.FormPost:
		v.notAllowed("GET, POST")
	default:
		v.notAllowed("GET")
	}
}

func (v *visit) notAllowed(methods string) {
	v.w.Header().Set("Allow", methods)
	v.refuse(http.StatusMethodNotAllowed, "method_not_allowed", "")
}

// named finds the provider that the path names.
func (v *visit) named() bool {
	id := v.r.PathValue("provider")
	if id == "" {
		return true
	}
	v.provider = v.providers[id]
	return v.provider != nil
}

func allowed(methods map[string]func(*visit)) string {
	var names []string
	for name := range methods {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// recover answers a panic as any other unexpected failure.
func (v *visit) recover() {
	switch cause := recover(); cause {
	case nil:
	case http.ErrAbortHandler:
		panic(cause)
	default:
		v.fail(fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}
}

func (v *visit) fail(cause error) {
	if v.shielded {
		v.loadNothing()
	}
	v.Social.Fail(v.w, v.r, v.pages, cause)
}

func (v *visit) refuse(status int, code, detail string) {
	if v.shielded {
		v.loadNothing()
	}
	p := Problem{Status: status, Code: code}
	if detail != "" {
		p.Message = Text(detail)
	}
	v.Refuse(v.w, v.r, v.pages, p)
}

// anonymous sends whoever has to sign in first to the log-in page.
func (v *visit) anonymous() {
	if v.json {
		v.refuse(http.StatusUnauthorized, "not_signed_in", "Sign in first.")
		return
	}
	v.redirect(nexturl.WithNext(v.cfg.LoginPage, nexturl.Wanted(v.r, v.host)))
}

// cameFrom returns the page of this site that the request came from, or "".
func (v *visit) cameFrom() string {
	return nexturl.Referring(v.r, v.host)
}

func (v *visit) redirect(to string) { reply.Redirect(v.w, to) }

// first returns the first of the addresses that is not empty.
func first(addresses ...string) string {
	for _, a := range addresses {
		if a != "" {
			return a
		}
	}
	return "/"
}

// An outcome is how a request ends: a redirect with a message for browsers, a
// document for programs.
type outcome struct {
	category, text string // of the message; none when empty
	to             string

	status int    // for programs
	code   string // of the problem, when status is one
	body   any
}

func (v *visit) end(o outcome) {
	if !v.json {
		if o.text != "" {
			v.Flash(v.w, v.r, o.category, Text(o.text))
		}
		v.redirect(o.to)
		return
	}
	switch {
	case o.status >= 400:
		v.refuse(o.status, o.code, o.text)
	case o.body == nil:
		v.w.Header().Set("Cache-Control", "no-store")
		v.w.WriteHeader(o.status)
	default:
		WriteJSON(v.w, o.status, o.body)
	}
}
