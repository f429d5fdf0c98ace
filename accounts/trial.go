package accounts

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A trial is an attempt that counts only if it fails.
type trial struct {
	counter
	queue *queue // nil: there is no limit
}

// try begins a trial, or refuses it. While as many trials run under the key as
// could reach the limit by failing, it waits, so that a burst does not hash more
// passwords than it may guess. Other processes begin as many of their own: failed
// and succeeded check again, by what all processes have counted. The caller calls
// done.
func (a *Accounts) try(ctx context.Context, c counter) (*trial, error) {
	t := &trial{counter: c}
	if c.limit.Count < 0 {
		return t, nil
	}
	waiting, cancel := context.WithTimeout(ctx, a.config.HashWait)
	defer cancel()
	t.queue = a.queues.enter(c.attemptKey)
	err := t.await(waiting, a)
	if err != nil {
		a.queues.leave(c.attemptKey)
		if waiting.Err() != nil && ctx.Err() == nil {
			err = ErrBusy
		}
		return nil, err
	}
	return t, nil
}

// await waits until the trial may run.
func (t *trial) await(ctx context.Context, a *Accounts) error {
	select {
	case t.queue.first <- struct{}{}:
		defer func() { <-t.queue.first }()
	case <-ctx.Done():
		return ctx.Err()
	}
	for {
		// Read before the failures: a trial that fails in between is counted twice, not
		// left out.
		running := int(t.queue.running.Load())
		failures, err := t.failures(ctx, a)
		if err != nil {
			return err
		}
		if failures+running < t.limit.Count {
			t.queue.running.Add(1)
			return nil
		}
		select {
		case <-t.queue.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// failures returns how many trials have failed by now, or an error when they have
// used up the limit.
func (t *trial) failures(ctx context.Context, a *Accounts) (int, error) {
	n, ends, err := a.attempts(ctx, t.counter, 0)
	if err != nil {
		return 0, err
	}
	if n >= t.limit.Count {
		return 0, a.throttled(ctx, t.counter, ends)
	}
	return n, nil
}

// failed counts the trial, also when the browser has closed the connection. When
// other trials have used up the limit since it began, the error is a
// *ThrottledError, which does not say that this one failed. reached is that of
// count.
func (a *Accounts) failed(ctx context.Context, t *trial) (reached time.Time, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return a.count(ctx, t.counter)
}

// succeeded returns how many trials failed before this one. It returns a
// *ThrottledError when other trials have used up the limit since this one began:
// then it must not succeed. The read costs little beside the hashing.
func (a *Accounts) succeeded(ctx context.Context, t *trial) (failures int, err error) {
	if t.queue == nil {
		return 0, nil
	}
	return t.failures(ctx, a)
}

// done ends trials, after failed.
func (a *Accounts) done(trials ...*trial) {
	for _, t := range trials {
		if t.queue == nil {
			continue
		}
		t.queue.running.Add(-1)
		select {
		case t.queue.done <- struct{}{}:
		default:
		}
		a.queues.leave(t.attemptKey)
	}
}

// queues are the queues of the keys under which trials run or wait.
type queues struct {
	mu    sync.Mutex
	byKey map[attemptKey]*queue
}

// A queue makes trials of one key begin one after the other.
type queue struct {
	first   chan struct{} // full while a trial is the first in the queue
	done    chan struct{} // wakes the first when a trial has ended
	running atomic.Int64
	trials  int // running or waiting; guarded by queues.mu
}

func (qs *queues) enter(key attemptKey) *queue {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q := qs.byKey[key]
	if q == nil {
		q = &queue{first: make(chan struct{}, 1), done: make(chan struct{}, 1)}
		if qs.byKey == nil {
			qs.byKey = make(map[attemptKey]*queue)
		}
		qs.byKey[key] = q
	}
	q.trials++
	return q
}

func (qs *queues) leave(key attemptKey) {
	qs.mu.Lock()
	defer qs.mu.Unlock()
	q := qs.byKey[key]
	if q.trials--; q.trials == 0 {
		delete(qs.byKey, key)
	}
}
