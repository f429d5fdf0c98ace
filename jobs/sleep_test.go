package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/jobs"
)

// Processes ask for a turn soon after it has begun, and not all at the same moment. The claim
// lasts until the end of the next turn.
func TestWhenATurnIsClaimed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const turn = 1600 * time.Millisecond
		ctx, cancel := context.WithCancel(t.Context())
		late := make(chan time.Duration, 10_000)
		claim := func(_ context.Context, _ []byte, now, until time.Time) (bool, error) {
			begun := now.Truncate(turn)
			if !until.Equal(begun.Add(2 * turn)) {
				t.Errorf("claimed until %v after the turn began", until.Sub(begun))
			}
			late <- now.Sub(begun)
			return false, nil
		}
		time.Sleep(turn / 4) // the first one is asked for at once, in its middle
		for range 20 {
			go jobs.Run(ctx, jobs.Config{Claim: claim, Jobs: []jobs.Job{{Name: "job", Every: turn, Run: func(context.Context) error { return nil }}}})
		}
		synctest.Wait()
		for range 20 {
			if d := <-late; d != turn/4 {
				t.Errorf("the first turn is asked for after %v", d)
			}
		}
		time.Sleep(10 * turn)
		cancel()
		synctest.Wait()
		close(late)
		asked, early := 0, 0
		for d := range late {
			if asked++; d < turn/32 {
				early++
			}
			if d > turn/16 {
				t.Errorf("a turn is asked for %v late", d)
			}
		}
		if asked != 200 || early < 50 || early > 150 {
			t.Errorf("asked %d times, %d of them in the first half of the time", asked, early)
		}
	})
}

// A clock that jumps is seen within a minute, however long the turns are, and so is a store
// that comes back; a store that is away is not asked all the time.
func TestHowOftenARunnerLooks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			every     time.Duration
			fails     bool
			during    time.Duration
			low, high int
		}{
			{16 * time.Hour, false, time.Hour, 1, 1},
			{16 * time.Hour, true, time.Hour, 59, 61},
			{1600 * time.Millisecond, true, 1600 * time.Millisecond, 7, 10},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			asked, looked := 0, time.Now()
			go jobs.Run(ctx, jobs.Config{
				Claim: func(context.Context, []byte, time.Time, time.Time) (bool, error) {
					if asked++; tt.fails {
						return false, errors.New("away")
					}
					return false, nil
				},
				Now: func() time.Time {
					if gap := time.Since(looked); gap > time.Minute {
						t.Errorf("%v: not looked at the clock for %v", tt.every, gap)
					}
					looked = time.Now()
					return looked
				},
				Jobs:   []jobs.Job{{Name: "job", Every: tt.every, Run: func(context.Context) error { return nil }}},
				Logger: slog.New(slog.DiscardHandler),
			})
			time.Sleep(tt.during)
			synctest.Wait()
			if asked < tt.low || asked > tt.high || time.Since(looked) > time.Minute {
				t.Errorf("%v, fails %t: asked %d times", tt.every, tt.fails, asked)
			}
			cancel()
			synctest.Wait()
		}
	})
}

// The end of a process is not logged as a failure of its jobs. Without a logger and a clock
// there are the usual ones.
func TestAClaimThatIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		err := jobs.Run(ctx, jobs.Config{
			Claim: func(context.Context, []byte, time.Time, time.Time) (bool, error) {
				cancel()
				return false, context.Canceled
			},
			Jobs:   []jobs.Job{{Name: "job", Every: time.Minute, Run: func(context.Context) error { return nil }}},
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if !errors.Is(err, context.Canceled) || log.Len() > 0 {
			t.Errorf("%v, log %s", err, &log)
		}
		ctx, cancel = context.WithCancel(t.Context())
		go jobs.Run(ctx, jobs.Config{
			Claim: func(context.Context, []byte, time.Time, time.Time) (bool, error) { return true, nil },
			Jobs:  []jobs.Job{{Name: "job", Every: time.Minute, Run: func(context.Context) error { return errors.New("no luck") }}},
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
	})
}
