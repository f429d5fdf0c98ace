package accounts

import (
	"context"
	"net/http"
	"strings"

	"github.com/gosocial/social/accounts/apitoken"
)

// isScope reports whether a text is a scope-token of RFC 6749 §3.3.
func isScope(name string) bool {
	return name != "" && len(name) <= 100 && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' })
}

// TokenScopes returns the names of Config.TokenScopes, sorted.
func (a *Accounts) TokenScopes() []string {
	var names []string
	for name := range a.config.TokenScopes {
		names = append(names, name)
	}
	return sorted(names)
}

// TokenScopeText returns the text for people of a scope.
func (a *Accounts) TokenScopeText(name string) string { return a.config.TokenScopes[name] }

// CurrentToken returns the API token by which the signed-in user is known, or nil: a user
// in a session has none. Do not change it.
func CurrentToken(ctx context.Context) *apitoken.Token {
	if l := requestOf(ctx).loginIn(ctx); l != nil {
		return l.token
	}
	return nil
}

// HasScope reports whether the request that ctx comes from may do what the scope allows:
// its API token has the scope, or its user is signed in without a token.
func (a *Accounts) HasScope(ctx context.Context, scope string) bool {
	if a.CurrentUser(ctx) == "" {
		return false
	}
	t := CurrentToken(ctx)
	return t == nil || t.HasScope(scope)
}

// RequireScope lets requests of signed-in users pass, but those by an API token only if
// that has the scope: it answers others with 403 (RFC 6750 §3.1), and requests without a
// signed-in user as RequireLogin does.
func (a *Accounts) RequireScope(scope string, next http.Handler) http.Handler {
	return a.RequireLogin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.HasScope(r.Context(), scope) {
			challenge := `Bearer error="insufficient_scope"`
			if isScope(scope) {
				challenge += `, scope="` + scope + `"`
			}
			w.Header().Set("WWW-Authenticate", challenge)
			deny(w, r, http.StatusForbidden, refusedScope, map[string]string{"scope": scope})
			return
		}
		next.ServeHTTP(w, r)
	}))
}
