package vault

import (
	"sync"
	"time"
)

// A provider that rejects more than stormUsers users, and more than half of those
// whose tokens it refreshes, within stormWindow is taken to fail.
const (
	stormUsers   = 10
	stormWindow  = time.Minute
	longestStorm = time.Hour
	probesAtOnce = 3                // users who probe after each pause
	probing      = 30 * time.Second // after which a probe without an outcome is given up
	stormMemory  = 4096             // users remembered at most
)

// A breaker watches one provider's refreshes. It counts users, because one user can
// have any number of connections that the provider rejects. Once open, it lets the
// refreshes of a few users through after each pause, each user's once: a success
// closes it, and when all are rejected the next pause is longer.
type breaker struct {
	mu     sync.Mutex
	recent map[string]seen // by user

	pause    time.Duration // 0 when closed
	until    time.Time
	probes   map[string]probe // by user, since it opened
	rejected int              // probes since the last pause
}

// seen is when a user's refreshes ended last, zero for never.
type seen struct{ rejected, succeeded, any time.Time }

type probe struct {
	began    time.Time
	rejected bool
}

// breakerUser returns whom a connection's refreshes count for.
func breakerUser(c *Connection) string { return c.Tenant + "\x00" + c.UserID }

// paused reports whether a user's refreshes pause, without letting one through.
func (b *breaker) paused(user string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pause > 0 && !b.mayProbe(user, now)
}

// allow reports whether a user's refresh may begin. While the breaker is open it is a
// probe, which ends with succeeded, failed, reject or withdraw.
func (b *breaker) allow(user string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.pause == 0:
		return true
	case !b.mayProbe(user, now):
		return false
	}
	b.probes[user] = probe{began: now}
	return true
}

func (b *breaker) mayProbe(user string, now time.Time) bool {
	if now.Before(b.until) {
		return false
	}
	if p := b.probes[user]; p.underWay(now) || p.rejected && now.Before(b.until.Add(b.pause)) {
		return false // unless nobody else came for as long as the pause took
	}
	return b.underWay(now)+b.rejected < probesAtOnce
}

func (p probe) underWay(now time.Time) bool { return !p.rejected && now.Before(p.began.Add(probing)) }

func (b *breaker) underWay(now time.Time) (n int) {
	for _, p := range b.probes {
		if p.underWay(now) {
			n++
		}
	}
	return n
}

// succeeded closes the breaker.
func (b *breaker) succeeded(user string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.see(user, now)
	s.succeeded = now
	b.recent[user] = s
	b.pause, b.probes = 0, nil
}

// failed is about a refresh that was neither granted nor rejected.
func (b *breaker) failed(user string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recent[user] = b.see(user, now)
	if _, ok := b.probes[user]; ok {
		delete(b.probes, user)
		b.until = now.Add(probing)
	}
}

// withdraw is about a refresh of which nothing was learned.
func (b *breaker) withdraw(user string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.probes[user].rejected {
		delete(b.probes, user)
	}
}

// reject is about a refresh that was rejected. When that is not to be believed,
// because many users were rejected lately, stormy says how many; opens says that the
// breaker has opened just now. A rejected probe is believed: otherwise the same
// connections would probe again and again.
func (b *breaker) reject(user string, now time.Time) (stormy int, opens bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.see(user, now)
	s.rejected = now
	b.recent[user] = s
	b.forget(now)
	users := 0
	for _, s := range b.recent {
		if within(s.rejected, now) && !within(s.succeeded, now) {
			users++
		}
	}
	p, probed := b.probes[user]
	switch {
	case b.pause == 0 && users > stormUsers && 2*users > len(b.recent):
		b.pause, b.until = stormWindow, now.Add(stormWindow)
		b.probes, b.rejected = map[string]probe{}, 0
		return users, true
	case b.pause == 0:
		return 0, false
	case !probed || p.rejected:
		return max(users, 1), false // it was under way when the breaker opened
	}
	p.rejected = true
	b.probes[user] = p
	if b.rejected++; b.rejected >= probesAtOnce {
		b.pause, b.rejected = min(2*b.pause, longestStorm), 0
		b.until = now.Add(b.pause)
	}
	return 0, false
}

func within(t, now time.Time) bool { return now.Sub(t) < stormWindow }

// see returns what is known of a user, and makes room for it.
func (b *breaker) see(user string, now time.Time) seen {
	if b.recent == nil {
		b.recent = map[string]seen{}
	}
	s, ok := b.recent[user]
	if !ok && len(b.recent) >= stormMemory {
		b.forget(now)
		for other := range b.recent {
			if len(b.recent) < stormMemory {
				break
			}
			delete(b.recent, other)
		}
	}
	s.any = now
	return s
}

// forget drops users of whom nothing was seen lately.
func (b *breaker) forget(now time.Time) {
	for user, s := range b.recent {
		if !within(s.any, now) {
			delete(b.recent, user)
		}
	}
}
