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

// Middleware finds out who is signed in, and puts it into the request's context
// for Current, CurrentSession and the guards. It costs one indexed read when the
// session cookie is there, and none otherwise. When the store fails the answer
// is 503.
func (a *Accounts) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Context: r.Context(), accounts: a, request: r}
		if hash, ok := a.cookieHash(r); ok {
			p := new(presence)
			var err error
			p.session, p.user, err = a.store.SessionUser(r.Context(), tenant.From(r.Context()), hash, a.now())
			switch {
			case errors.Is(err, ErrNoSession):
			case err != nil:
				a.config.Logger.ErrorContext(r.Context(), "accounts: reading a session failed", "error", err)
				reply.RetryAfter(w.Header(), 5*time.Second)
				refuse(w, r, http.StatusServiceUnavailable, "unavailable", "The service cannot tell who is signed in. Try again soon.")
				return
			case p.user.Active:
				v.presence.Store(p)
			}
		}
		next.ServeHTTP(w, r.WithContext(v))
	})
}

// A visit is a request's context. Being the context itself it saves one
// allocation a request.
type visit struct {
	context.Context
	accounts *Accounts
	request  *http.Request
	presence atomic.Pointer[presence] // nil: nobody is signed in
}

// presence is the user who is signed in, and the session.
type presence struct {
	user    User
	session Session
}

type visitKey struct{}

func (v *visit) Value(key any) any {
	if key == (visitKey{}) {
		return v
	}
	return v.Context.Value(key)
}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// presence returns who is signed in, nil when that is nobody of the context's
// tenant, which need not be the one that the request began with.
func (v *visit) in(ctx context.Context) *presence {
	if v == nil {
		return nil
	}
	if p := v.presence.Load(); p != nil && p.user.Tenant == tenant.From(ctx) {
		return p
	}
	return nil
}

// Current returns who is signed in, nil when nobody is. The context comes from
// a request that went through Middleware; signing in or out during the request
// shows at once. Do not change the user.
func Current(ctx context.Context) *User {
	if p := visitOf(ctx).in(ctx); p != nil {
		return &p.user
	}
	return nil
}

// CurrentSession returns the session of who is signed in, nil when nobody is.
// Do not change it.
func CurrentSession(ctx context.Context) *Session {
	if p := visitOf(ctx).in(ctx); p != nil {
		return &p.session
	}
	return nil
}

// CurrentUser returns the ID of who is signed in with these Accounts, "" when
// nobody is.
func (a *Accounts) CurrentUser(ctx context.Context) (userID string) {
	v := visitOf(ctx)
	if p := v.in(ctx); p != nil && v.accounts == a {
		return p.user.ID
	}
	return ""
}
