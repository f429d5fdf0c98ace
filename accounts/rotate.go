package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gosocial/social/mail"
)

// The cookie of a remembered session has two parts: the token, which names the session,
// and a key, which is replaced once a day. Requests under way at that moment come with the
// old key, which is valid for a minute more. A later request with it means that two browsers
// have the cookie, one of them a copy: the session ends.
const (
	keyLength128  = 16
	keyTextLength = 22 // in base64

	rotateEvery = 24 * time.Hour
	oldKeyLasts = time.Minute
)

// newKey returns the key of a session's cookie, and its hash, which is stored.
func newKey() (key, hash string) {
	var b [keyLength128]byte
	rand.Read(b[:])
	key = base64.RawURLEncoding.EncodeToString(b[:])
	return key, keyHash(key)
}

func keyHash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return base64.RawURLEncoding.EncodeToString(sum[:keyLength128])
}

// holdsKey reports whether a request came with the key of the session, and replaces one
// that is a day old. A session that came with an old key is ended.
func (a *Accounts) holdsKey(w http.ResponseWriter, ctx *requestContext, l *login, key string) bool {
	s := &l.session
	if s.KeyHash == "" {
		return key == ""
	}
	now := a.now()
	switch keyHash(key) {
	case s.KeyHash:
		if now.Sub(s.RotatedAt) >= rotateEvery {
			a.rotate(ctx, w, s, now)
		}
		return true
	case s.OldKeyHash:
		if now.Sub(s.RotatedAt) <= oldKeyLasts {
			return true
		}
	}
	a.endStolen(ctx, w, l)
	return false
}

// rotate gives the browser another key. Where another request does so at the same moment,
// or the store fails, the old one stays for now.
func (a *Accounts) rotate(ctx *requestContext, w http.ResponseWriter, s *Session, now time.Time) {
	key, hash := newKey()
	rotated, err := a.store.RotateSession(ctx, s.Tenant, s.Hash, s.KeyHash, hash, now)
	if err == nil && rotated {
		s.KeyHash, s.OldKeyHash, s.RotatedAt = hash, s.KeyHash, now
		var value string
		if value, err = a.cookie.Get(ctx.request); err == nil {
			a.setCookie(w, value[:len(value)-keyTextLength]+key, a.rememberAge())
		}
	}
	if err != nil {
		a.config.Logger.WarnContext(ctx, "accounts: the cookie of a session was not replaced", "error", err)
	}
}

// endStolen ends a session of which two have the cookie, and tells the user.
func (a *Accounts) endStolen(c *requestContext, w http.ResponseWriter, l *login) {
	s := &l.session
	a.clearCookie(w)
	// It ends also when who came with the cookie has closed the connection.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c), prolongWait)
	defer cancel()
	err := a.inTx(ctx, func(ctx context.Context) error {
		if err := a.store.DeleteSession(ctx, s.Tenant, s.Hash); err != nil {
			return err
		}
		letter := a.letter(ctx, mail.KindSessionStolen, &l.user)
		letter.Link = a.link(ctx, "/sessions", "")
		if err := a.notify(ctx, letter); err != nil {
			return err
		}
		return record(ctx, a, SessionStolen{Subject: Subject{s.Tenant, s.UserID}, Address: a.address(c.request)})
	})
	if err != nil {
		a.config.Logger.ErrorContext(ctx, "accounts: a session whose cookie is stolen was not ended", "user", s.UserID, "error", err)
	}
}
