package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/gosocial/social"
	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/origin"
	"github.com/gosocial/social/internal/tenant"
)

// methods are the handlers of an address. That of GET is that of HEAD too.
type methods map[string]http.HandlerFunc

func (w *Web) routes() (http.Handler, error) {
	cfg := w.soc.Config()
	prefix := cfg.URLPrefix
	endpoints := w.soc.Endpoints(w)
	w.endpoints = endpoints
	mux := http.NewServeMux()
	handle := func(path string, m methods) { mux.Handle(path, w.allow(m)) }

	handle(w.base+"/{$}", methods{"GET": w.home})
	handle(w.base+"/login", methods{"GET": w.showLogin, "POST": w.login})
	handle(w.base+"/logout", methods{"POST": w.logout})
	handle(w.base+"/session", methods{"GET": w.session})
	handle(w.base+"/profile", methods{"GET": w.signedInOnly(w.profile), "POST": w.signedInOnly(w.changeProfile), "PATCH": w.signedInOnly(w.changeProfile)})
	handle(w.base+"/change-password", methods{"GET": w.signedInOnly(w.showPassword), "POST": w.signedInOnly(w.changePassword)})
	handle(w.base+"/verify", methods{"GET": w.signedInOnly(w.showVerify), "POST": w.signedInOnly(w.verify)})
	ask := w.askReset()
	handle(w.base+"/reset", w.onlyIf(w.acc.CanReset(), methods{"GET": w.showAsk(ask), "POST": w.ask(ask)}))
	handle(w.base+"/reset/{token}", w.onlyIf(w.acc.CanReset(), methods{"GET": secretAddress(w.showReset), "POST": secretAddress(w.reset)}))
	changing, undoing := w.changeEmailLink(), w.undoEmailLink()
	handle(w.base+"/change-email", w.onlyIf(w.acc.CanChangeEmail(), methods{"GET": w.signedInOnly(w.showChangeEmail), "POST": w.signedInOnly(w.askChangeEmail)}))
	handle(w.base+"/change-email/{token}", w.onlyIf(w.acc.CanChangeEmail(), methods{"GET": secretAddress(w.showEmailLink(changing)), "POST": secretAddress(w.useEmailLink(changing))}))
	handle(w.base+"/change-email/undo/{token}", w.onlyIf(w.acc.CanChangeEmail(), methods{"GET": secretAddress(w.showEmailLink(undoing)), "POST": secretAddress(w.useEmailLink(undoing))}))
	usernames, _ := w.acc.AsksUsername()
	handle(w.base+"/change-username", w.onlyIf(usernames, methods{"GET": w.signedInOnly(w.showChangeUsername), "POST": w.signedInOnly(w.changeUsername)}))
	magic := w.askMagicLink()
	handle(w.base+"/magic-link", w.onlyIf(w.acc.CanMagicLink(), methods{"GET": w.showAsk(magic), "POST": w.ask(magic)}))
	handle(w.base+"/magic-link/code", w.onlyIf(w.acc.CanMagicLink(), methods{"POST": w.loginByCode}))
	handle(w.base+"/magic-link/{token}", w.onlyIf(w.acc.CanMagicLink(), methods{"GET": secretAddress(w.showMagicLink), "POST": secretAddress(w.loginByLink)}))
	again := w.askConfirmation()
	handle(w.base+"/confirm", w.onlyIf(w.acc.ConfirmsEmail(), methods{"GET": w.showAsk(again), "POST": w.ask(again)}))
	handle(w.base+"/confirm/{token}", w.onlyIf(w.acc.ConfirmsEmail(), methods{"GET": secretAddress(w.showConfirm), "POST": secretAddress(w.confirm)}))
	handle(w.base+"/sessions", methods{"GET": w.signedInOnly(w.sessions), "DELETE": w.signedInOnly(w.endOtherSessions)})
	handle(w.base+"/sessions/{id}", methods{"DELETE": w.signedInOnly(w.endSession)})
	handle(w.base+"/security", methods{"GET": w.signedInOnly(w.security)})
	handle(w.base+"/account/delete", methods{"GET": w.showDelete, "POST": w.deleteAccount})
	handle(w.base+"/account/undelete", methods{"POST": w.undelete})
	handle(w.base+"/account/export", methods{"GET": w.signedInOnly(w.exportAccount)})
	handle(w.base+"/security/activity", w.onlyIf(w.opts.Audit != nil, methods{"GET": w.signedInOnly(w.showActivity)}))
	handle(w.base+"/two-factor", methods{"GET": w.factorsOnly(w.showFactor), "POST": w.factorsOnly(w.finishFactor)})
	handle(w.base+"/security/totp", methods{
		"GET": w.factorsOnly(w.showTOTP), "POST": w.factorsOnly(w.setUpTOTP), "DELETE": w.factorsOnly(w.signedInOnly(w.removeTOTP)),
	})
	handle(w.base+"/security/totp/confirm", methods{"POST": w.factorsOnly(w.confirmTOTP)})
	handle(w.base+"/security/recovery-codes", methods{"POST": w.factorsOnly(w.signedInOnly(w.newRecoveryCodes))})
	handle(w.base+"/passkeys/options", w.passkeysOnly(methods{"POST": w.passkeyOptions}))
	handle(w.base+"/passkeys", w.passkeysOnly(methods{"POST": w.loginByPasskey}))
	handle(w.base+"/security/passkeys", w.passkeysOnly(methods{"GET": w.showPasskeys, "POST": w.addPasskey}))
	handle(w.base+"/security/passkeys/options", w.passkeysOnly(methods{"POST": w.newPasskeyOptions}))
	handle(w.base+"/security/passkeys/{id}", w.passkeysOnly(methods{
		"GET": w.signedInOnly(w.showPasskey), "PATCH": w.signedInOnly(w.renamePasskey), "DELETE": w.signedInOnly(w.removePasskey),
	}))
	handle(w.base+"/security/tokens", w.onlyIf(w.acc.UsesTokens(), methods{"GET": w.signedInOnly(w.showTokens), "POST": w.signedInOnly(w.createToken)}))
	handle(w.base+"/security/tokens/{id}", w.onlyIf(w.acc.UsesTokens(), methods{"DELETE": w.signedInOnly(w.deleteToken)}))
	if !w.opts.NoRegistration {
		handle(w.base+"/register", methods{"GET": w.showRegister, "POST": w.register})
	}
	// Programs get these from Social.
	orJSON := func(page http.HandlerFunc) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			if social.WantsJSON(r) {
				endpoints.ServeHTTP(rw, r)
				return
			}
			page(rw, r)
		}
	}
	handle(prefix+"/connections", methods{"GET": orJSON(w.signedInOnly(w.connections))})
	mux.HandleFunc("GET "+prefix+"/connections/pending", orJSON(w.signedInOnly(w.askConnect)))
	mux.HandleFunc("GET /data-deletion/{code}", orJSON(w.showDataDeletion))
	handle(prefix+"/connections/{id}/remove", methods{"GET": w.signedInOnly(w.askDisconnect)})
	callback, loggedOut, signals := prefix+"/callback/", "/backchannel-logout/", "/signals/"
	for _, path := range []string{prefix + "/login/", prefix + "/connect/", prefix + "/reconnect/", prefix + "/verify/", callback, prefix + "/connections/", loggedOut, signals} {
		mux.Handle(path, endpoints)
	}
	mux.Handle("/data-deletion/", endpoints)
	mux.Handle("/deauthorize/", endpoints)
	mux.Handle(prefix+"/providers", endpoints)
	mux.Handle(prefix+"/register/{provider}", endpoints)
	handle(w.static.path, methods{"GET": w.static.ServeHTTP})
	mux.HandleFunc("/", w.notFound)

	origins, err := origin.New(cfg.AppURL, cfg.TrustedOrigins)
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		defer w.recover(rw, r)
		w.headers(rw.Header())
		// Social checks the origin of requests to its endpoints. These three take requests
		// from other sites.
		if _, pattern := mux.Handler(r); pattern == callback || pattern == loggedOut || pattern == signals {
			endpoints.ServeHTTP(rw, r)
			return
		}
		origins := origins.And(tenant.SiteOf(r.Context()).Origins)
		if origins.Share(rw, r) {
			return
		}
		if !w.acc.ByToken(r.Context()) && origins.Check(r) != nil {
			w.refuse(rw, r, http.StatusForbidden, social.CodeCrossSite)
			return
		}
		mux.ServeHTTP(rw, r)
	}), nil
}

