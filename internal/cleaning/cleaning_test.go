package cleaning

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosocial/social/vault"
)

// fake is a claim of which the deadline shows.
type fake struct{ until time.Time }

func (f *fake) claim() Claim {
	return Claim{
		Take: func(_ context.Context, now, until time.Time) error {
			if f.until.After(now) {
				return vault.ErrClaimed
			}
			f.until = until
			return nil
		},
		Move: func(_ context.Context, from, to time.Time) (bool, error) {
			if !f.until.Equal(from) {
				return false, nil
			}
			f.until = to
			return true, nil
		},
		End: func(ctx context.Context, until time.Time) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if f.until.Equal(until) {
				f.until = time.Time{}
			}
			return nil
		},
	}
}

// This looks inside, to let time pass for a cleaner.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	ctx, claim := t.Context(), new(fake).claim()
	now := time.Date(2026, 3, 4, 5, 6, 7, 8910, time.UTC)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cleans := func(at time.Time, want int) {
		t.Helper()
		if n, err := Do(ctx, claim, at, func(*Cleaner) (int, error) { return 7, nil }); err != nil || n != want {
			t.Errorf("cleaned %d, %v, want %d", n, err, want)
		}
	}
	cleans(now, 7)
	cleans(now, 7)

	c, err := Begin(ctx, claim, now)
	must(err)
	cleans(now, 0)
	must(c.Keep(ctx))
	cleans(now.Add(Time), 7) // it died
	must(c.End(ctx))

	// One that takes long keeps the claim.
	c, err = Begin(ctx, claim, now)
	must(err)
	c.began = c.began.Add(-Time * 3 / 4)
	must(c.Keep(ctx))
	cleans(now.Add(Time+time.Second), 0)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	must(c.End(ended)) // the process is told to stop
	cleans(now.Add(Time+time.Second), 7)

	// What is left of one that was outrun does no harm.
	c, err = Begin(ctx, claim, now)
	must(err)
	later := now.Add(3 * Time)
	next, err := Begin(ctx, claim, later)
	must(err)
	c.began = c.began.Add(-3 * Time)
	if err := c.Keep(ctx); !errors.Is(err, ErrOutrun) {
		t.Errorf("error %v, want %v", err, ErrOutrun)
	}
	must(c.End(ctx))
	cleans(later, 0)
	must(next.End(ctx))
	n, err := Do(ctx, claim, later, func(c *Cleaner) (int, error) { return 3, ErrOutrun })
	if n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}
