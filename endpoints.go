package social

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/vault"
)

// Handler returns the endpoints with bare error pages; see Endpoints.
func (s *Social) Handler() http.Handler { return s.Endpoints(textPages{}) }

// Endpoints returns a handler of these requests, all but the last five under
// URLPrefix:
//
//	POST   /login/PROVIDER
//	POST   /connect/PROVIDER
//	POST   /reconnect/PROVIDER
//	POST   /verify/PROVIDER                       where Users is a Reauthenticator
//	GET    /callback/PROVIDER                     (POST where the provider posts)
//	DELETE /connect/PROVIDER/PROVIDER_USER_ID     (or POST with _method=DELETE)
//	DELETE /connect/PROVIDER                      (the same)
//	GET    /register/PROVIDER                     JSON, and the form of pages, or a plain one unless Config.RegisterPage is another page
//	POST   /register/PROVIDER                     the same
//	GET    /providers                             JSON
//	GET    /connections                           JSON
//	GET    /connections/pending                   JSON: see PendingConnection
//	POST   /connections/pending                   connects it; "signup" is its ID
//	DELETE /connections/pending                   forgets it
//	POST   /connections/ID/check
//	POST   /backchannel-logout/PROVIDER           from OpenID providers
//	POST   /signals/PROVIDER                      from OpenID providers: security event tokens
//	POST   /deauthorize/PROVIDER                  from providers that sign requests
//	POST   /data-deletion/PROVIDER                the same
//	GET    /data-deletion/CODE                    JSON: the status of such a request
//
// They answer with redirects, or with JSON to those who ask for it. Cross-site
// requests that change something are refused, but for those of Config.TrustedOrigins and
// those with an API token (see TokenBearer). pages draws errors.
func (s *Social) Endpoints(pages Pages) http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, e endpoint) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if !e.fromProvider && s.originOf(r).Share(w, r) {
				return
			}
			q := &request{Social: s, w: w, r: r, pages: pages, json: WantsJSON(r)}
			defer q.recover()
			q.write(q.serve(e))
		})
	}
	login := methods{"POST": (*request).beginLogin}
	connect := methods{"POST": (*request).beginConnect, "DELETE": (*request).removeAll}
	if s.cfg.LegacyCallbacks {
		login["GET"], connect["GET"] = (*request).complete, (*request).complete
	}
	prefix := s.cfg.URLPrefix
	handle(prefix+"/login/{provider}", endpoint{methods: login})
	handle(prefix+"/connect/{provider}", endpoint{methods: connect})
	handle(prefix+"/connect/{provider}/{subject...}", endpoint{methods: methods{"DELETE": (*request).removeOne}})
	handle(prefix+"/reconnect/{provider}", endpoint{methods: methods{"POST": (*request).beginReconnect}})
	handle(prefix+"/verify/{provider}", endpoint{exists: (*request).canVerify, methods: methods{"POST": (*request).beginVerify}})
	handle(prefix+"/callback/{provider}", endpoint{fromProvider: true, callback: true, methods: methods{"GET": (*request).complete}, posts: (*request).posted})
	handle(prefix+"/register/{provider}", endpoint{methods: methods{
		"GET": (*request).showSignUp, "HEAD": (*request).showSignUp, "POST": (*request).signUp,
	}})
	handle(prefix+"/providers", endpoint{methods: methods{"GET": (*request).listProviders, "HEAD": (*request).listProviders}})
	handle(prefix+"/connections", endpoint{methods: methods{"GET": (*request).list, "HEAD": (*request).list}})
	handle(prefix+"/connections/pending", endpoint{methods: methods{
		"GET": (*request).showPending, "HEAD": (*request).showPending,
		"POST": (*request).connectPending, "DELETE": (*request).dropPending,
	}})
	handle(prefix+"/connections/{id}/check", endpoint{methods: methods{"POST": (*request).check}})
	handle("/backchannel-logout/{provider}", endpoint{fromProvider: true, exists: (*request).takesLogoutTokens, methods: methods{"POST": (*request).backchannelLogout}})
	handle("/signals/{provider}", endpoint{fromProvider: true, exists: (*request).takesSignals, methods: methods{"POST": (*request).signal}})
	handle("/deauthorize/{provider}", endpoint{fromProvider: true, exists: (*request).takesSignedRequests, methods: methods{"POST": (*request).deauthorize}})
	handle("POST /data-deletion/{provider}", endpoint{fromProvider: true, exists: (*request).takesSignedRequests, methods: methods{"POST": (*request).deleteData}})
	handle("/data-deletion/{code}", endpoint{methods: methods{"GET": (*request).showDataDeletion, "HEAD": (*request).showDataDeletion}})
	handle("/", endpoint{nothing: true})
	return mux
}

