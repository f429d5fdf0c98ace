package vault

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/oauth"
)

// An opened is a connection with its token in the clear, in memory. Only its
// atomics change. The refresh token is left out: refreshing reads the row.
type opened struct {
	conn    Connection
	token   oauth.Token
	due     time.Time // when to refresh; zero: not by the clock
	refresh bool      // there is a refresh token
	header  []field   // what signs every request, or nil; see oauth.HeaderSigner
	checked atomic.Int64
	refused atomic.Bool // the API answered 401 and the call could not be repeated
	// adopted says that a refresh found it in the row: it is newer than the one
	// that was refused, but no proof that refreshing does not help.
	adopted bool
}

// A field is a header field.
type field struct {
	name   string
	values []string
}

func (v *Vault) opened(c Connection, t *storedToken, read time.Time) *opened {
	o := &opened{conn: c, token: t.Token, refresh: t.Refresh != ""}
	o.token.Refresh, o.token.RefreshExpiry = "", time.Time{}
	o.due = t.Expiry
	if o.refresh && !t.Expiry.IsZero() {
		o.due = t.Expiry.Add(-margin(t))
	}
	if s, ok := v.clients[c.ProviderID].(oauth.HeaderSigner); ok {
		if h, ok := s.SignatureHeader(o.token); ok {
			for name, values := range h {
				o.header = append(o.header, field{name, values})
			}
		}
	}
	o.checked.Store(read.UnixNano())
	return o
}

// margin is how long before its expiry a token is refreshed: a minute or a
// tenth of its lifetime, whichever is smaller, and up to half of that less so
// that tokens issued together are not refreshed together.
func margin(t *storedToken) time.Duration {
	m := time.Minute
	if lifetime := t.Expiry.Sub(t.Issued); !t.Issued.IsZero() && lifetime < 10*m {
		m = max(lifetime, 0) / 10
	}
	return m - time.Duration(rand.Int64N(int64(m/2)+1))
}

func (o *opened) expired(now time.Time) bool {
	return !o.token.Expiry.IsZero() && !now.Before(o.token.Expiry)
}

func (o *opened) fresh(now time.Time) bool {
	return o.due.IsZero() || now.Before(o.due)
}

// A cache keeps opened tokens, a bounded number of them.
type cache struct {
	mu   sync.RWMutex
	size int
	byID map[string]*opened
}

func (c *cache) get(id string) *opened {
	c.mu.RLock()
	o := c.byID[id]
	c.mu.RUnlock()
	return o
}

// put keeps o unless something newer is there, and drops any other one when
// there are too many.
func (c *cache) put(o *opened) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old, ok := c.byID[o.conn.ID]
	if ok && old.conn.Version > o.conn.Version {
		return
	}
	if !ok && len(c.byID) >= c.size {
		for id := range c.byID {
			delete(c.byID, id)
			break
		}
	}
	c.byID[o.conn.ID] = o
}

func (c *cache) drop(id string) {
	c.mu.Lock()
	delete(c.byID, id)
	c.mu.Unlock()
}

// look returns the connection's token from memory when that still stands, else
// from the store.
func (v *Vault) look(ctx context.Context, c *Connection, now time.Time) (*opened, error) {
	o := v.cache.get(c.ID)
	if o == nil || now.UnixNano()-o.checked.Load() >= int64(v.maxStale) {
		var err error
		if o, err = v.load(ctx, c.ID, o, now); err != nil {
			return nil, err
		}
	}
	if o.conn.UserID != c.UserID || o.conn.Tenant != c.Tenant {
		return nil, ErrNoConnection
	}
	return o, nil
}

// load asks the store: for the version alone when it may be the one of old.
func (v *Vault) load(ctx context.Context, id string, old *opened, now time.Time) (*opened, error) {
	if old != nil {
		version, err := v.store.Version(ctx, id)
		if err == nil && version == old.conn.Version {
			old.checked.Store(now.UnixNano())
			return old, nil
		}
		if errors.Is(err, ErrNoConnection) {
			v.cache.drop(id)
		}
		if err != nil {
			return nil, err
		}
	}
	row, sealed, err := v.store.Token(ctx, id)
	if err != nil {
		return nil, err
	}
	return v.keep(row, sealed, now)
}

// keep opens a row that was read at the time given, and caches it.
func (v *Vault) keep(row Connection, sealed []byte, read time.Time) (*opened, error) {
	t, err := v.openToken(&row, sealed)
	if err != nil {
		return nil, err
	}
	o := v.opened(row, &t, read)
	v.cache.put(o)
	return o, nil
}
