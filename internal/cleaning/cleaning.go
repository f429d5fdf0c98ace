// Package cleaning lets one process at a time clean a store.
package cleaning

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/vault"
)

// A Claim is one of the store's, under Key. It is known again by its deadline, in
// whole milliseconds: whoever takes an expired one makes it later.
type Claim struct {
	Take func(ctx context.Context, now, until time.Time) error // or vault.ErrClaimed
	Move func(ctx context.Context, from, to time.Time) (moved bool, err error)
	End  func(ctx context.Context, until time.Time) error
}

// Time is how long a cleaner that died is waited for.
const Time = time.Minute

// Key is longer than a hash, and no other claim's therefore.
var Key = []byte("github.com/gosocial/social cleaning")

// ErrOutrun: the cleaner took longer than it had the claim, and another has it.
var ErrOutrun = errors.New("another process cleans by now")

// A Cleaner has the claim.
type Cleaner struct {
	Now   time.Time // when it began, by the caller's clock
	claim Claim
	began time.Time // and by this process's
	until time.Time
}

// Do cleans by f, or returns 0 at once when another process does.
func Do(ctx context.Context, claim Claim, now time.Time, f func(*Cleaner) (int, error)) (int, error) {
	c, err := Begin(ctx, claim, now)
	if errors.Is(err, vault.ErrClaimed) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := f(c)
	if errors.Is(err, ErrOutrun) {
		err = nil
	}
	return n, errors.Join(err, c.End(ctx))
}

// Begin takes the claim, or returns vault.ErrClaimed.
func Begin(ctx context.Context, claim Claim, now time.Time) (*Cleaner, error) {
	c := &Cleaner{Now: now, claim: claim, began: time.Now(), until: now.Add(Time).Truncate(time.Millisecond)}
	return c, claim.Take(ctx, now, c.until)
}

// Keep is called before every small step. It holds the claim for longer when half
// of its time has passed, and returns ErrOutrun when it is another's.
func (c *Cleaner) Keep(ctx context.Context) error {
	at := c.Now.Add(time.Since(c.began))
	if at.Before(c.until.Add(-Time / 2)) {
		return nil
	}
	until := at.Add(Time).Truncate(time.Millisecond)
	moved, err := c.claim.Move(ctx, c.until, until)
	if err != nil {
		return err
	}
	if !moved {
		return ErrOutrun
	}
	c.until = until
	return nil
}

// End gives the claim back, also when the context has ended.
func (c *Cleaner) End(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return c.claim.End(ctx, c.until)
}
