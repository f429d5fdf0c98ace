package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"github.com/gosocial/social/oauth"
)

// A refreshing is a refresh under way: a connection that is leased, as it was
// then.
type refreshing struct {
	row Connection
	old storedToken

	// interrupted says that an earlier refresh ended without a known outcome: its
	// process died, or no answer came. When the old refresh token is rejected after that, the rotation was lost on
	// our side.
	interrupted bool
	leasedUntil time.Time
}

// refresh gets a newer token than o: from the row when somebody else was
// quicker, else from the provider. No transaction is open while the provider is
// asked.
func (v *Vault) refresh(ctx context.Context, o *opened, refresher oauth.Refresher) (*opened, error) {
	id := o.conn.ID
	for range 3 {
		r, newer, err := v.lease(ctx, o)
		if r == nil {
			return newer, err
		}
		breaker := v.breakers[r.row.ProviderID]
		if !breaker.allow(v.now()) {
			v.release(ctx, id)
			return nil, ErrPaused
		}
		t, err := v.ask(ctx, refresher, r)
		if err == nil {
			breaker.succeeded(id, v.now())
			newer, err := v.save(ctx, r, t)
			if err == nil {
				v.release(ctx, id)
			}
			return newer, err
		}
		again, err := v.failed(ctx, r, err)
		if !again {
			return nil, err
		}
	}
	v.release(ctx, id)
	return nil, ErrRefreshing
}

// lease takes the connection for this vault, waiting while another process has
// it, and long enough to take over from one that died. When that leaves nothing
// to refresh, the result is the token found or an error, and the lease is
// released.
func (v *Vault) lease(ctx context.Context, o *opened) (*refreshing, *opened, error) {
	id := o.conn.ID
	ctx, cancel := context.WithTimeout(ctx, 2*v.timeout+v.timeout/2)
	defer cancel()
	r := &refreshing{}
	waited := false
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second/2, v.timeout/4) {
		now := v.now()
		r.leasedUntil = now.Add(2 * v.timeout)
		row, sealed, interrupted, err := v.store.Lease(ctx, id, v.owner, now, r.leasedUntil)
		if errors.Is(err, ErrLeased) {
			if !sleep(ctx, jitter(pause)) {
				return nil, nil, ErrLeased
			}
			continue
		}
		if err != nil {
			if errors.Is(err, ErrNoConnection) {
				v.cache.drop(id)
			}
			return nil, nil, fmt.Errorf("vault: refresh: %w", err)
		}
		if interrupted && !waited {
			// The holder before may live, and hold a new token that the store did not
			// take so far. It tries more often than this.
			if waited = sleep(ctx, v.timeout/5); waited {
				continue
			}
			v.release(ctx, id)
			return nil, nil, ErrLeased
		}
		r.row = row
		if r.old, err = v.openToken(&row, sealed); err != nil {
			v.release(ctx, id)
			return nil, nil, err
		}
		r.interrupted = interrupted || row.LastError == lostRotation || row.LastError == lastUnanswered || row.LastError == lastInvalid
		found := v.opened(row, &r.old, now)
		switch {
		case row.Status == NeedsReauthorization:
			err = ErrNeedsReauthorization
		case r.old.Access != o.token.Access && found.fresh(now):
			found.adopted = true
		case r.old.Refresh == "":
			err = ErrNotRefreshable
		default:
			return r, nil, nil
		}
		v.release(ctx, id)
		v.cache.put(found)
		if err != nil {
			found = nil
		}
		return nil, found, err
	}
}

// release ends the lease early; when that fails, its deadline ends it.
func (v *Vault) release(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.timeout)
	defer cancel()
	if err := v.store.Release(ctx, id, v.owner); err != nil {
		v.log.WarnContext(ctx, "lease not released", "connection", id, "error", err)
	}
}

// ask sends the refresh request and fills in what the answer leaves out.
func (v *Vault) ask(ctx context.Context, refresher oauth.Refresher, r *refreshing) (*storedToken, error) {
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	began := time.Now()
	t, err := refresher.Refresh(ctx, r.old.Token)
	v.called(ctx, r.row.ProviderID, "refresh", began, err)
	if err != nil {
		return nil, err
	}
	if t == nil || t.Access == "" {
		return nil, &oauth.ProviderError{Kind: oauth.Transient, ProviderID: r.row.ProviderID, Op: "refresh", Code: "no_access_token"}
	}
	kept := &storedToken{*t, v.now()}
	if kept.Refresh == "" {
		kept.Refresh, kept.RefreshExpiry = r.old.Refresh, r.old.RefreshExpiry
	}
	kept.ID = cmp.Or(kept.ID, r.old.ID)
	kept.Secret = cmp.Or(kept.Secret, r.old.Secret)
	kept.ClientID = cmp.Or(kept.ClientID, r.old.ClientID)
	if kept.Scopes == nil {
		kept.Scopes = r.old.Scopes
	}
	if kept.Extra == nil {
		kept.Extra = r.old.Extra
	}
	return kept, nil
}

