package accounts

import (
	"context"
	"net/http"

	"github.com/gosocial/social/internal/tenant"
)

// requestSessions returns the hashes of a request's n sessions: the one that its
// cookie names, and another that began during the request. The first one must end
// also when a transaction that ends it is tried again.
func (a *Accounts) requestSessions(r *http.Request) (hashes [2][32]byte, n int) {
	c := requestOf(r.Context())
	if c != nil && c.accounts != a {
		c = nil
	}
	if hash, _, ok := a.cookieHash(r); ok && (c == nil || !c.noCookies) {
		hashes[n] = hash
		n++
	}
	// A log-in without a session has a hash that no cookie has.
	if l := c.sessionIn(r.Context()); l != nil && l.session.Hash != hashes[0] {
		hashes[n] = l.session.Hash
		n++
	}
	return hashes, n
}

// SignOut ends the session, in the store and in the browser, and what was begun in the
// browser and not finished, such as a sign-up through a provider, and
// messages that were not shown. When the store fails the browser forgets the session all
// the same, and the error says that the store has not. A request with an API token, or with
// a password in its header, has no session, and nothing ends.
func (a *Accounts) SignOut(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if a.CurrentUser(ctx) != "" && CurrentSession(ctx) == nil {
		return nil
	}
	hashes, n := a.requestSessions(r)
	userID := a.CurrentUser(ctx)
	if c := requestOf(ctx); c.sessionIn(ctx) != nil {
		c.login.Store(nil)
	}
	a.clearCookie(w)
	a.endVisit(w, r)
	if n == 0 {
		return nil
	}
	err := a.recording(ctx, func(ctx context.Context) error {
		for _, hash := range hashes[:n] {
			if err := a.store.DeleteSession(ctx, tenant.From(ctx), hash); err != nil {
				return err
			}
		}
		if userID == "" {
			return nil
		}
		return record(a.by(ctx, userID), a, LoggedOut{Subject: subject(ctx, userID), Address: a.address(r)})
	})
	if err != nil {
		return wrap("ending a session", err)
	}
	return nil
}
