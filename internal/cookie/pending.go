package cookie

import (
	"net/http"
	"strings"
)

// Cookies of what somebody has begun in this browser and not finished. The next person
// at the browser must not find it: a log-in or log-out ends it.
const (
	SignUp = "social_signup" // a sign-up through a provider
	Login  = "social_login"  // a log-in that waits for a second factor
)

// EndPending removes them from a browser that has them.
func EndPending(h http.Header, r *http.Request, secure bool) {
	for _, name := range [...]string{SignUp, Login} {
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
