package vault

import (
	"context"
	"errors"
	"fmt"
)

// ErrSuspended: the connection is suspended; see Vault.Suspend. No request was sent.
var ErrSuspended = errors.New("vault: the connection is suspended")

const suspendAttempts = 16

// Suspend takes a user's connections out of use until Resume: nobody gets their tokens,
// nothing refreshes them, and a log-in through them renews nothing. It is for a user who is
// deleting their account. Tokens stay as they are, and a refresh that is under way is
// kept. Other processes use a token for Limits.MaxStale at most after it. ctx may carry a
// transaction of the store.
func (v *Vault) Suspend(ctx context.Context, userID string) error {
	return v.setSuspended(ctx, userID, true)
}

// Resume ends Suspend.
func (v *Vault) Resume(ctx context.Context, userID string) error {
	return v.setSuspended(ctx, userID, false)
}

func (v *Vault) setSuspended(ctx context.Context, userID string, suspended bool) error {
	for range suspendAttempts {
		connections, err := v.Connections(ctx, userID, "")
		if err != nil {
			return fmt.Errorf("vault: suspend: %w", err)
		}
		again := false
		for _, c := range connections {
			if c.Suspended == suspended {
				continue
			}
			c.Suspended, c.UpdatedAt = suspended, v.now()
			err := v.store.Update(ctx, c, nil)
			v.cache.drop(c.ID)
			switch {
			case errors.Is(err, ErrStale): // changed, or gone
				again = true
			case err != nil:
				return fmt.Errorf("vault: suspend: %w", err)
			}
		}
		if !again {
			return nil
		}
	}
	return fmt.Errorf("vault: suspend: %w", ErrStale)
}
