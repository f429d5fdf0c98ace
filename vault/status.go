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
	lastClientRefused = "client_refused"
	lastRefused       = "refused"
	lastOtherSubject  = "other_subject"
	lastAPIRefused    = "api_refused"
	lastRevoked       = "revoked"
	lastExpired       = "expired"
	lastLostRotation  = "lost_rotation"
)

// expire marks a connection whose token has ended and cannot be refreshed, unless
// its row has changed.
func (v *Vault) expire(ctx context.Context, a *access, p *provider) (*access, error) {
	err := v.mark(ctx, a.conn, verdict{status: NeedsReauthorization, reason: lastExpired}, "")
	if errors.Is(err, ErrStale) {
		return v.usable(ctx, &a.conn, p)
	}
	if err == nil {
		err = ErrNeedsReauthorization
	}
	return nil, err
}

// A verdict is the status that a connection is to have, and why.
type verdict struct {
	status  Status
	reason  string // LastError
	refused bool   // it counts as a refusal
}

// changesNothing reports whether the row says so already.
func (n verdict) changesNothing(c *Connection) bool {
	return c.Status == n.status && c.LastError == n.reason && (!n.refused || c.Refusals >= refusalsNeeded)
}

// mark writes a connection's status, fenced by its version, leaves the token as it is, and
// ends owner's lease, unless owner is "". ErrStale when the row has changed since it was read.
func (v *Vault) mark(ctx context.Context, c Connection, next verdict, owner string) error {
	now, was := v.now(), c.Status
	c.enter(next.status, next.reason, now)
	if next.refused && c.Refusals < refusalsNeeded {
		if c.Refusals++; c.RefusedSince.IsZero() {
			c.RefusedSince = now
		}
	}
	c.UpdatedAt = now
	v.cache.drop(c.ID)
	var event Event
	switch next.status {
	case Failing:
		if was != Failing { // once, however often it is tried
			event = ConnectionFailing{subjectOf(&c), next.reason}
		}
	case NeedsReauthorization:
		event = ReauthorizationNeeded{subjectOf(&c), next.reason}
	case Active:
		event = Recovered{subjectOf(&c)}
	}
	if err := v.update(ctx, c, nil, owner, event); err != nil || event == nil {
		return err
	}
	v.emit(ctx, event)
	return nil
}
