package accounts

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
)

// Middleware finds the signed-in user, for Current, CurrentSession and the guards. It
// makes one indexed read when the request has a session cookie, and none otherwise. Every
// five minutes at most it has the session's use written, without waiting for that.
// When the store fails the answer is 503. A middleware that sets the tenant goes
// around it.
func (a *Accounts) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := &requestContext{Context: r.Context(), accounts: a, request: r}
		if hash, ok := a.cookieHash(r); ok {
			l := new(login)
			var err error
			l.session, l.user, err = a.store.SessionUser(r.Context(), tenant.From(r.Context()), hash, a.now())
			switch {
			case errors.Is(err, ErrNoSession):
			case err != nil:
				a.config.Logger.ErrorContext(r.Context(), "accounts: reading a session failed", "error", err)
				reply.RetryAfter(w.Header(), 5*time.Second)
				deny(w, r, http.StatusServiceUnavailable, "unavailable", "The service cannot tell who is signed in. Try again soon.")
				return
			case l.user.Active:
				ctx.login.Store(l)
				a.prolong(&l.session)
			}
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// A requestContext is the context of a request that went through Middleware. It
// carries itself, which saves an allocation for each request.
type requestContext struct {
	context.Context
	accounts *Accounts
	request  *http.Request
	login    atomic.Pointer[login] // nil: no user is signed in
}

// A login is a signed-in user and their session.
type login struct {
	user    User
	session Session

	permissions atomic.Pointer[[]string] // of the user's roles; nil: not read yet
}

type requestKey struct{}

func (c *requestContext) Value(key any) any {
	if key == (requestKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// requestOf returns the requestContext that ctx comes from, or nil.
func requestOf(ctx context.Context) *requestContext {
	c, _ := ctx.Value(requestKey{}).(*requestContext)
	return c
}

// loginIn returns the login if its user belongs to the tenant of ctx, which may be
// another one than that of the request.
func (c *requestContext) loginIn(ctx context.Context) *login {
	if c == nil {
		return nil
	}
	if l := c.login.Load(); l != nil && l.user.Tenant == tenant.From(ctx) {
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

// CurrentSession returns the session of the signed-in user, or nil. Do not change it.
func CurrentSession(ctx context.Context) *Session {
	if l := requestOf(ctx).loginIn(ctx); l != nil {
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
