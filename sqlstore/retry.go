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

// retry calls do until it returns no error after which it can be tried again, and
// some times at most. When it returns such an error, what it did must be undone.
func retry[T any](ctx context.Context, d Dialect, do func() (T, error)) (T, error) {
	wait := firstWait
	for try := 1; ; try++ {
		v, err := do()
		if try == tries || !d.retryable(err) {
			return v, err
		}
		// At random, so that two transactions in conflict do not meet again.
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
