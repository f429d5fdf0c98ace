package sqlstore

import (
	"context"
	"errors"
	"time"
)

// A cleaner is whoever holds the claim to clean. One that died holds it for
// cleanerTime, and one that is slower than that finds itself outrun.
type cleaner struct {
	store *Store
	now   time.Time // when it began, by the caller's clock
	began time.Time // and by this process's
	until time.Time
}

const cleanerTime = time.Minute

// cleanerKey is longer than a hash, and no other claim's therefore.
var cleanerKey = []byte("github.com/gosocial/social/sqlstore cleaning")

var errOutrun = errors.New("another process cleans by now")

// beginCleaning takes the claim, or returns vault.ErrClaimed.
func (s *Store) beginCleaning(ctx context.Context, now time.Time) (*cleaner, error) {
	c := &cleaner{store: s, now: now, began: time.Now(), until: now.Add(cleanerTime)}
	return c, s.Claim(ctx, cleanerKey, now, c.until)
}

// keep holds the claim for longer when half of its time has passed. The deadline
// tells whose it is: whoever takes an expired claim makes it later.
func (c *cleaner) keep(ctx context.Context) error {
	at := c.now.Add(time.Since(c.began))
	if at.Before(c.until.Add(-cleanerTime / 2)) {
		return nil
	}
	until := at.Add(cleanerTime)
	n, err := c.store.exec(ctx, c.store.expired.prolong, toMicros(until), cleanerKey, toMicros(c.until))
	if err != nil {
		return err
	}
	if n == 0 {
		return errOutrun
	}
	c.until = until
	return nil
}

// end gives the claim back, also when the context has ended.
func (c *cleaner) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, err := c.store.exec(ctx, c.store.expired.end, cleanerKey, toMicros(c.until))
	return err
}
