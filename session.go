package social

import (
	"context"
	"net/http"
	"slices"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
)

// A browserSession is a session that begins in a browser.
type browserSession struct {
	users  Users
	w      http.ResponseWriter
	r      *http.Request
	in     identity.SignIn // without the user
	before []string        // Set-Cookie lines
}

// browserSession returns the session that in, without its user, is to begin.
func (s *Social) browserSession(w http.ResponseWriter, r *http.Request, in identity.SignIn) *browserSession {
	return &browserSession{s.cfg.Users, w, r, in, slices.Clip(w.Header()["Set-Cookie"])}
}

// signInThrough is the log-in that a grant of a provider proves, without user and connection.
func signInThrough(p *oauth.Description, g *oauth.Grant, remember bool) identity.SignIn {
	return identity.SignIn{Via: g.ProviderID, ViaName: p.Name, Remember: remember, ProviderSession: g.SessionID}
}

// start begins the user's session in the transaction of ctx.
func (b *browserSession) start(ctx context.Context, userID, connectionID string) error {
	b.undo() // a store may try more than once
	in := b.in
	in.UserID, in.ConnectionID = userID, connectionID
	return b.users.SignIn(b.w, b.r.WithContext(ctx), in)
}

// undo takes back the cookies that start set: the transaction failed.
func (b *browserSession) undo() { b.w.Header()["Set-Cookie"] = b.before }
