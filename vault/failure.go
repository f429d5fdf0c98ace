package vault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/gosocial/social/oauth"
)

// failed decides what follows from a refresh that the provider did not grant, and
// gives up the lease. again means that the row holds another refresh token by now,
// to be tried.
func (v *Vault) failed(ctx context.Context, at *attempt, cause error) (again bool, err error) {
	pe, ok := errors.AsType[*oauth.ProviderError](cause)
	if !ok {
		pe = &oauth.ProviderError{Kind: oauth.Transient, Err: cause}
	}
	err = fmt.Errorf("vault: refresh: %w", cause)
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	user, breaker := breakerUser(&at.row), &at.provider.breaker
	if pe.Kind == oauth.Rejected {
		if again, err := v.rotatedElsewhere(ctx, at); again || err != nil {
			breaker.withdraw(user)
			v.release(ctx, at.row.ID)
			return again, err
		}
		if rejected, opens := breaker.reject(user, v.now()); rejected > 0 {
			v.release(ctx, at.row.ID)
			if opens {
				v.recordAfter(ctx, BreakerOpened{at.provider.tenantOf(&at.row), at.row.ProviderID, rejected})
			}
			return false, fmt.Errorf("%w: %w", ErrPaused, cause)
		}
	} else {
		if clientUnknown(pe) {
			breaker.withdraw(user)
		} else {
			breaker.failed(user, v.now())
		}
		v.backoffs.failed(&at.row, err, pe.RetryAfter, v.now())
	}
	v.emit(ctx, RefreshFailed{subjectOf(&at.row), pe.Kind, cause})

	next := v.judge(ctx, at, pe)
	if next.status == NeedsReauthorization {
		err = fmt.Errorf("%w: %w", ErrNeedsReauthorization, cause)
	}
	if at.interrupted && !leavesUnknown(next.reason) {
		next.reason = lastLostRotation
	}
	if !next.changesNothing(&at.row) {
		e := v.note(ctx, at, next)
		if e == nil {
			return false, err
		}
		if again = errors.Is(e, ErrStale); !again {
			v.log.WarnContext(ctx, "status not stored", "connection", at.row.ID, "error", e)
		}
	}
	v.release(ctx, at.row.ID)
	return again, err
}

// judge returns what a failed refresh makes of a connection.
func (v *Vault) judge(ctx context.Context, at *attempt, pe *oauth.ProviderError) verdict {
	switch {
	case pe.Kind == oauth.Rejected:
		return verdict{status: NeedsReauthorization, reason: lastRevoked}
	case clientUnknown(pe):
		// The client that this one was granted to is gone, others' may be there.
		return verdict{status: Failing, reason: lastClientUnknown}
	case pe.Code == oauth.CodeOtherSubject:
		return v.judgeRefusal(ctx, at, pe, lastOtherSubject)
	case pe.Kind == oauth.Operator && pe.Status == 0:
		return verdict{status: Failing, reason: lastClientRefused} // nothing could be asked
	case pe.Kind == oauth.Operator && pe.Code == codeInvalidClient:
		return v.judgeRefusal(ctx, at, pe, lastClientRefused)
	case pe.Kind == oauth.Operator:
		return v.judgeRefusal(ctx, at, pe, lastRefused)
	case pe.Kind == oauth.Invalid:
		return verdict{status: Failing, reason: lastInvalid}
	case mayHaveRotated(pe):
		return verdict{status: Failing, reason: lastUnanswered}
	}
	return verdict{status: Failing, reason: lastTransient}
}

// leavesUnknown reports whether a reason says that the provider may have given a new
// token that is not stored.
func leavesUnknown(reason string) bool {
	switch reason {
	case lastLostRotation, lastUnanswered, lastInvalid, lastOtherSubject:
		return true
	}
	return false
}

// clientUnknown reports whether the provider was not asked, because the client
// that the token was granted to has left its credentials.
func clientUnknown(pe *oauth.ProviderError) bool {
	return pe.Code == oauth.CodeClientUnknown
}

// note marks the connection that was to be refreshed, also when its row has
// changed since, unless it holds another refresh token or was authorized anew:
// then ErrStale. The lease is kept until then, so that a loss of ours is not
// forgotten, and ends with the same write.
func (v *Vault) note(ctx context.Context, at *attempt, next verdict) error {
	row := at.row
	for range renewAttempts {
		err := v.mark(ctx, row, next, v.owner)
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
