package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/jobs"
)

// A job that goes on claims each next turn soon after half of the one before, by one claim at
// a time, and looks at the clock no more often than it has to. A job that does well logs nothing.
func TestHowALongJobIsHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const turn, takes = 16 * time.Second, 5 * time.Second
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		var log bytes.Buffer
		taken, claiming, looks, runs := map[string]bool{}, false, 0, 0
		begun := time.Now().Truncate(turn).Add(turn)
		time.Sleep(time.Until(begun))
		c := jobs.Config{
			Claim: func(_ context.Context, key []byte, now, _ time.Time) (bool, error) {
				if claiming {
					t.Error("two claims at one time")
				}
				if taken[string(key)] {
					return false, nil
				}
				claiming = true
				time.Sleep(takes) // the job returns during one
				claiming = false
				if at := now.Sub(now.Truncate(turn)); len(taken) > 0 && (at < turn/2 || at > turn*7/8) {
					t.Errorf("claim %d begins %v after the turn", len(taken), at)
				}
				taken[string(key)] = true
				return true, nil
			},
			Now: func() time.Time { looks++; return time.Now() },
			Jobs: []jobs.Job{{Name: "long", Every: turn, Run: func(context.Context) error {
				if runs++; runs == 1 {
					time.Sleep(5*turn + turn*5/8 - takes)
				}
				return nil
			}}},
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
		}
		go func() { ended <- jobs.Run(ctx, c) }()
		time.Sleep(6*turn - time.Second)
		cancel()
		<-ended
		if len(taken) != 7 || runs != 1 || looks > 60 || log.Len() > 0 {
			t.Errorf("%d claims, %d runs, %d looks at the clock, log %s", len(taken), runs, looks, &log)
		}
	})
}

// A next turn that could not be claimed is logged, and the job is done: its own turn is this
// process's. It does not fail the run.
func TestTheNextTurnIsNotClaimed(t *testing.T) {
	t.Parallel()
	for _, ends := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const turn = 16 * time.Second
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			var log bytes.Buffer
			claims, done := 0, 0
			time.Sleep(time.Until(time.Now().Truncate(turn).Add(turn + turn*15/16)))
			c := jobs.Config{
				Claim: func(context.Context, []byte, time.Time, time.Time) (bool, error) {
					if claims++; claims == 1 {
						return true, nil
					}
					if ends {
						cancel()
					}
					return false, errors.New("the store is down")
				},
				Jobs:   []jobs.Job{{Name: "late", Every: turn, Run: func(context.Context) error { done++; return nil }}},
				Logger: slog.New(slog.NewTextHandler(&log, nil)),
			}
			go func() { ended <- jobs.Run(ctx, c) }()
			synctest.Wait()
			cancel()
			<-ended
			if logged := strings.Contains(log.String(), "job not held"); logged == ends || !ends && done != 1 {
				t.Errorf("the process ends %t: done %d times, log %s", ends, done, &log)
			}
		})
	}
}
