package social

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// A sessionStart begins a session for a browser.
type sessionStart struct {
	users  Users
	w      http.ResponseWriter
	r      *http.Request
	via    string
	before []string // Set-Cookie lines
}

func (s *Social) session(w http.ResponseWriter, r *http.Request, via string) *sessionStart {
	return &sessionStart{s.cfg.Users, w, r, via, slices.Clip(w.Header()["Set-Cookie"])}
}

// start begins the user's session in the transaction of ctx.
func (b *sessionStart) start(ctx context.Context, userID string) error {
	b.undo() // a store may try more than once
	return b.users.SignIn(b.w, b.r.WithContext(ctx), identity.SignIn{UserID: userID, Via: b.via})
}

// undo takes back the cookies that start set: the transaction failed.
func (b *sessionStart) undo() {
	if b.before == nil {
		b.w.Header().Del("Set-Cookie")
	} else {
		b.w.Header()["Set-Cookie"] = b.before
	}
}

// inTx does f in one transaction where the store can.
func (s *Social) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := s.store.(vault.Transactor); ok {
		return t.InTx(ctx, f)
	}
	return f(ctx)
}

// claim claims what the parts name, in the context's tenant, for the time given:
// vault.ErrClaimed when it was claimed before.
func (s *Social) claim(ctx context.Context, d time.Duration, parts ...string) error {
	b := []byte("social")
	for _, p := range parts {
		b = append(append(b, 0), p...)
	}
	key := sha256.Sum256(b)
	now := s.cfg.Now()
	return s.store.Claim(ctx, vault.Claim{Tenant: Tenant(ctx), Key: key[:], Now: now, Until: now.Add(d)})
}
