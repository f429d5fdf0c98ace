package accounts

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
)

// Middleware finds the signed-in user, for Current, CurrentSession and the guards. It
// makes one indexed read when the request has a session cookie, or none for as long as
// Config.SessionStaleness allows, and none without a cookie. Every
// five minutes at most it has the session's use written, without waiting for that. Once a
// day it gives the browser of a remembered session another cookie.
//
// With Config.APITokens a request with "Authorization: Bearer" is that of the token's user,
// also by one read: see CurrentToken. Its cookies do not count, and when the token is not
// good the answer is 401. With Config.BasicAuth the same holds for "Authorization: Basic".
//
// When the store fails the answer is 503. A middleware that sets the tenant goes
// around it.
func (a *Accounts) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := &requestContext{Context: r.Context(), accounts: a, request: r, writer: w}
		var goesOn bool
		if by := a.authorizationOf(r); by.scheme != noScheme {
			ctx.noCookies = true
			goesOn = a.authorize(w, ctx, by)
		} else {
			goesOn = a.bySession(w, ctx)
		}
		if goesOn {
			next.ServeHTTP(w, r.WithContext(ctx))
		}
	})
}

// bySession finds the user of a session's cookie, or answers the request.
func (a *Accounts) bySession(w http.ResponseWriter, ctx *requestContext) (goesOn bool) {
	hash, key, ok := a.cookieHash(ctx.request)
	if !ok {
		return true
	}
	found, err := a.findSession(ctx.Context, hash, key)
	l := found.login
	switch {
	case found.checked:
		ctx.login.Store(l)
	case errors.Is(err, ErrNoSession):
	case err != nil:
		a.unavailable(w, ctx, "accounts: reading a session failed", err)
		return false
	case l.session.LimitedTo == LimitedToTrust: // it is none
	case !a.holdsKey(w, ctx, l, key):
	case l.user.Active && !l.ended():
		ctx.login.Store(l)
		if l.session.LimitedTo == "" {
			a.prolong(&l.session)
		}
	}
	return true
}

// A requestContext is the context of a request that went through Middleware. It
// carries itself, which saves an allocation for each request.
type requestContext struct {
	context.Context
	accounts  *Accounts
	request   *http.Request
	writer    http.ResponseWriter
	noCookies bool                  // its header says whose request it is, and no cookie does
	login     atomic.Pointer[login] // nil: there is no session
	factors   atomic.Pointer[readFactors]
}

// A login is a user and their session, which signs them in unless it is limited.
type login struct {
	user    User
	session Session         // the zero value where there is none: see inSession
	token   *apitoken.Token // by which the user is known, or nil

	permissions atomic.Pointer[[]string] // of the user's roles; nil: not read yet
}

// ended reports whether the session should have ended with the request to delete the
// account: the store may have been interrupted in between.
func (l *login) ended() bool {
	return !l.user.DeletionAt.IsZero() && l.session.LimitedTo != LimitedToFactor && l.session.LimitedTo != LimitedToDeletion
}

// inSession reports whether the login has a session. Requests with an API token or a
// password in their header have none.
func (l *login) inSession() bool { return l.session.UserID != "" }

type requestKey struct{}

func (c *requestContext) Value(key any) any {
	switch key {
	case requestKey{}, audit.CauseKey{}:
		return c
	case reply.ProgramKey{}:
		return c.noCookies
	}
	return c.Context.Value(key)
}

// Cause returns who makes the request, and from where, for package audit.
func (c *requestContext) Cause() audit.Cause {
	cause := audit.Cause{Address: c.accounts.address(c.request), UserAgent: clip(c.request.UserAgent(), 255)}
	switch l, outside := c.loginIn(c), audit.CauseOf(c.Context); {
	case l != nil && l.token != nil:
		cause.Actor = audit.Actor{Kind: audit.ActorToken, ID: l.token.ID}
	case l != nil:
		cause.Actor = audit.Actor{Kind: audit.ActorUser, ID: l.user.ID}
	case outside.Actor.Kind != "":
		cause.Actor = outside.Actor // of the application
	default:
		cause.Actor = audit.Actor{Kind: audit.ActorVisitor}
	}
	return cause
}

// requestOf returns the requestContext that ctx comes from, or nil.
func requestOf(ctx context.Context) *requestContext {
	c, _ := ctx.Value(requestKey{}).(*requestContext)
	return c
}

// sessionIn returns the login if its user belongs to the tenant of ctx, which may be
// another one than that of the request. The session may be limited.
func (c *requestContext) sessionIn(ctx context.Context) *login {
	if c == nil {
		return nil
	}
	if l := c.login.Load(); l != nil && l.user.Tenant == tenant.From(ctx) {
		return l
	}
	return nil
}

// loginIn returns the login of a signed-in user, as sessionIn does.
func (c *requestContext) loginIn(ctx context.Context) *login {
	if l := c.sessionIn(ctx); l != nil && l.session.LimitedTo == "" {
		return l
	}
	return nil
}

// Current returns the signed-in user, or nil. The context comes from a request that
// went through Middleware; a log-in or log-out during the request takes effect at
// once. Do not change the user.
func Current(ctx context.Context) *User {
	if l := requestOf(ctx).loginIn(ctx); l != nil {
		return &l.user
	}
	return nil
}

// CurrentSession returns the session of the signed-in user, or nil: a user of an API token,
// or with a password in the request's header, has none. Do not change it.
func CurrentSession(ctx context.Context) *Session {
	if l := requestOf(ctx).loginIn(ctx); l != nil && l.inSession() {
		return &l.session
	}
	return nil
}

// LimitedSession returns the session of a user who is not signed in but may do one
// thing, which its LimitedTo says, or nil. Do not change it.
func LimitedSession(ctx context.Context) *Session {
	if l := requestOf(ctx).sessionIn(ctx); l != nil && l.session.LimitedTo != "" {
		return &l.session
	}
	return nil
}

// CurrentUser returns the ID of the user who is signed in with these Accounts, or "".
func (a *Accounts) CurrentUser(ctx context.Context) (userID string) {
	c := requestOf(ctx)
	if l := c.loginIn(ctx); l != nil && c.accounts == a {
		return l.user.ID
	}
	return ""
}
