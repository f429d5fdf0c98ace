package jobs

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"
)

// longestSleep bounds how long a runner does not look at the clock, which may be
// set, or have gone on while the machine was suspended.
const longestSleep = time.Minute

// A runner does one job. Turns are numbered: turn n begins n times Every after
// 1970.
type runner struct {
	Job
	Config
	held int64 // the turn that this process claimed last
	done int64 // the turn that it looked at last
}

func (r *runner) turn(at time.Time) int64 { return at.UnixNano() / int64(r.Every) }

func (r *runner) loop(ctx context.Context) {
	for ctx.Err() == nil {
		now := r.Now()
		if turn := r.turn(now); turn != r.done {
			mine, err := r.hold(ctx, turn, now)
			if err == nil {
				r.done = turn
			} else if ctx.Err() == nil {
				r.Logger.WarnContext(ctx, "job not claimed", "job", r.Name, "error", err)
			}
			if mine {
				r.run(ctx)
			}
		}
		sleep(ctx, r.untilNext())
	}
}

// untilNext is how long to sleep before the next turn, and a little more, so that
// processes do not all ask at the same moment.
func (r *runner) untilNext() time.Duration {
	if r.turn(r.Now()) != r.done {
		return min(r.Every/8, longestSleep) // it could not be claimed, or has begun since
	}
	rest := r.Every - time.Duration(r.Now().UnixNano()%int64(r.Every))
	return min(rest+rand.N(r.Every/16+1), longestSleep)
}

// hold claims a turn, unless this process has it already.
func (r *runner) hold(ctx context.Context, turn int64, now time.Time) (mine bool, err error) {
	if turn == r.held {
		return true, nil
	}
	key := sha256.Sum256(fmt.Appendf(nil, "job\x00%s\x00%d", r.Name, turn))
	mine, err = r.Claim(ctx, key[:], now, time.Unix(0, (turn+2)*int64(r.Every)))
	if mine {
		r.held = turn
	}
	return mine, err
}

// run does the job once, and holds the turns that come until it has returned. The next
// one may begin at once, so it is held before the job begins, which is left to the
// process that has it already.
func (r *runner) run(ctx context.Context) {
	if !r.holdNext(ctx) {
		return
	}
	holding, stop := context.WithCancel(ctx)
	var held sync.WaitGroup
	held.Go(func() { r.holdTurns(holding) })
	defer held.Wait()
	defer stop()
	defer func() {
		if p := recover(); p != nil {
			r.Logger.ErrorContext(ctx, "job panicked", "job", r.Name, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if err := r.Run(ctx); err != nil && ctx.Err() == nil {
		r.Logger.WarnContext(ctx, "job failed", "job", r.Name, "error", err)
	}
}

// holdTurns claims each next turn when half of the one before has gone, until ctx
// ends, so that no other process begins a job that takes long.
func (r *runner) holdTurns(ctx context.Context) {
	for sleep(ctx, r.Every/8) {
		r.holdNext(ctx)
	}
}

// holdNext claims the next turn if half of this one has gone. It reports false when
// another process has it.
func (r *runner) holdNext(ctx context.Context) bool {
	now := r.Now()
	mine, err := r.hold(ctx, r.turn(now.Add(r.Every/2)), now)
	if err != nil && ctx.Err() == nil {
		r.Logger.WarnContext(ctx, "job not held", "job", r.Name, "error", err)
	}
	return mine || err != nil
}

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
