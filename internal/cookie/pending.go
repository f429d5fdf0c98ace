package cookie

import (
	"net/http"
	"strings"
)

// Cookies that the next person at the browser must not find.
const (
	SignUp = "social_signup" // a sign-up through a provider that is not finished
	Login  = "social_login"  // a log-in that waits for a second factor
	Flash  = "social_flash"  // messages for the next page
)

// EndPending removes from a browser what was begun in it and not finished: a
// log-in or log-out ends it.
func EndPending(h http.Header, r *http.Request, secure bool) {
	forget(h, r, secure, SignUp, Login)
}

// EndLogin removes a log-in that waits for a second factor.
func EndLogin(h http.Header, r *http.Request, secure bool) { forget(h, r, secure, Login) }

// EndVisit removes everything that a log-out ends, but what this answer sets.
func EndVisit(h http.Header, r *http.Request, secure bool) {
	EndPending(h, r, secure)
	if _, set := Named(Flash, secure).set(h); !set {
		forget(h, r, secure, Flash)
	}
}

// forget removes cookies from a browser that has them.
func forget(h http.Header, r *http.Request, secure bool, names ...string) {
	for _, name := range names {
		for _, line := range r.Header["Cookie"] {
			if strings.Contains(line, name) {
				Named(name, secure).Clear(h)
				break
			}
		}
	}
}

// EndPending is EndPending for the jar's application.
func (j *Jar) EndPending(w http.ResponseWriter, r *http.Request) {
	EndPending(w.Header(), r, j.secure)
}
