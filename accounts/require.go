package accounts

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/internal/reply"
)

// RequireLogin lets requests of signed-in users pass. It redirects others to the log-in page,
// or to that of a second factor that is due, with the page to return to as "next": that of a
// GET request itself, for others the page of this application that they came from. A request
// for JSON gets 401 as a problem document (RFC 9457).
func (a *Accounts) RequireLogin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.CurrentUser(r.Context()) == "" {
			a.askLogin(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// RequireFresh lets requests of signed-in users pass who proved who they are a short time
// ago; see Config.FreshFor. It redirects others to Config.VerifyPage, with the page to
// return to as RequireLogin has it, and with the fields of the form that keep names in its
// query, so that the page can fill them in again: name none that is a secret. A request
// for JSON gets 401 as a problem document. Requests without a signed-in user are
// answered as RequireLogin does.
func (a *Accounts) RequireFresh(next http.Handler, keep ...string) http.Handler {
	return a.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.IsFresh(r.Context()) {
			a.AskFresh(w, r, keep...)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// AskFresh answers a request whose user has to prove once more who they are, as
// RequireFresh does: for a handler that finds that out itself, or that got ErrNotFresh.
func (a *Accounts) AskFresh(w http.ResponseWriter, r *http.Request, keep ...string) {
	// Without a session there is nothing that a proof could make fresh.
	if reply.WantsJSON(r) || a.CurrentUser(r.Context()) != "" && CurrentSession(r.Context()) == nil {
		deny(w, r, http.StatusUnauthorized, reply.CodeReauthenticationRequired, nil)
		return
	}
	back := nexturl.Wanted(r, a.app.Host)
	if filled := a.filledIn(w, r, back, keep); filled != "" {
		back = filled
	}
	reply.Redirect(w, nexturl.WithNext(a.config.VerifyPage, back))
}

// filledIn returns the page with fields of the request's form in its query, several values
// of one separated by spaces; "" where there is no page, or that is too long.
func (a *Accounts) filledIn(w http.ResponseWriter, r *http.Request, page string, keep []string) string {
	input.Load(w, r)
	for _, name := range keep {
		if values := r.PostForm[name]; len(values) > 0 {
			page = nexturl.With(page, name, strings.Join(values, " "))
		}
	}
	return nexturl.Path(page)
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

// Rights are what a user may need for a request: of each field that is set, every name,
// or one at least. The zero value asks for nothing but a log-in.
type Rights struct {
	Roles, AnyRole             []string
	Permissions, AnyPermission []string
}

// RequireRole lets requests of users with the role pass. It answers other users with
// 403, and requests without a signed-in user as RequireLogin does.
func (a *Accounts) RequireRole(role string, next http.Handler) http.Handler {
	return a.Require(Rights{Roles: []string{role}}, next)
}

// RequirePermission lets requests of users pass who have the permission by one of their
// roles. It answers others as RequireRole does.
func (a *Accounts) RequirePermission(permission string, next http.Handler) http.Handler {
	return a.Require(Rights{Permissions: []string{permission}}, next)
}

// Require lets requests of users pass who have the rights. It answers others as
// RequireRole does, and with 503 when the store fails.
func (a *Accounts) Require(rights Rights, next http.Handler) http.Handler {
	return a.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		may, err := a.HasRights(r.Context(), rights)
		switch {
		case err != nil:
			a.config.Logger.ErrorContext(r.Context(), "accounts: reading permissions failed", "error", err)
			reply.RetryAfter(w.Header(), 5*time.Second)
			deny(w, r, http.StatusServiceUnavailable, refusedUnavailableRights, nil)
		case !may:
			deny(w, r, http.StatusForbidden, refusedForbidden, nil)
		default:
			next.ServeHTTP(w, r)
		}
	}))
}

// HasRights reports whether a user is signed in and has the rights. It reads permissions
// only when rights has some.
func (a *Accounts) HasRights(ctx context.Context, rights Rights) (bool, error) {
	if a.CurrentUser(ctx) == "" || !hasAll(Current(ctx).Roles, rights.Roles, rights.AnyRole) {
		return false, nil
	}
	if len(rights.Permissions) == 0 && len(rights.AnyPermission) == 0 {
		return true, nil
	}
	has, err := a.Permissions(ctx)
	if err != nil {
		return false, err
	}
	return hasAll(has, rights.Permissions, rights.AnyPermission), nil
}

// hasAll reports whether all of a list are there, and one of another where it has any.
func hasAll(has, all, anyOf []string) bool {
	for _, name := range all {
		if !slices.Contains(has, name) {
			return false
		}
	}
	return len(anyOf) == 0 || slices.ContainsFunc(anyOf, func(name string) bool { return slices.Contains(has, name) })
}

func (a *Accounts) askLogin(w http.ResponseWriter, r *http.Request) {
	if reply.WantsJSON(r) {
		deny(w, r, http.StatusUnauthorized, reply.CodeNotSignedIn, nil)
		return
	}
	page := a.config.LoginPage
	if c := requestOf(r.Context()); c != nil && c.accounts == a {
		page = cmp.Or(a.limitedPage(LimitedSession(r.Context())), page)
	}
	reply.Redirect(w, nexturl.WithNext(page, nexturl.Wanted(r, a.app.Host)))
}
