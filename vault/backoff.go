package vault

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// Pauses between refreshes that fail.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	longestAsked = time.Hour // when the provider asks for a pause

	uselessPause = time.Minute // after a refresh upon 401 did not help
)

// errNotTried: the provider is not asked, because it was not long ago.
var errNotTried = errors.New("not tried again yet")

// A backoff is how long the refreshes of a connection pause.
type backoff struct {
	generation int64 // it ends when the user authorizes anew
	failures   int
	until      time.Time
	err        error
	// on401 is until when a 401 refreshes nothing, because a token that was just
	// refreshed was answered 401 too.
	on401 time.Time
}

// backoffs are those of a bounded number of connections. Each process keeps its
// own.
type backoffs struct {
	mu   sync.Mutex
	size int
	byID map[string]backoff
}

// pausing returns the last error while the connection's refreshes pause.
func (b *backoffs) pausing(c *Connection, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.byID[c.ID]; p.generation == c.Generation && now.Before(p.until) {
		return fmt.Errorf("%w: %w", errNotTried, p.err)
	}
	return nil
}

// failed makes the next pause longer, and at least as long as the provider asked.
func (b *backoffs) failed(c *Connection, err error, asked time.Duration, now time.Time) {
	b.change(c, func(p *backoff) {
		pause := jitter(min(firstPause<<min(p.failures, 16), longestPause))
		pause = max(pause, min(asked, longestAsked))
		p.failures, p.until, p.err = p.failures+1, now.Add(pause), err
	})
}

// useless notes that the API answered a refreshed token with 401.
func (b *backoffs) useless(c *Connection, now time.Time) {
	b.change(c, func(p *backoff) { p.on401 = now.Add(uselessPause) })
}

// refreshOn401 reports whether a 401 may refresh the token.
func (b *backoffs) refreshOn401(c *Connection, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.byID[c.ID]
	return p.generation != c.Generation || !now.Before(p.on401)
}

func (b *backoffs) change(c *Connection, f func(*backoff)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.byID[c.ID]
	if !ok && len(b.byID) >= b.size {
		for other := range b.byID {
			delete(b.byID, other)
			break
		}
	}
	if p.generation != c.Generation {
		p = backoff{generation: c.Generation}
	}
	f(&p)
	b.byID[c.ID] = p
}

func (b *backoffs) end(id string) {
	b.mu.Lock()
	delete(b.byID, id)
	b.mu.Unlock()
}
