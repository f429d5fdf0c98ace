package vault

import (
	"net/http"
	"time"

	"github.com/gosocial/social/oauth"
)

// NewLimiter returns a transport that lets so many calls through at once.
func NewLimiter(next http.RoundTripper, calls int) http.RoundTripper { return newLimiter(next, calls) }

// HeaderTimeout is how long the vault's own transport waits for an answer.
func (v *Vault) HeaderTimeout() time.Duration { return v.api.(*http.Transport).ResponseHeaderTimeout }

// CallTimeout is how long a call through Client may take.
func (v *Vault) CallTimeout() time.Duration { return v.callTimeout }

// WaitAtMost bounds how many connections wait in a round of KeepAlive.
func (v *Vault) WaitAtMost(n int) { v.mostWaiting = n }

// Cached reports whether a connection's token is in memory.
func (v *Vault) Cached(id string) bool { return v.cache.get(id) != nil }

// Seal seals a token for a connection's row.
func (v *Vault) Seal(c Connection, t oauth.Token) ([]byte, error) {
	return v.sealToken(&c, &storedToken{Token: t})
}

// Open opens what is sealed in a connection's row.
func (v *Vault) Open(c Connection, sealed []byte) (oauth.Token, error) {
	t, err := v.openToken(&c, sealed)
	return t.Token, err
}