// An endpoint is what can be done at one path.
type endpoint struct {
	methods methods
	posts   func(*request) outcome // POST where the provider posts its answers
	// fromProvider: requests come from providers and from their pages. Others that
	// change something have to come from this site or a trusted origin.
	fromProvider bool
	callback     bool
	exists       func(*request) bool // whether the endpoint is there for the provider; nil: always
	nothing      bool                // the path is unknown
}

type methods map[string]func(*request) outcome

// A request is one request to an endpoint.
type request struct {
	*Social
	w        http.ResponseWriter
	r        *http.Request
	pages    Pages
	json     bool         // it asks for JSON
	callback bool         // its address carries a code, which must get into no cache and no Referer
	provider provider     // the one that the path names
	fields   input.Fields // of the body, unless it comes from a provider
}

// serve judges where a request comes from and what it names, then does what its
// method asks for.
func (q *request) serve(e endpoint) outcome {
	if e.nothing {
		return notFound
	}
	q.callback = e.callback
	method := q.r.Method
	if method == http.MethodPost && !e.fromProvider {
		var err error
		if q.fields, err = input.Load(q.w, q.r); err != nil {
			return unreadable(err)
		}
		if strings.EqualFold(q.r.FormValue("_method"), http.MethodDelete) {
			method = http.MethodDelete
		}
	}
	if id := q.r.PathValue("provider"); id != "" {
		var err error
		q.provider, err = q.open(q.r.Context(), id)
		if errors.Is(err, vault.ErrUnknownProvider) && method == http.MethodDelete {
			err = q.openGone(id, err)
		}
		if err != nil {
			return unknownProvider(err)
		}
	}
	if e.exists != nil && !e.exists(q) {
		return notFound
	}
	do := e.methods[method]
	if e.posts != nil && q.provider.FormPost && method == http.MethodPost {
		do = e.posts
	}
	switch {
	case do == nil:
		return e.notAllowed(&q.provider)
	case !e.fromProvider && !q.byToken() && q.originOf(q.r).Check(q.r) != nil:
		return problem(http.StatusForbidden, CodeCrossSite)
	}
	if p, wrong := wrongTypes(q.fields.WrongTypes(q.kinds())); wrong {
		return outcome{status: p.Status, code: p.Code, flash: Flash{Message: p.Message}, fields: p.Fields}
	}
	return do(q)
}

// fieldKinds are the fields that endpoints take, beside the hints of a provider.
var fieldKinds = map[string]input.Kind{
	"next": input.Value, "failure": input.Value, "scope": input.Words, "remember": input.Flag, "signup": input.Value,
	"connection": input.Value, "_method": input.Value,
	identity.FieldEmail: input.Value, identity.FieldUsername: input.Value, identity.FieldPassword: input.Value, FieldPasswordConfirm: input.Value,
}

func (q *request) kinds() map[string]input.Kind {
	if len(q.provider.Hints) == 0 {
		return fieldKinds
	}
	kinds := maps.Clone(fieldKinds)
	for _, name := range q.provider.Hints {
		kinds[name] = input.Value
	}
	return kinds
}

// byToken reports whether the request's user is known by an API token and not by cookies,
// which another site's page could have a browser send.
func (q *request) byToken() bool { return q.tokens != nil && q.tokens.ByToken(q.r.Context()) }

// unreadable refuses a body that is too large, or no form and no JSON object.
func unreadable(err error) outcome {
	if errors.Is(err, input.ErrTooLarge) {
		return problem(http.StatusRequestEntityTooLarge, CodeTooLarge)
	}
	return problem(http.StatusBadRequest, CodeMalformed)
}

func (e endpoint) notAllowed(p *provider) outcome {
	var names []string
	for name := range e.methods {
		names = append(names, name)
	}
	if e.posts != nil && p.FormPost {
		names = append(names, "POST")
	}
	slices.Sort(names)
	o := problem(http.StatusMethodNotAllowed, CodeMethodNotAllowed)
	o.allow = strings.Join(names, ", ")
	return o
}

// recover answers a panic as any other unexpected failure.
func (q *request) recover() {
	switch cause := recover(); cause {
	case nil:
	case http.ErrAbortHandler:
		panic(cause)
	default:
		q.write(failure(fmt.Errorf("panic: %v\n%s", cause, debug.Stack())))
	}
}
