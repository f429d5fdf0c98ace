package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gosocial/social/oauth"
)

// An attempt is one try to refresh a connection: the connection as it was when it
// was leased, and its token.
type attempt struct {
	provider *provider
	row      Connection
	old      storedToken

	// interrupted says that what became of an earlier refresh is unknown: its
	// process died, or no answer came. If the old refresh token is rejected after
	// that, the new one was lost on our side.
	interrupted bool
	leasedUntil time.Time
}

// refresh gets a newer access than a: from the row when another process was
// quicker, else from the provider. No transaction is open while the provider is
// asked.
func (v *Vault) refresh(ctx context.Context, a *access) (*access, error) {
	id := a.conn.ID
	for range 3 {
		// Before the lease, which is for the provider's answer.
		p, err := v.refreshingProvider(ctx, &a.conn)
		if err != nil {
			return nil, err
		}
		at, newer, err := v.lease(ctx, a)
		if at == nil {
			return newer, err
		}
		at.provider = p
		user := breakerUser(&at.row)
		if !p.breaker.allow(user, v.now()) {
			v.release(ctx, id)
			return nil, ErrPaused
		}
		t, err := v.ask(ctx, at)
		if err == nil {
			p.breaker.succeeded(user, v.now())
			p.clients.refreshed(t.ClientID, v.now())
			return v.save(ctx, at, t)
		}
		again, err := v.failed(ctx, at, err)
		if !again {
			return nil, err
		}
	}
	return nil, ErrRefreshing
}

// refreshingProvider returns the provider as it is now, so that a refresh uses
// the credentials of today.
func (v *Vault) refreshingProvider(ctx context.Context, c *Connection) (*provider, error) {
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	p, err := v.providers.get(ctx, c.Tenant, c.ProviderID, 0)
	if err != nil {
		return nil, fmt.Errorf("vault: refresh: %w", err)
	}
	if _, ok := p.client.(oauth.Refresher); !ok {
		return nil, ErrNotRefreshable
	}
	return p, nil
}

// lease takes the connection for this vault, waiting while another process has
// it, and long enough to take over from one that died. When there is nothing to
// refresh then, the result is the access that was found, and an error when it does
// not serve; the lease is released.
func (v *Vault) lease(ctx context.Context, a *access) (*attempt, *access, error) {
	id := a.conn.ID
	ctx, cancel := context.WithTimeout(ctx, 2*v.timeout+v.timeout/2)
	defer cancel()
	at := &attempt{}
	waited := false
	for pause := 20 * time.Millisecond; ; pause = min(2*pause, time.Second/2, v.timeout/4) {
		now := v.now()
		at.leasedUntil = now.Add(2 * v.timeout)
		row, sealed, interrupted, err := v.store.Lease(ctx, id, v.owner, now, at.leasedUntil)
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
		at.row = row
		if at.old, err = v.openToken(&row, sealed); err != nil {
			v.release(ctx, id)
			return nil, nil, err
		}
		at.interrupted = interrupted || leavesUnknown(row.LastError) && (row.LastError != lastOtherSubject || row.Refusals > 0)
		found := newAccess(row, &at.old, now)
		switch {
		case row.Suspended:
			err = ErrSuspended
		case row.Status == NeedsReauthorization:
			err = ErrNeedsReauthorization
		case at.old.Access != a.token.Access && found.fresh(now):
			found.adopted = true
		case at.old.Refresh == "":
			err = ErrNotRefreshable
		default:
			return at, nil, nil
		}
		v.release(ctx, id)
		v.cache.put(found)
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
func (v *Vault) ask(ctx context.Context, at *attempt) (*storedToken, error) {
	ctx, cancel := context.WithTimeout(ctx, v.timeout)
	defer cancel()
	began := time.Now()
	t, dropped, err := refreshToken(ctx, at.provider.client, at.old.Token, at.row.ProviderUserID)
	v.called(ctx, at.row.ProviderID, "refresh", began, err)
	if err != nil {
		return nil, err
	}
	if dropped != nil {
		v.emit(ctx, IDTokenDropped{subjectOf(&at.row), dropped})
	}
	if t == nil || t.Access == "" && (at.old.Access != "" || t.ID == "") { // unless it gives ID tokens alone
		return nil, &oauth.ProviderError{Kind: oauth.Transient, ProviderID: at.row.ProviderID, Op: "refresh", Code: "no_access_token"}
	}
	next := &storedToken{*t, v.now(), at.old.Granted}
	if next.Refresh == "" {
		next.Refresh, next.RefreshExpiry = at.old.Refresh, at.old.RefreshExpiry
	}
	next.ID = cmp.Or(next.ID, at.old.ID)
	next.Secret = cmp.Or(next.Secret, at.old.Secret)
	next.ClientID = cmp.Or(next.ClientID, at.old.ClientID)
	if next.Scopes == nil {
		next.Scopes = at.old.Scopes
	}
	if next.Extra == nil {
		next.Extra = at.old.Extra
	}
	return next, nil
}

// refreshToken sends the request. dropped says what is wrong with the ID token of the
// answer.
func refreshToken(ctx context.Context, c oauth.Client, t oauth.Token, subject string) (fresh *oauth.Token, dropped, err error) {
	if r, ok := c.(oauth.IDTokenRefresher); ok {
		return r.RefreshFor(ctx, t, subject)
	}
	fresh, err = c.(oauth.Refresher).Refresh(ctx, t)
	return fresh, nil, err
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
