package vault

import (
	"fmt"
	"sync"
	"time"
)

// Pauses between refreshes that fail.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	longestAsked = time.Hour // when the provider asks for a pause
	futilePause  = time.Minute
)

// An ailment is a connection whose refreshes fail for the time being.
type ailment struct {
	generation int64 // authorizing anew cures
	failures   int
	until      time.Time
	err        error
	// noForce: a refreshed token was answered 401 too, so that refreshing upon
	// 401 does not help until then.
	noForce time.Time
}

// health remembers ailments, a bounded number of them. Each process keeps its
// own.
type health struct {
	mu   sync.Mutex
	size int
	byID map[string]ailment
}

// pausing returns the last error while the connection's refreshes pause.
func (h *health) pausing(c *Connection, now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a, ok := h.byID[c.ID]; ok && a.generation == c.Generation && now.Before(a.until) {
		return fmt.Errorf("not tried again yet: %w", a.err)
	}
	return nil
}

func (h *health) failed(c *Connection, err error, asked time.Duration, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.of(c)
	pause := jitter(min(firstPause<<min(a.failures, 16), longestPause))
	pause = max(pause, min(asked, longestAsked))
	a.failures, a.until, a.err = a.failures+1, now.Add(pause), err
	h.byID[c.ID] = a
}

// of returns the ailment of a connection and makes room for a new one.
func (h *health) of(c *Connection) ailment {
	a, ok := h.byID[c.ID]
	if !ok && len(h.byID) >= h.size {
		for other := range h.byID {
			delete(h.byID, other)
			break
		}
	}
	if a.generation != c.Generation {
		a = ailment{generation: c.Generation}
	}
	return a
}

func (h *health) futile(c *Connection, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	a := h.of(c)
	a.noForce = now.Add(futilePause)
	h.byID[c.ID] = a
}

func (h *health) mayForce(c *Connection, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	a, ok := h.byID[c.ID]
	return !ok || a.generation != c.Generation || !now.Before(a.noForce)
}

func (h *health) recovered(id string) {
	h.mu.Lock()
	delete(h.byID, id)
	h.mu.Unlock()
}
