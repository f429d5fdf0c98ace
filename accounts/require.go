package accounts

import (
	"net/http"

	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// RequireLogin lets requests of signed-in users pass. It redirects others to the
// log-in page, with the page to return to as "next": that of a GET request itself,
// for others the page of this application that they came from. A request for JSON
// gets 401 as a problem document (RFC 9457).
func (a *Accounts) RequireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.CurrentUser(r.Context()) == "" {
			a.askLogin(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireAnonymous lets requests pass without a signed-in user, and redirects others
// to Config.PostLogin.
func (a *Accounts) RequireAnonymous(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.CurrentUser(r.Context()) != "" {
			reply.Redirect(w, a.config.PostLogin)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireRole lets requests of users with the role pass. It answers other users with
// 403, and requests without a signed-in user as RequireLogin does.
func (a *Accounts) RequireRole(role string, next http.Handler) http.Handler {
	return a.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !Current(r.Context()).HasRole(role) {
			deny(w, r, http.StatusForbidden, "forbidden", "You may not do this.")
			return
		}
		next.ServeHTTP(w, r)
	}))
}

func (a *Accounts) askLogin(w http.ResponseWriter, r *http.Request) {
	if reply.WantsJSON(r) {
		deny(w, r, http.StatusUnauthorized, reply.CodeNotSignedIn, "Sign in first.")
		return
	}
	reply.Redirect(w, nexturl.WithNext(a.config.LoginPage, nexturl.Wanted(r, a.app.Host)))
}