// allow answers 405 to every other method. A form asks for DELETE and PATCH by POST with
// _method.
func (w *Web) allow(m methods) http.Handler {
	if get := m[http.MethodGet]; get != nil {
		m[http.MethodHead] = get
	}
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	allowed := strings.Join(names, ", ")
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		do := m[r.Method]
		if r.Method == http.MethodPost && m[http.MethodDelete] != nil && !input.IsJSON(r) {
			if _, ok := w.read(rw, r); !ok {
				return
			}
			switch method := strings.ToUpper(r.FormValue("_method")); method {
			case http.MethodDelete, http.MethodPatch:
				do = m[method]
			}
		}
		if do != nil {
			do(rw, r)
			return
		}
		rw.Header().Set("Allow", allowed)
		w.refuse(rw, r, http.StatusMethodNotAllowed, social.CodeMethodNotAllowed)
	})
}

// signedInOnly sends others to the log-in page.
func (w *Web) signedInOnly(do http.HandlerFunc) http.HandlerFunc {
	return w.acc.RequireLogin(do).ServeHTTP
}

// recover answers a panic like any other unexpected failure.
func (w *Web) recover(rw http.ResponseWriter, r *http.Request) {
	switch cause := recover(); cause {
	case nil:
	case http.ErrAbortHandler:
		panic(cause)
	default:
		w.soc.Fail(rw, r, w, fmt.Errorf("panic: %v\n%s", cause, debug.Stack()))
	}
}

const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' http: https:; base-uri 'none'; frame-ancestors 'none'"

// headers sets what every answer has. An endpoint may set a stricter one, and a page that
// asks for passkeys another one.
func (w *Web) headers(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
}
