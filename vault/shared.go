package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/oauth"
)

// ErrRefreshing: a refresh is under way and takes too long to wait for. What it
// yields will not be lost.
var ErrRefreshing = errors.New("vault: the refresh has not ended yet")

// ErrNotRefreshable: the provider gave no refresh token. The access token serves
// until it ends.
var ErrNotRefreshable = errors.New("vault: the connection has no refresh token")

// A sharedRefresh is a refresh of one connection, shared by all callers that wait
// for it.
type sharedRefresh struct {
	began  time.Time
	done   chan struct{}
	access *access
	err    error
}

// sharedRefreshes are those under way in this process.
type sharedRefreshes struct {
	mu   sync.Mutex
	byID map[string]*sharedRefresh
}

// usable returns an access that is good for use now.
func (v *Vault) usable(ctx context.Context, c *Connection, p *provider) (*access, error) {
	a, _, err := v.usableNow(ctx, c, p, 0)
	return a, err
}

// usableNow is usable, with a token that is good for least yet where the provider gives one;
// renewed says that the token was refreshed for it.
func (v *Vault) usableNow(ctx context.Context, c *Connection, p *provider, least time.Duration) (next *access, renewed bool, err error) {
	now := v.now()
	a, err := v.access(ctx, c, now)
	refused := false
	switch {
	case err != nil:
		return nil, false, err
	case a.conn.Suspended:
		return nil, false, ErrSuspended
	case a.conn.Status == NeedsReauthorization:
		return nil, false, ErrNeedsReauthorization
	case a.refused.Load():
		refused = true
	case a.fresh(now) && a.lasts(least, now), !a.expired(now) && p.late():
		return a, false, nil
	}
	if next, err = v.refreshed(ctx, a, p, refused); err != nil {
		return nil, false, err
	}
	return next, next != a, nil
}

// refreshed returns a newer access than a. Unless forced, a itself serves while
// it is valid and there is no newer one.
func (v *Vault) refreshed(ctx context.Context, a *access, p *provider, force bool) (*access, error) {
	now := v.now()
	valid := !force && !a.expired(now)
	next, err := v.await(ctx, a, p, valid, now)
	if err != nil && valid && ctx.Err() == nil && !errors.Is(err, ErrNoConnection) && !errors.Is(err, ErrSuspended) {
		return a, nil
	}
	if err == nil && next.conn.Suspended {
		return nil, ErrSuspended
	}
	return next, err
}

func (v *Vault) await(ctx context.Context, a *access, p *provider, valid bool, now time.Time) (*access, error) {
	if _, ok := p.client.(oauth.Refresher); !ok || !a.refreshable {
		if !a.expired(now) {
			return nil, ErrNotRefreshable
		}
		return v.expire(ctx, a, p)
	}
	if err := v.backoffs.pausing(&a.conn, now); err != nil {
		return nil, err
	}
	if p.breaker.paused(breakerUser(&a.conn), now) {
		return nil, ErrPaused
	}
	r := v.shareRefresh(a)
	limit := 3 * v.timeout
	if valid {
		// Reckoned from the refresh's beginning: one that hangs delays calls once.
		limit = v.timeout/5 - time.Since(r.began)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.done:
		return r.access, r.err
	case <-ctx.Done():
		return nil, fmt.Errorf("vault: waiting for a refresh: %w", ctx.Err())
	case <-timer.C:
		return nil, ErrRefreshing
	}
}

// shareRefresh joins the refresh that is under way, or starts one. It runs
// detached from every caller, and from their contexts' values too: one of them
// may be a transaction that ends before the refresh does.
func (v *Vault) shareRefresh(a *access) *sharedRefresh {
	id := a.conn.ID
	v.shared.mu.Lock()
	defer v.shared.mu.Unlock()
	if r, ok := v.shared.byID[id]; ok {
		return r
	}
	r := &sharedRefresh{began: time.Now(), done: make(chan struct{})}
	v.shared.byID[id] = r
	go func() {
		r.access, r.err = v.refresh(tenant.With(context.Background(), a.conn.Tenant), a)
		v.shared.mu.Lock()
		delete(v.shared.byID, id)
		v.shared.mu.Unlock()
		close(r.done)
	}()
	return r
}

// Wait returns when no refresh is under way any more, or with ctx's error. Call
// it before the process ends, so that no new token is lost with it.
func (v *Vault) Wait(ctx context.Context) error {
	for {
		r := v.shared.any()
		if r == nil {
			return nil
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *sharedRefreshes) any() *sharedRefresh {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.byID {
		return r
	}
	return nil
}
