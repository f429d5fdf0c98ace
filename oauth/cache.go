package oauth

import (
	"context"
	"sync"
	"time"
)

const (
	minFresh  = 5 * time.Minute
	maxFresh  = 24 * time.Hour
	fresh     = time.Hour        // when the answer does not say
	maxStale  = 24 * time.Hour   // how long a value is used after its freshness has ended
	retryWait = 5 * time.Second  // between failing loads
	forceWait = 10 * time.Second // between forced loads
	loadLimit = 20 * time.Second
)

// A cached holds one remote document. It loads it once for all who ask at the same
// time, renews it in the background when it is due, and after a failure waits
// before it asks again. It is safe for concurrent use.
type cached[T any] struct {
	// load fetches the document and says how long it is fresh.
	load func(context.Context) (T, time.Duration, error)
	now  func() time.Time

	mu      sync.Mutex
	value   T
	until   time.Time // fresh until; zero when there is no value
	err     error     // of the last load, nil when it succeeded
	failed  time.Time
	forced  time.Time
	loading *loading[T] // nil when no load is under way
}

// A loading is a load under way.
type loading[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// get returns the document and loads it first when there is none. The load does
// not end with ctx: other calls may be waiting for it.
func (c *cached[T]) get(ctx context.Context) (T, error) {
	now := c.now()
	c.mu.Lock()
	if now.Before(c.until) {
		defer c.mu.Unlock()
		return c.value, nil
	}
	resting := c.err != nil && now.Sub(c.failed) < retryWait
	if now.Sub(c.until) < maxStale {
		defer c.mu.Unlock()
		if !resting {
			c.start(ctx)
		}
		return c.value, nil
	}
	if resting {
		defer c.mu.Unlock()
		var none T
		return none, c.err
	}
	f := c.start(ctx)
	c.mu.Unlock()
	return f.wait(ctx)
}

// force loads the document anew, unless it did so a moment ago: then it returns
// the result of that.
func (c *cached[T]) force(ctx context.Context) (T, error) {
	now := c.now()
	c.mu.Lock()
	if c.loading == nil && now.Sub(c.forced) < forceWait {
		defer c.mu.Unlock()
		return c.value, c.err
	}
	if c.loading == nil {
		c.forced = now
	}
	f := c.start(ctx)
	c.mu.Unlock()
	return f.wait(ctx)
}

// peek returns the document if there is one, without loading.
func (c *cached[T]) peek() (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, !c.until.IsZero()
}

// start joins the load under way or begins one. c.mu is held.
func (c *cached[T]) start(ctx context.Context) *loading[T] {
	if c.loading != nil {
		return c.loading
	}
	f := &loading[T]{done: make(chan struct{})}
	c.loading = f
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadLimit)
		defer cancel()
		v, ttl, err := c.load(ctx)
		c.mu.Lock()
		defer c.mu.Unlock()
		now := c.now()
		c.err, c.loading = err, nil
		if err == nil {
			c.value, c.until = v, now.Add(ttl)
		} else {
			c.failed = now
		}
		f.value, f.err = v, err
		close(f.done)
	}()
	return f
}

func (f *loading[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
