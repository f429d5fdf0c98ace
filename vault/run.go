package vault

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	runEvery      = 15 * time.Second
	purposeSignUp = "signup"
)

// Run does the vault's background work until ctx ends, and returns its error:
// it tries revocations again, clears away held grants that have expired, and
// keeps connections alive. Every process may run it.
func (v *Vault) Run(ctx context.Context) error {
	if v.idle > 0 {
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() { v.keepAlive(ctx) })
	}
	tick := time.NewTicker(runEvery)
	defer tick.Stop()
	for {
		if _, err := v.RevokeDue(ctx); err != nil && ctx.Err() == nil {
			v.log.WarnContext(ctx, "revocations not looked at", "error", err)
		}
		if err := v.sweep(ctx); err != nil && ctx.Err() == nil {
			v.log.WarnContext(ctx, "held grants not swept", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sweep deletes grants that were held for a sign-up and have expired.
func (v *Vault) sweep(ctx context.Context) error {
	for {
		due, err := v.store.DueOneTime(ctx, purposeSignUp, v.now(), batch)
		if err != nil {
			return err
		}
		for i := range due {
			_, err := v.store.TakeOneTime(ctx, due[i].ID, due[i].Expires.Add(-time.Second))
			if err != nil && !errors.Is(err, ErrNoOneTime) {
				return err
			}
		}
		if len(due) < batch {
			return nil
		}
	}
}
