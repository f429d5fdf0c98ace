package vault

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// An access is a connection with its access token in the clear, in memory. Only
// its atomics change. The refresh token is left out: refreshing reads the row.
type access struct {
	conn        Connection
	token       oauth.Token
	due         time.Time     // when to refresh; zero: not by the clock
	refreshable bool          // there is a refresh token
	lifetime    time.Duration // of the token when it was issued; a very long one where that is not known
	signed      atomic.Pointer[signature]
	checked     atomic.Int64 // when the store last confirmed it, in Unix nanoseconds
	refused     atomic.Bool  // the API answered 401 and the call could not be repeated
	// adopted says that a refresh found it in the row: it is newer than the one
	// that was refused, but may be refused too.
	adopted bool
}

// A signature holds the headers that sign every request: see oauth.HeaderSigner.
type signature struct {
	by     *provider
	header []field // nil when each request is signed by itself
}

// A field is a header field.
type field struct {
	name   string
	values []string
	token  bool // it has the token: the caller's own value does not take its place
}

func newAccess(c Connection, t *storedToken, read time.Time) *access {
	a := &access{conn: c, token: withoutRefresh(t.Token), refreshable: t.Refresh != ""}
	a.due, a.lifetime = t.Expiry, t.Expiry.Sub(t.Issued)
	if a.refreshable && !t.Expiry.IsZero() {
		a.due = t.Expiry.Add(-margin(t))
	}
	a.checked.Store(read.UnixNano())
	return a
}

// withoutRefresh copies everything but the refresh token, so that the plaintext
// which all its texts are parts of does not stay in memory.
func withoutRefresh(t oauth.Token) oauth.Token {
	t.Refresh, t.RefreshExpiry = "", time.Time{}
	for _, s := range []*secret.Text{&t.Access, &t.Secret, &t.ID} {
		*s = secret.Text(strings.Clone(s.Reveal()))
	}
	t.ClientID, t.Type = strings.Clone(t.ClientID), strings.Clone(t.Type)
	t.Scopes = slices.Clone(t.Scopes)
	for i, s := range t.Scopes {
		t.Scopes[i] = strings.Clone(s)
	}
	extra := t.Extra
	t.Extra = nil
	for name, s := range extra {
		if t.Extra == nil {
			t.Extra = make(map[string]secret.Text, len(extra))
		}
		t.Extra[strings.Clone(name)] = secret.Text(strings.Clone(s.Reveal()))
	}
	return t
}

// margin is how long before its expiry a token is refreshed: a minute or a
// tenth of its lifetime, whichever is smaller, and up to half of that less so
// that tokens issued together are not refreshed together.
func margin(t *storedToken) time.Duration {
	m := time.Minute
	if lifetime := t.Expiry.Sub(t.Issued); lifetime < 10*m { // a long one where Issued is unknown
		m = max(lifetime, 0) / 10
	}
	return m - time.Duration(rand.Int64N(int64(m/2)+1))
}

func (a *access) expired(now time.Time) bool {
	return !a.token.Expiry.IsZero() && !now.Before(a.token.Expiry)
}

func (a *access) fresh(now time.Time) bool {
	return a.due.IsZero() || now.Before(a.due)
}

// lasts reports whether the token is good for so long yet, or no other would be: there is
// none, or the provider's tokens live no longer.
func (a *access) lasts(least time.Duration, now time.Time) bool {
	return a.token.Expiry.IsZero() || a.token.Expiry.Sub(now) >= least || !a.refreshable || a.lifetime <= least
}

// hasNoToken reports whether the provider gave none.
func (a *access) hasNoToken() bool { return a.token.Access == "" && !a.refreshable }

// header returns the headers that sign every request to the provider, or nil when
// each request has to be signed by itself.
func (a *access) header(p *provider) []field {
	s := a.signed.Load()
	if s == nil || s.by != p {
		s = &signature{by: p}
		if signer, ok := p.client.(oauth.HeaderSigner); ok {
			if h, ok := signer.SignatureHeader(a.token); ok {
				for name, values := range h {
					s.header = append(s.header, field{name, values, name == "Authorization" || slices.Contains(values, a.token.Access.Reveal())})
				}
			}
		}
		a.signed.Store(s)
	}
	return s.header
}

// access returns the connection's token from memory while the store need not be
// asked, else from the store.
func (v *Vault) access(ctx context.Context, c *Connection, now time.Time) (*access, error) {
	a := v.cache.get(c.ID)
	if a == nil || now.UnixNano()-a.checked.Load() >= int64(v.maxStale) {
		var err error
		if a, err = v.load(ctx, c.ID, a, now); err != nil {
			return nil, err
		}
	}
	if a.conn.UserID != c.UserID || a.conn.Tenant != c.Tenant {
		return nil, ErrNoConnection
	}
	return a, nil
}

// load asks the store: for the version alone when it may be the one of old.
func (v *Vault) load(ctx context.Context, id string, old *access, now time.Time) (*access, error) {
	if old != nil {
		version, err := v.store.Version(ctx, id)
		switch {
		case errors.Is(err, ErrNoConnection):
			v.cache.drop(id)
			return nil, err
		case err != nil:
			return nil, err
		case version == old.conn.Version:
			old.checked.Store(now.UnixNano())
			return old, nil
		}
	}
	row, sealed, err := v.store.Token(ctx, id)
	if err != nil {
		return nil, err
	}
	t, err := v.openToken(&row, sealed)
	if err != nil {
		return nil, err
	}
	a := newAccess(row, &t, now)
	v.cache.put(a)
	return a, nil
}