// Values of Connection.LastError.
const (
	lastTransient  = "transient"
	lastUnanswered = "unanswered"
	lastInvalid    = "invalid"
	lastRevoked    = "revoked"
	lastExpired    = "expired"
	lostRotation   = "lost_rotation"
)

// failed draws the conclusions from a refresh that the provider did not grant,
// and gives up the lease. again means that the row holds another refresh token
// by now, to be looked at afresh.
func (v *Vault) failed(ctx context.Context, r *refreshing, cause error) (again bool, err error) {
	kind, retryAfter := oauth.Transient, time.Duration(0)
	var pe *oauth.ProviderError
	if errors.As(cause, &pe) {
		kind, retryAfter = pe.Kind, pe.RetryAfter
	}
	err = fmt.Errorf("vault: refresh: %w", cause)
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	breaker := v.breakers[r.row.ProviderID]
	if kind == oauth.Rejected {
		if again, err := v.rotatedElsewhere(ctx, r); again || err != nil {
			v.release(ctx, r.row.ID)
			return again, err
		}
		if rejected, opens := breaker.rejected(r.row.ID, v.now()); rejected > 0 {
			v.release(ctx, r.row.ID)
			if opens {
				v.emit(ctx, BreakerOpened{r.row.ProviderID, rejected})
			}
			return false, fmt.Errorf("%w: %w", ErrPaused, cause)
		}
	} else {
		breaker.failed(r.row.ID, v.now())
		v.health.failed(&r.row, err, retryAfter, v.now())
	}
	v.emit(ctx, RefreshFailed{subjectOf(&r.row), kind, cause})

	status, last := Failing, lastTransient
	switch kind {
	case oauth.Rejected:
		status, last = NeedsReauthorization, lastRevoked
		err = fmt.Errorf("%w: %w", ErrNeedsReauthorization, cause)
	case oauth.Operator:
		v.release(ctx, r.row.ID)
		return false, err
	case oauth.Invalid:
		last = lastInvalid
	case oauth.Transient:
		if pe != nil && taken(pe) {
			last = lastUnanswered
		}
	}
	if r.interrupted {
		last = lostRotation
	}
	defer v.release(ctx, r.row.ID)
	if r.row.Status == status && r.row.LastError == last {
		return false, err
	}
	if e := v.note(ctx, r, status, last); e != nil {
		if errors.Is(e, ErrStale) {
			return true, err
		}
		v.log.WarnContext(ctx, "status not stored", "connection", r.row.ID, "error", e)
	}
	return false, err
}

// note marks the connection that was to be refreshed, also when somebody else
// has written to its row meanwhile, unless it holds another refresh token or was
// authorized anew: then ErrStale. The lease is kept until then, so that a loss of
// ours is not forgotten.
func (v *Vault) note(ctx context.Context, r *refreshing, s Status, lastError string) error {
	row := r.row
	for range renewAttempts {
		_, err := v.mark(ctx, row, s, lastError)
		if !errors.Is(err, ErrStale) {
			return err
		}
		there, sealed, err := v.store.Token(ctx, row.ID)
		if err != nil {
			return err
		}
		t, err := v.openToken(&there, sealed)
		if err != nil {
			return err
		}
		if t.Refresh != r.old.Refresh || there.Generation != r.row.Generation || there.Status == NeedsReauthorization {
			return ErrStale
		}
		row = there
	}
	return ErrStale
}

// taken reports whether the provider may have done what was asked although its
// answer did not arrive, or not as one that can be read.
func taken(pe *oauth.ProviderError) bool {
	var network *net.OpError
	switch {
	case pe.Status == 0:
		return !errors.As(pe, &network) || network.Op != "dial"
	case pe.Status == http.StatusBadGateway, pe.Status == http.StatusGatewayTimeout:
		return true
	}
	return pe.Status >= 200 && pe.Status < 300
}

// rotatedElsewhere reads the row again before a rejection is believed.
func (v *Vault) rotatedElsewhere(ctx context.Context, r *refreshing) (bool, error) {
	row, sealed, err := v.store.Token(ctx, r.row.ID)
	if err != nil {
		return false, fmt.Errorf("vault: refresh: %w", err)
	}
	now, err := v.openToken(&row, sealed)
	if err != nil {
		return false, err
	}
	return now.Refresh != r.old.Refresh || row.Generation != r.row.Generation, nil
}

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// jitter shortens a pause by up to half.
func jitter(d time.Duration) time.Duration {
	return d - time.Duration(rand.Int64N(int64(d/2)+1))
}
