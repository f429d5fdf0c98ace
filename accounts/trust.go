package accounts

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/tenant"
)

// A browser that a user trusts keeps a token in a cookie of its own, and the store its
// hash, as a session that is limited to trust: so whatever ends sessions ends it too.
const (
	trustCookie = "social_trusted"
	mostTrust   = 4 // the users of one browser, the latest first
)

// TrustedDevices lists the browsers in which no second factor is asked for, newest first.
// EndSession ends one by its ID.
func (a *Accounts) TrustedDevices(ctx context.Context, userID string) ([]Session, error) {
	return a.sessions(ctx, userID, LimitedToTrust)
}

// endTrust ends the user's trusted devices.
func (a *Accounts) endTrust(ctx context.Context, userID string) error {
	_, err := a.store.DeleteSessions(ctx, SessionFilter{Tenant: tenant.From(ctx), UserID: userID, LimitedTo: LimitedToTrust})
	return err
}

// trustedDevice returns the row by which the user trusts the request's browser, or nil.
func (a *Accounts) trustedDevice(ctx context.Context, r *http.Request, userID string) (*Session, error) {
	for _, token := range a.trustTokens(r) {
		hash, _ := hashOfToken(token)
		s, _, err := a.store.SessionUser(ctx, tenant.From(ctx), hash, a.now())
		switch {
		case errors.Is(err, ErrNoSession):
		case err != nil:
			return nil, wrap("reading a trusted device", err)
		case s.LimitedTo == LimitedToTrust && s.UserID == userID:
			return &s, nil
		}
	}
	return nil, nil
}

func (a *Accounts) trustCookie() cookie.Cookie {
	return cookie.Named(trustCookie, a.app.Scheme == "https")
}

// trustTokens are those in the request's cookie, without what is none: another site of the
// domain may have written the cookie.
func (a *Accounts) trustTokens(r *http.Request) []string {
	value, _ := a.trustCookie().Get(r) // "" for none, and for two
	tokens := slices.DeleteFunc(strings.Split(value, "."), func(token string) bool {
		_, ok := hashOfToken(token)
		return !ok
	})
	return tokens[:min(len(tokens), mostTrust)]
}

// newTrust returns a row by which the user trusts a browser, and its token.
func (a *Accounts) newTrust(r *http.Request, u *User) (token string, trust []Session) {
	token, hash := newToken()
	now := a.now()
	return token, []Session{{
		Hash: hash, Tenant: u.Tenant, UserID: u.ID, LimitedTo: LimitedToTrust,
		CreatedAt: now, ExpiresAt: now.Add(a.config.TrustFor), LastSeenAt: now, ProvedAt: now,
		Address: a.address(r), UserAgent: clip(r.UserAgent(), 255),
	}}
}

// keepTrust gives the browser a token beside those that it has.
func (a *Accounts) keepTrust(w http.ResponseWriter, r *http.Request, token string) error {
	tokens := append([]string{token}, a.trustTokens(r)...)
	value := strings.Join(tokens[:min(len(tokens), mostTrust)], ".")
	return a.trustCookie().Set(w.Header(), value, a.config.TrustFor)
}

// trustLasts is how long a browser is trusted by default.
const trustLasts = 30 * 24 * time.Hour

// hashOfID returns the hash of a session's ID; the zero hash for what is none.
func hashOfID(id string) (hash [32]byte) {
	if b, err := base64.RawURLEncoding.DecodeString(id); err == nil && len(b) == len(hash) {
		copy(hash[:], b)
	}
	return hash
}
