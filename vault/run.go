package vault

import (
	"context"
	"sync"
	"time"
)

const runEvery = 15 * time.Second

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
			v.log.WarnContext(ctx, "expired values not deleted", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
