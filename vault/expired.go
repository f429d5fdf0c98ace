package vault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/onetime"
)

// mostInTheWay is how many one-time values that have not expired deleteExpired reads past:
// in an outage of a mail server there may be very many, and each is a whole mail. What
// has expired behind them has no effect, and waits.
const mostInTheWay = 32 * batch

// deleteExpired deletes one-time values of every purpose that have expired.
// Revocations are left to RevokeDue, which reports how they end.
func (v *Vault) deleteExpired(ctx context.Context) error {
	for limit := batch; ; {
		now := v.now()
		due, err := v.store.DueOneTime(ctx, "", now, limit)
		if err != nil {
			return fmt.Errorf("vault: expired: %w", err)
		}
		deleted := 0
		for i := range due {
			if due[i].Purpose == purposeRevoke || due[i].Expires.After(now) {
				continue
			}
			// TakeOneTime takes what has not expired at the time it is given.
			_, err := v.store.TakeOneTime(ctx, due[i].ID, due[i].Expires.Add(-time.Second))
			if err != nil && !errors.Is(err, onetime.ErrNone) {
				return fmt.Errorf("vault: expired: %w", err)
			}
			deleted++
		}
		if len(due) < limit {
			return nil
		}
		if deleted == 0 { // others are in the way of those that have expired
			if limit *= 2; limit > mostInTheWay {
				return nil
			}
		}
	}
}
