package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/oauth"
)

const (
	keepAliveBatch    = 100
	keepAliveFailures = 3 // after which a provider is left alone for this round
)

// KeepAlive refreshes the connections whose token has not changed for
// Config.KeepAlive, one after the other, and returns how many. It passes over
// those that need the user, and after several failures over a provider. The
// store must be a Walker. Run calls it; one process at a time does.
func (v *Vault) KeepAlive(ctx context.Context) (int, error) {
	walker, ok := v.store.(Walker)
	if !ok || v.idle <= 0 {
		return 0, errors.New("vault: nothing says what to keep alive")
	}
	refreshed, failures := 0, map[string]int{}
	for after := ""; ; {
		ids, err := walker.Walk(ctx, after, keepAliveBatch)
		if err != nil {
			return refreshed, fmt.Errorf("vault: keep alive: %w", err)
		}
		for _, id := range ids {
			ok, err := v.keepOneAlive(ctx, id, failures)
			if err != nil {
				return refreshed, fmt.Errorf("vault: keep alive: %w", err)
			}
			if ok {
				refreshed++
			}
			after = id
		}
		if len(ids) < keepAliveBatch {
			return refreshed, nil
		}
	}
}

// keepOneAlive fails only with the store or ctx: what is wrong with one
// connection must not keep the others from being refreshed.
func (v *Vault) keepOneAlive(ctx context.Context, id string, failures map[string]int) (bool, error) {
	c, err := v.store.ByID(ctx, id)
	if errors.Is(err, ErrNoConnection) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	_, able := v.clients[c.ProviderID].(oauth.Refresher)
	now := v.now()
	if !able || c.Status == NeedsReauthorization || now.Sub(c.UpdatedAt) < v.idle || failures[c.ProviderID] >= keepAliveFailures {
		return false, nil
	}
	row, sealed, err := v.store.Token(ctx, id)
	if errors.Is(err, ErrNoConnection) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	t, err := v.openToken(&row, sealed)
	if err != nil {
		v.log.WarnContext(ctx, "connection not kept alive", "connection", id, "error", err)
		return false, nil
	}
	if t.Refresh == "" {
		return false, nil
	}
	_, err = v.refreshed(ctx, v.opened(row, &t, now), true)
	if err != nil && !errors.Is(err, ErrNeedsReauthorization) && !errors.Is(err, ErrNoConnection) {
		failures[c.ProviderID]++
	}
	return err == nil, ctx.Err()
}

// keepAlive goes around once in a while, in one process.
func (v *Vault) keepAlive(ctx context.Context) {
	pause := max(v.idle/8, time.Hour)
	tick := time.NewTicker(min(pause, 10*time.Minute))
	defer tick.Stop()
	for {
		now := v.now()
		err := v.store.Claim(ctx, []byte("vault/keep-alive"), now, now.Add(pause))
		if err == nil {
			_, err = v.KeepAlive(ctx)
		}
		if err != nil && !errors.Is(err, ErrClaimed) && ctx.Err() == nil {
			v.log.WarnContext(ctx, "connections not kept alive", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
