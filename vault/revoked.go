package vault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// TokensRevoked notes that a connection's tokens have ended, as of the time at, because its
// provider says so: it needs reauthorization. Other processes use a token for Limits.MaxStale
// at most after it. Errors: ErrNoConnection; ErrAuthorizedSince when the user has authorized
// the connection after at, whose tokens are others then.
func (v *Vault) TokensRevoked(ctx context.Context, connectionID string, at time.Time) error {
	for range suspendAttempts {
		c, sealed, err := v.store.Token(ctx, connectionID)
		switch {
		case err != nil:
			return fmt.Errorf("vault: tokens revoked: %w", err)
		case v.authorizedAfter(&c, sealed, at):
			return ErrAuthorizedSince
		case c.Status == NeedsReauthorization:
			return nil
		}
		err = v.mark(ctx, c, verdict{status: NeedsReauthorization, reason: lastRevoked}, "")
		if !errors.Is(err, ErrStale) {
			return err
		}
	}
	return fmt.Errorf("vault: tokens revoked: %w", ErrStale)
}

// authorizedAfter reports whether the user has authorized the connection later. Providers
// tell times to the second.
func (v *Vault) authorizedAfter(c *Connection, sealed []byte, at time.Time) bool {
	granted := c.CreatedAt
	// Of a token that does not open nothing else is known.
	if t, err := v.openToken(c, sealed); err == nil && t.Granted.After(granted) {
		granted = t.Granted
	}
	return granted.Truncate(time.Second).After(at)
}
