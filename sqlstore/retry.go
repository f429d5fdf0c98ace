package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	tries     = 10
	firstWait = 4 * time.Millisecond // at most; doubled every time
	lastWait  = 250 * time.Millisecond
)

type none = struct{}

// retry calls do until it ends otherwise than by coming in another's way, or has
// been called often enough. What do did must be undone by then.
func retry[T any](ctx context.Context, d Dialect, do func() (T, error)) (T, error) {
	wait := firstWait
	for try := 1; ; try++ {
		v, err := do()
		if try == tries || !d.retryable(err) {
			return v, err
		}
		// Those who met must not meet again.
		pause := time.NewTimer(rand.N(wait))
		wait = min(2*wait, lastWait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return v, ctx.Err()
		}
	}
}
