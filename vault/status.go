package vault

import (
	"context"
	"errors"
)

// Values of Connection.LastError.
const (
	lastTransient     = "transient"
	lastUnanswered    = "unanswered"
	lastInvalid       = "invalid"
	lastClientUnknown = "client_unknown"
	lastRevoked       = "revoked"
	lastExpired       = "expired"
	lastLostRotation  = "lost_rotation"
)

// expire marks a connection whose token has ended and cannot be refreshed, unless
// its row has changed.
func (v *Vault) expire(ctx context.Context, a *access, p *provider) (*access, error) {
	_, err := v.mark(ctx, a.conn, NeedsReauthorization, lastExpired)
	if errors.Is(err, ErrStale) {
		return v.usable(ctx, &a.conn, p)
	}
	if err == nil {
		err = ErrNeedsReauthorization
	}
	return nil, err
}

// mark writes a connection's status, fenced by its version, and leaves the token
// as it is. ErrStale when the row has changed since it was read.
func (v *Vault) mark(ctx context.Context, c Connection, s Status, lastError string) (Connection, error) {
	now := v.now()
	changed := c.Status != s
	c.enter(s, lastError, now)
	c.UpdatedAt = now
	v.cache.drop(c.ID)
	if err := v.store.Update(ctx, c, nil); err != nil {
		return c, err
	}
	c.Version++
	if changed && s == NeedsReauthorization {
		v.emit(ctx, ReauthorizationNeeded{subjectOf(&c), lastError})
	}
	return c, nil
}
