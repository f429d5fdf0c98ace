package vault

import (
	"sync"
	"time"
)

// A provider that rejects more than stormConnections connections, and more than
// half of its refreshes, within stormWindow is taken to fail.
const (
	stormConnections = 10
	stormWindow      = time.Minute
	longestStorm     = time.Hour
	probing          = 30 * time.Second
	stormMemory      = 4096 // results remembered at most
)

// A breaker watches one provider's refreshes. Once open, it lets one through
// after each pause: a success closes it, a rejection lengthens the pause.
type breaker struct {
	mu     sync.Mutex
	recent []result
	pause  time.Duration // 0 when closed
	until  time.Time
	probe  bool // one was let through
}

type result struct {
	at       time.Time
	id       string
	rejected bool
}

// open reports whether refreshes pause, without letting one through.
func (b *breaker) open(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pause > 0 && now.Before(b.until)
}

func (b *breaker) allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pause == 0 {
		return true
	}
	if now.Before(b.until) {
		return false
	}
	b.probe, b.until = true, now.Add(probing)
	return true
}

func (b *breaker) succeeded(id string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(result{now, id, false})
	b.pause, b.probe = 0, false
}

func (b *breaker) failed(id string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(result{now, id, false})
}

// rejected says how many connections were rejected lately when that is a storm,
// else 0, and whether the breaker has opened just now.
func (b *breaker) rejected(id string, now time.Time) (stormy int, opens bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(result{now, id, true})
	ids, rejections := map[string]bool{}, 0
	for _, r := range b.recent {
		if r.rejected {
			ids[r.id] = true
			rejections++
		}
	}
	switch {
	case b.pause > 0 && !b.probe:
		// One that was under way when the breaker opened.
	case b.pause > 0:
		b.pause = min(2*b.pause, longestStorm)
		b.probe, b.until = false, now.Add(b.pause)
	case len(ids) > stormConnections && 2*rejections > len(b.recent):
		b.pause, opens = stormWindow, true
		b.until = now.Add(b.pause)
	default:
		return 0, false
	}
	return len(ids), opens
}

func (b *breaker) add(r result) {
	old := max(0, len(b.recent)+1-stormMemory)
	for old < len(b.recent) && r.at.Sub(b.recent[old].at) >= stormWindow {
		old++
	}
	b.recent = append(b.recent[old:], r)
}
