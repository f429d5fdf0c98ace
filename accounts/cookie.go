package accounts

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/internal/reply"
)

// tokenLength is the bytes of a session's token.
const tokenLength = 32

var tokenEncoding = base64.RawURLEncoding.Strict()

// newToken returns a session's token, and the hash it is kept under.
func newToken() (text string, hash [32]byte) {
	var token [tokenLength]byte
	rand.Read(token[:])
	return tokenEncoding.EncodeToString(token[:]), sha256.Sum256(token[:])
}

// presented returns the hash of the token that a request brings along. Two
// cookies of the name are none: nobody could tell which one is ours.
func (a *Accounts) presented(r *http.Request) (hash [32]byte, ok bool) {
	var value string
	for _, line := range r.Header["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			// Only blanks, no other white space: "\u2000__Host-session" is another
			// cookie, which a neighbouring host may set.
			name, v, _ := strings.Cut(strings.Trim(pair, " \t"), "=")
			if name != a.cookie {
				continue
			}
			if ok {
				return hash, false
			}
			value, ok = v, true
		}
	}
	if len(value) != base64.RawURLEncoding.EncodedLen(tokenLength) {
		return hash, false
	}
	var token [tokenLength]byte
	if _, err := tokenEncoding.Decode(token[:], []byte(value)); err != nil {
		return hash, false
	}
	return sha256.Sum256(token[:]), true
}

// setCookie hands out a token; "" takes it back. Until zero, the browser
// forgets it when it closes.
func (a *Accounts) setCookie(w http.ResponseWriter, token string, until time.Time) {
	c := http.Cookie{
		Name: a.cookie, Value: token, Path: "/",
		HttpOnly: true, Secure: a.secure(), SameSite: http.SameSiteLaxMode,
	}
	switch {
	case token == "":
		c.MaxAge = -1
	case !until.IsZero():
		c.Expires = until
		c.MaxAge = int(until.Sub(a.now()) / time.Second)
	}
	h := w.Header()
	// One Set-Cookie of a name in an answer (RFC 6265 §4.1.1).
	kept := h["Set-Cookie"][:0]
	for _, line := range h["Set-Cookie"] {
		if !strings.HasPrefix(line, a.cookie+"=") {
			kept = append(kept, line)
		}
	}
	h["Set-Cookie"] = append(kept, c.String())
	reply.NoStore(h)
}
