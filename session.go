package social

import (
	"context"
	"net/http"
	"slices"

	"github.com/gosocial/social/identity"
)

// A browserSession is a session that begins in a browser.
type browserSession struct {
	users  Users
	w      http.ResponseWriter
	r      *http.Request
	in     identity.SignIn
	before []string // Set-Cookie lines
}

func (s *Social) browserSession(w http.ResponseWriter, r *http.Request, via string, remember bool) *browserSession {
	return &browserSession{s.cfg.Users, w, r, identity.SignIn{Via: via, Remember: remember}, slices.Clip(w.Header()["Set-Cookie"])}
}

// start begins the user's session in the transaction of ctx.
func (b *browserSession) start(ctx context.Context, userID string) error {
	b.undo() // a store may try more than once
	in := b.in
	in.UserID = userID
	return b.users.SignIn(b.w, b.r.WithContext(ctx), in)
}

// undo takes back the cookies that start set: the transaction failed.
func (b *browserSession) undo() {
	if b.before == nil {
		b.w.Header().Del("Set-Cookie")
	} else {
		b.w.Header()["Set-Cookie"] = b.before
	}
}
