package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/reply"
)

// tokenLength is the bytes of a session's token.
const tokenLength = 32

var tokenEncoding = base64.RawURLEncoding.Strict()

// newToken returns a session's token, and its hash, which is stored.
func newToken() (text string, hash [32]byte) {
	var token [tokenLength]byte
	rand.Read(token[:])
	return tokenEncoding.EncodeToString(token[:]), sha256.Sum256(token[:])
}

// cookieHash returns the hash of the token that a request has in its cookie, and the key
// that follows the token, "" for none. Two cookies of the name are none, because one of
// them may be another site's.
func (a *Accounts) cookieHash(r *http.Request) (hash [32]byte, key string, ok bool) {
	value, err := a.cookie.Get(r)
	if err != nil {
		return hash, "", false
	}
	if token := base64.RawURLEncoding.EncodedLen(tokenLength); len(value) == token+keyTextLength {
		value, key = value[:token], value[token:]
	}
	hash, ok = hashOfToken(value)
	return hash, key, ok
}

// hashOfToken returns the hash of a token, and whether it is one.
func hashOfToken(text string) (hash [32]byte, ok bool) {
	if len(text) != base64.RawURLEncoding.EncodedLen(tokenLength) {
		return hash, false
	}
	var token [tokenLength]byte
	if _, err := tokenEncoding.Decode(token[:], []byte(text)); err != nil {
		return hash, false
	}
	return sha256.Sum256(token[:]), true
}

// setCookie gives the browser a session's token for so long, for 0 until it closes. It
// cannot fail: a token is far shorter than a cookie may be.
func (a *Accounts) setCookie(w http.ResponseWriter, token string, age time.Duration) {
	reply.NoStore(w.Header())
	_ = a.cookie.Set(w.Header(), token, age)
}

// clearCookie removes the token from the browser.
func (a *Accounts) clearCookie(w http.ResponseWriter) {
	reply.NoStore(w.Header())
	a.cookie.Clear(w.Header())
}

// endPending ends what was begun in the browser and not finished.
func (a *Accounts) endPending(w http.ResponseWriter, r *http.Request) {
	cookie.EndPending(w.Header(), r, a.app.Scheme == "https")
}

// endLogin ends a log-in through a provider that waits in the browser for a second factor.
func (a *Accounts) endLogin(w http.ResponseWriter, r *http.Request) {
	cookie.EndLogin(w.Header(), r, a.app.Scheme == "https")
}

// endVisit removes what the next person at the browser must not find.
func (a *Accounts) endVisit(w http.ResponseWriter, r *http.Request) {
	cookie.EndVisit(w.Header(), r, a.app.Scheme == "https")
}
