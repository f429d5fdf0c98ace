package accounts

import (
	"net/http"

	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// RequireLogin lets signed-in users through. Others are sent to the log-in page
// with "next", the page they wanted: that of a GET request itself, that of
// another the page it came from, if that is ours. Who asks for JSON gets 401 as a
// problem document (RFC 9457).
func (a *Accounts) RequireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.CurrentUser(r.Context()) == "" {
			a.askLogin(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireAnonymous lets those through who are not signed in, and sends others
// to the page after log-in.
func (a *Accounts) RequireAnonymous(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.CurrentUser(r.Context()) != "" {
			reply.Redirect(w, a.config.PostLogin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireRole lets users with the role through. It answers 403 to other users,
// and to those who are not signed in as RequireLogin does.
func (a *Accounts) RequireRole(role string, next http.Handler) http.Handler {
	return a.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Current(r.Context()).HasRole(role) {
			refuse(w, r, http.StatusForbidden, "forbidden", "You may not do this.")
			return
		}
		next.ServeHTTP(w, r)
	}))
}

func (a *Accounts) askLogin(w http.ResponseWriter, r *http.Request) {
	if reply.WantsJSON(r) {
		refuse(w, r, http.StatusUnauthorized, reply.CodeNotSignedIn, "Sign in first.")
		return
	}
	reply.Redirect(w, nexturl.WithNext(a.config.LoginPage, nexturl.Wanted(r, a.app.Host)))
}
