package vault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// saveFor is how long a token is kept in memory while the store fails.
const saveFor = time.Hour

// save stores a refreshed token before it is used, and ends the lease with the same write. While the store fails it keeps
// trying, and keeps the lease, so that no other process spends the old refresh
// token again. If the lease cannot be kept either and runs out, the process that
// takes over waits for longer than the pauses here.
func (v *Vault) save(ctx context.Context, at *attempt, t *storedToken) (*access, error) {
	ctx, cancel := context.WithTimeout(ctx, saveFor)
	defer cancel()
	row, mine := at.row, t
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, v.timeout/10) {
		now := v.now()
		next := row
		next.granted(now)
		next.RefreshedAt = now
		next.UpdatedAt, next.ExpiresAt, next.Scopes, next.ClientID = now, mine.Expiry, mine.Scopes, mine.ClientID
		err := v.write(ctx, at, next, mine)
		if err == nil {
			next.Version++
			return v.saved(ctx, at, next, mine), nil
		}
		if errors.Is(err, ErrStale) {
			var current *access
			row, mine, current, err = v.reconcile(ctx, at, t)
			if errors.Is(err, ErrNoConnection) {
				return nil, err
			}
			if current != nil {
				v.release(ctx, at.row.ID)
				return current, nil
			}
			if err == nil {
				continue
			}
			row, mine = at.row, t
		}
		v.log.ErrorContext(ctx, "refreshed token not stored yet", "connection", at.row.ID, "error", err)
		if !sleep(ctx, jitter(pause)) {
			return nil, fmt.Errorf("vault: refresh: %w", err)
		}
		v.prolong(ctx, at)
	}
}

func (v *Vault) write(ctx context.Context, at *attempt, c Connection, t *storedToken) error {
	sealed, err := v.sealToken(&c, t)
	if err != nil {
		return err
	}
	if t.Refresh != at.old.Refresh {
		ctx = WithDurable(ctx) // the old one is spent
	}
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	return v.update(ctx, c, sealed, v.owner, at.recovers())
}

// recovers returns the event of a connection that failed and has a new token now, or nil.
func (at *attempt) recovers() Event {
	if at.row.Status != Failing {
		return nil
	}
	return Recovered{subjectOf(&at.row)}
}

// prolong renews the lease once half of it is gone. Losing it changes nothing
// here: the version fences the write.
func (v *Vault) prolong(ctx context.Context, at *attempt) {
	now := v.now()
	if at.leasedUntil.Sub(now) > v.timeout {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	until := now.Add(2 * v.timeout)
	if _, _, _, err := v.store.Lease(ctx, at.row.ID, v.owner, now, until); err == nil {
		at.leasedUntil = until
	}
}

func (v *Vault) saved(ctx context.Context, at *attempt, c Connection, t *storedToken) *access {
	a := newAccess(c, t, v.now())
	v.cache.put(a)
	v.backoffs.end(c.ID)
	v.emit(ctx, TokenRefreshed{subjectOf(&c)})
	if e := at.recovers(); e != nil {
		v.emit(ctx, e)
	}
	return a
}

// reconcile decides what becomes of a refreshed token t when the row has
// changed during the refresh. It returns which token to write over which row, or,
// when there is nothing to write, the access that is valid instead; or an error,
// ErrNoConnection when the row is gone.
func (v *Vault) reconcile(ctx context.Context, at *attempt, t *storedToken) (Connection, *storedToken, *access, error) {
	short, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	read := v.now()
	row, sealed, err := v.store.Token(short, at.row.ID)
	if errors.Is(err, ErrNoConnection) {
		v.cache.drop(at.row.ID)
		v.emit(ctx, StaleTokenDropped{subjectOf(&at.row)})
		v.revokeToken(ctx, &at.row, t.Token)
		return row, nil, nil, ErrNoConnection
	}
	if err != nil {
		return row, nil, nil, err
	}
	current, err := v.openToken(&row, sealed)
	if err != nil {
		// The old one opened a moment ago. Another process has sealed this one under
		// a key that this process lacks: it fails closed for this row.
		return row, nil, nil, err
	}
	rotated := t.Refresh != at.old.Refresh
	switch {
	case current.Access == t.Access && current.Refresh == t.Refresh:
		// The write had succeeded, and only its answer was lost.
		return row, nil, v.saved(ctx, at, row, t), nil
	case row.Generation != at.row.Generation && rotated && current.Refresh == at.old.Refresh:
		// The user authorized anew, the provider gave no refresh token, and this
		// refresh has rotated the one that was kept.
		merged := current
		merged.Refresh, merged.RefreshExpiry = t.Refresh, t.RefreshExpiry
		return row, &merged, nil, nil
	case row.Generation == at.row.Generation && current.Access == at.old.Access && current.Refresh == at.old.Refresh:
		// Only the status or the sealing key changed.
		return row, t, nil, nil
	}
	a := newAccess(row, &current, read)
	v.cache.put(a)
	if row.Generation != at.row.Generation {
		v.emit(ctx, StaleTokenDropped{subjectOf(&row)})
		// Where refresh tokens do not rotate, revoking the old one would end the
		// user's whole authorization, the new one included.
		if rotated && t.Refresh != current.Refresh {
			v.revokeToken(ctx, &at.row, t.Token)
		}
	}
	return row, nil, a, nil
}
