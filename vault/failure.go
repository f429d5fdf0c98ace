package vault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/gosocial/social/oauth"
)

// failed decides what follows from a refresh that the provider did not grant, and
// gives up the lease. again means that the row holds another refresh token by now,
// to be tried.
func (v *Vault) failed(ctx context.Context, at *attempt, cause error) (again bool, err error) {
	kind, retryAfter := oauth.Transient, time.Duration(0)
	var pe *oauth.ProviderError
	if errors.As(cause, &pe) {
		kind, retryAfter = pe.Kind, pe.RetryAfter
	}
	err = fmt.Errorf("vault: refresh: %w", cause)
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	breaker := at.provider.breaker
	if kind == oauth.Rejected {
		if again, err := v.rotatedElsewhere(ctx, at); again || err != nil {
			v.release(ctx, at.row.ID)
			return again, err
		}
		if rejected, opens := breaker.rejected(at.row.ID, v.now()); rejected > 0 {
			v.release(ctx, at.row.ID)
			if opens {
				v.emit(ctx, BreakerOpened{at.row.Tenant, at.row.ProviderID, rejected})
			}
			return false, fmt.Errorf("%w: %w", ErrPaused, cause)
		}
	} else {
		if !clientUnknown(pe) {
			breaker.failed(at.row.ID, v.now())
		}
		v.backoffs.failed(&at.row, err, retryAfter, v.now())
	}
	v.emit(ctx, RefreshFailed{subjectOf(&at.row), kind, cause})

	status, last := statusAfter(kind, pe)
	if status == NeedsReauthorization {
		err = fmt.Errorf("%w: %w", ErrNeedsReauthorization, cause)
	}
	defer v.release(ctx, at.row.ID)
	if last == "" {
		return false, err
	}
	if at.interrupted {
		last = lastLostRotation
	}
	if at.row.Status == status && at.row.LastError == last {
		return false, err
	}
	if e := v.note(ctx, at, status, last); e != nil {
		if errors.Is(e, ErrStale) {
			return true, err
		}
		v.log.WarnContext(ctx, "status not stored", "connection", at.row.ID, "error", e)
	}
	return false, err
}

// statusAfter returns what a failed refresh makes of a connection. last is ""
// when it stays as it is, because the operator is at fault for all of them.
func statusAfter(kind oauth.Kind, pe *oauth.ProviderError) (status Status, last string) {
	switch {
	case kind == oauth.Rejected:
		return NeedsReauthorization, lastRevoked
	case clientUnknown(pe):
		// The client that this one was granted to is gone, others' may be there.
		return Failing, lastClientUnknown
	case kind == oauth.Operator:
		return Failing, ""
	case kind == oauth.Invalid:
		return Failing, lastInvalid
	case pe != nil && mayHaveRotated(pe):
		return Failing, lastUnanswered
	}
	return Failing, lastTransient
}

// clientUnknown reports whether the provider was not asked, because the client
// that the token was granted to has left its credentials.
func clientUnknown(pe *oauth.ProviderError) bool {
	return pe != nil && pe.Code == oauth.CodeClientUnknown
}

// note marks the connection that was to be refreshed, also when its row has
// changed since, unless it holds another refresh token or was authorized anew:
// then ErrStale. The lease is kept until then, so that a loss of ours is not
// forgotten.
func (v *Vault) note(ctx context.Context, at *attempt, s Status, lastError string) error {
	row := at.row
	for range renewAttempts {
		_, err := v.mark(ctx, row, s, lastError)
		if !errors.Is(err, ErrStale) {
			return err
		}
		current, sealed, err := v.store.Token(ctx, row.ID)
		if err != nil {
			return err
		}
		t, err := v.openToken(&current, sealed)
		if err != nil {
			return err
		}
		if t.Refresh != at.old.Refresh || current.Generation != at.row.Generation || current.Status == NeedsReauthorization {
			return ErrStale
		}
		row = current
	}
	return ErrStale
}

// mayHaveRotated reports whether the provider may have done what was asked,
// although no answer came that could be read.
func mayHaveRotated(pe *oauth.ProviderError) bool {
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
func (v *Vault) rotatedElsewhere(ctx context.Context, at *attempt) (bool, error) {
	row, sealed, err := v.store.Token(ctx, at.row.ID)
	if err != nil {
		return false, fmt.Errorf("vault: refresh: %w", err)
	}
	now, err := v.openToken(&row, sealed)
	if err != nil {
		return false, err
	}
	return now.Refresh != at.old.Refresh || row.Generation != at.row.Generation, nil
}
