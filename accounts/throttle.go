package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/internal/tenant"
)

// A ThrottledError says that there were too many attempts. Answer 429 with
// Retry-After.
type ThrottledError struct {
	// RetryAfter is how long to wait, at least a second.
	RetryAfter time.Duration
}

// Error returns a text for operators, with the time to wait.
func (e *ThrottledError) Error() string {
	return fmt.Sprintf("accounts: too many attempts, try again in %v", e.RetryAfter)
}

// Wait returns RetryAfter, for those who do not know this package.
func (e *ThrottledError) Wait() time.Duration { return e.RetryAfter }

func (a *Accounts) throttled(now, ends time.Time) error {
	wait := ends.Sub(now).Round(time.Second)
	return &ThrottledError{RetryAfter: max(wait, time.Second)}
}

// attemptKey names a count. It hashes what people entered, which may be long
// and may be a password typed into the wrong field.
func attemptKey(kind, what string) string {
	sum := sha256.Sum256([]byte(what))
	return kind + ":" + base64.RawURLEncoding.EncodeToString(sum[:16])
}

// count counts an attempt, or refuses the one beyond the limit.
func (a *Accounts) count(ctx context.Context, key string, l Limit) error {
	if l.Count < 0 {
		return nil
	}
	now := a.now()
	n, ends, err := a.store.Attempt(ctx, Attempt{Tenant: tenant.From(ctx), Key: key, By: 1, Now: now, Window: l.Per})
	if err != nil {
		return fmt.Errorf("accounts: counting attempts: %w", err)
	}
	if n > l.Count {
		return a.throttled(now, ends)
	}
	return nil
}

// A trial is an attempt that counts only if it fails.
type trial struct {
	turnKey
	limit Limit
	turn  *turn
}

// try begins a trial, or refuses it. While as many run under the key as could
// reach the limit by failing it waits, so that a burst hashes no more than it may
// guess. Other processes begin as many of their own: failed and succeeded judge
// again, by what all of them have counted. Whoever tries calls done.
func (a *Accounts) try(ctx context.Context, key string, l Limit) (*trial, error) {
	t := &trial{turnKey: turnKey{tenant.From(ctx), key}, limit: l}
	if l.Count < 0 {
		return t, nil
	}
	waiting, cancel := context.WithTimeout(ctx, a.config.HashWait)
	defer cancel()
	t.turn = a.gate.enter(t.turnKey)
	err := t.await(waiting, a)
	if err != nil {
		a.gate.leave(t.turnKey)
		if waiting.Err() != nil && ctx.Err() == nil {
			err = ErrBusy
		}
		return nil, err
	}
	return t, nil
}

func (t *trial) await(ctx context.Context, a *Accounts) error {
	select {
	case t.turn.deciding <- struct{}{}:
		defer func() { <-t.turn.deciding }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		// Before the failures: one that ends between is counted twice, not never.
		running := int(t.turn.running.Load())
		failures, err := t.failures(ctx, a)
		if err != nil {
			return err
		}
		if failures+running < t.limit.Count {
			t.turn.running.Add(1)
			return nil
		}
		select {
		case <-t.turn.freed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// failures returns how many trials have failed by now, or an error when they have
// used up the limit.
func (t *trial) failures(ctx context.Context, a *Accounts) (int, error) {
	now := a.now()
	n, ends, err := a.store.Attempt(ctx, Attempt{Tenant: t.tenant, Key: t.key, Now: now, Window: t.limit.Per})
	if err != nil {
		return 0, fmt.Errorf("accounts: counting attempts: %w", err)
	}
	if n >= t.limit.Count {
		return 0, a.throttled(now, ends)
	}
	return n, nil
}

// failed counts the trial, also when the browser has hung up meanwhile. When
// others have used up the limit since it began, nobody is told that it failed.
func (a *Accounts) failed(ctx context.Context, t *trial) error {
	if t.turn == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return a.count(ctx, t.key, t.limit)
}

// succeeded returns how many trials failed before this one, which must not have
// succeeded when others have used up the limit since it began. Asking once more
// costs little beside the hashing.
func (a *Accounts) succeeded(ctx context.Context, t *trial) (failures int, err error) {
	if t.turn == nil {
		return 0, nil
	}
	return t.failures(ctx, a)
}

// done ends a trial, behind failed.
func (a *Accounts) done(t *trial) {
	if t.turn == nil {
		return
	}
	t.turn.running.Add(-1)
	select {
	case t.turn.freed <- struct{}{}:
	default:
	}
	a.gate.leave(t.turnKey)
}

// A gate holds the turns of the keys that are tried now.
type gate struct {
	mu    sync.Mutex
	turns map[turnKey]*turn
}

// A turnKey is a key within its tenant.
type turnKey struct{ tenant, key string }

// A turn lets trials of one key begin one behind the other.
type turn struct {
	deciding chan struct{} // full while somebody is first in the queue
	freed    chan struct{} // wakes the first when a trial is done
	running  atomic.Int64
	users    int // of this turn; guarded by gate.mu
}

func (g *gate) enter(key turnKey) *turn {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.turns[key]
	if t == nil {
		t = &turn{deciding: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
		if g.turns == nil {
			g.turns = make(map[turnKey]*turn)
		}
		g.turns[key] = t
	}
	t.users++
	return t
}

func (g *gate) leave(key turnKey) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.turns[key]
	if t.users--; t.users == 0 {
		delete(g.turns, key)
	}
}
