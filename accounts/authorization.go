package accounts

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/accounts/apitoken"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/internal/tenant"
)

// An authorization is what a request has in its header Authorization (RFC 9110 §11.6.2),
// when that says whose request it is in place of a cookie.
type authorization struct {
	scheme      scheme
	credentials string // "" where there are two such headers
}

type scheme int

const (
	noScheme scheme = iota
	bearer          // an API token (RFC 6750 §2.1)
	basic           // a password (RFC 7617)
)

// authorizationOf returns what a request has that is for these Accounts. While API tokens
// are off, those of an application's own are not, and requests with them may have a cookie;
// one that looks like ours never comes with the cookie's rights.
func (a *Accounts) authorizationOf(r *http.Request) (found authorization) {
	for _, line := range r.Header["Authorization"] {
		name, rest := schemeOf(line)
		var of scheme
		switch {
		case strings.EqualFold(name, "Bearer") && (a.config.APITokens || strings.HasPrefix(rest, apitoken.Prefix)):
			of = bearer
		case strings.EqualFold(name, "Basic") && a.config.BasicAuth:
			of = basic
		default:
			continue
		}
		if found.scheme != noScheme {
			return authorization{scheme: found.scheme} // nobody knows which of them is meant
		}
		found = authorization{of, rest}
	}
	return found
}

// schemeOf splits a header at the end of its scheme, a token (RFC 9110 §5.6.2), and leaves
// out the blanks that follow.
func schemeOf(line string) (name, rest string) {
	line = strings.Trim(line, " \t")
	end := strings.IndexFunc(line, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) })
	if end < 0 {
		end = len(line)
	}
	return line[:end], strings.TrimLeft(line[end:], " \t")
}

// authorize finds the user of a request with an authorization, or answers the request.
func (a *Accounts) authorize(w http.ResponseWriter, ctx *requestContext, by authorization) (goesOn bool) {
	if by.scheme == basic {
		return a.byPassword(w, ctx, by.credentials)
	}
	if !a.config.APITokens {
		return true // nobody is signed in
	}
	return a.byToken(w, ctx, by.credentials)
}

// A tokenLogin is a login with the token, in one allocation.
type tokenLogin struct {
	login
	token apitoken.Token
}

// byToken finds the user of an API token. A text that is none costs no read.
func (a *Accounts) byToken(w http.ResponseWriter, ctx *requestContext, text string) (goesOn bool) {
	hash, err := apitoken.HashOf(text)
	if err != nil {
		refuseToken(w)
		return false
	}
	t := new(tokenLogin)
	t.login.token = &t.token
	t.token, t.user, err = a.store.TokenUser(ctx.Context, tenant.From(ctx), hash, a.now())
	if errors.Is(err, ErrNoToken) || err == nil && (!t.user.Active || !t.user.DeletionAt.IsZero()) {
		refuseToken(w)
		return false
	}
	missing := false
	if err == nil {
		missing, err = a.missesFactor(ctx, &t.user)
	}
	switch {
	case err != nil:
		a.unavailable(w, ctx, "accounts: reading an API token failed", err)
	case missing:
		problem(http.StatusForbidden, refusedTokenFactor, nil).Write(w)
	default:
		ctx.login.Store(&t.login)
		a.useToken(&t.token)
		return true
	}
	return false
}

// missesFactor reports whether the user has to have a second factor and has none: in a
// session they could only set one up. It reads factors of such users alone.
func (a *Accounts) missesFactor(ctx context.Context, u *User) (bool, error) {
	if !a.requiresFactor(u) {
		return false, nil
	}
	has, err := a.HasFactor(ctx, u.ID)
	return !has, err
}

// refuseToken answers a request with a token that is not good (RFC 6750 §3.1).
func refuseToken(w http.ResponseWriter) {
	w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	problem(http.StatusUnauthorized, refusedToken, nil).Write(w)
}

// unavailable answers a request of which the store cannot say whose it is.
func (a *Accounts) unavailable(w http.ResponseWriter, ctx *requestContext, what string, err error) {
	a.config.Logger.ErrorContext(ctx, what, "error", err)
	reply.RetryAfter(w.Header(), 5*time.Second)
	deny(w, ctx.request, http.StatusServiceUnavailable, refusedUnavailable, nil)
}

// ByToken implements social.TokenBearer: it reports whether the user of the request that ctx
// comes from is known by an API token, which no browser sends by itself: such a request may
// come from anywhere. One with a password in its header is not: browsers remember that.
func (a *Accounts) ByToken(ctx context.Context) bool {
	c := requestOf(ctx)
	l := c.loginIn(ctx)
	return l != nil && c.accounts == a && l.token != nil
}
