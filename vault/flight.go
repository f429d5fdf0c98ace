package vault

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gosocial/social/oauth"
)

// ErrRefreshing: a refresh is under way and takes too long to wait for. Its
// outcome will not be lost.
var ErrRefreshing = errors.New("vault: the refresh has not ended yet")

// ErrNotRefreshable: the provider gave no refresh token. The access token serves
// until it ends.
var ErrNotRefreshable = errors.New("vault: the connection has no refresh token")

// A flight is one refresh of one connection, for everybody who waits for it.
type flight struct {
	began time.Time
	done  chan struct{}
	o     *opened
	err   error
}

type flights struct {
	mu   sync.Mutex
	byID map[string]*flight
}

// usable returns a token that is good for use now.
func (v *Vault) usable(ctx context.Context, c *Connection) (*opened, error) {
	now := v.now()
	o, err := v.look(ctx, c, now)
	switch {
	case err != nil:
		return nil, err
	case o.conn.Status == NeedsReauthorization:
		return nil, ErrNeedsReauthorization
	case o.refused.Load():
		return v.refreshed(ctx, o, true)
	case !o.fresh(now):
		return v.refreshed(ctx, o, false)
	}
	return o, nil
}

// refreshed returns a newer token than o. Unless forced, o itself serves while
// it is valid and there is no newer one.
func (v *Vault) refreshed(ctx context.Context, o *opened, force bool) (*opened, error) {
	now := v.now()
	valid := !force && !o.expired(now)
	next, err := v.await(ctx, o, valid, now)
	if err != nil && valid && ctx.Err() == nil && !errors.Is(err, ErrNoConnection) {
		return o, nil
	}
	return next, err
}

func (v *Vault) await(ctx context.Context, o *opened, valid bool, now time.Time) (*opened, error) {
	refresher, ok := v.clients[o.conn.ProviderID].(oauth.Refresher)
	if !ok || !o.refresh {
		if !o.expired(now) {
			return nil, ErrNotRefreshable
		}
		return v.expire(ctx, o)
	}
	if err := v.health.pausing(&o.conn, now); err != nil {
		return nil, err
	}
	if v.breakers[o.conn.ProviderID].open(now) {
		return nil, ErrPaused
	}
	f := v.join(o, refresher)
	limit := 3 * v.timeout
	if valid {
		// Reckoned from the refresh's beginning: one that hangs delays calls once.
		limit = v.timeout/5 - time.Since(f.began)
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-f.done:
		return f.o, f.err
	case <-ctx.Done():
		return nil, fmt.Errorf("vault: waiting for a refresh: %w", ctx.Err())
	case <-timer.C:
		return nil, ErrRefreshing
	}
}

// join enters the flight that is under way, or starts one. It runs detached
// from every caller, and from their contexts' values too: one of them may be a
// transaction that ends before the refresh does.
func (v *Vault) join(o *opened, refresher oauth.Refresher) *flight {
	id := o.conn.ID
	v.flights.mu.Lock()
	defer v.flights.mu.Unlock()
	if f, ok := v.flights.byID[id]; ok {
		return f
	}
	f := &flight{began: time.Now(), done: make(chan struct{})}
	v.flights.byID[id] = f
	go func() {
		f.o, f.err = v.refresh(context.Background(), o, refresher)
		v.flights.mu.Lock()
		delete(v.flights.byID, id)
		v.flights.mu.Unlock()
		close(f.done)
	}()
	return f
}

// Wait returns when no refresh is under way any more, or with ctx's error. Call
// it before the process ends, so that no new token is lost with it.
func (v *Vault) Wait(ctx context.Context) error {
	for {
		f := v.flights.any()
		if f == nil {
			return nil
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *flights) any() *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.byID {
		return one
	}
	return nil
}

// expire marks a connection whose token has ended and cannot be refreshed,
// unless somebody has mended it meanwhile.
func (v *Vault) expire(ctx context.Context, o *opened) (*opened, error) {
	_, err := v.mark(ctx, o.conn, NeedsReauthorization, lastExpired)
	if errors.Is(err, ErrStale) {
		return v.usable(ctx, &o.conn)
	}
	if err == nil {
		err = ErrNeedsReauthorization
	}
	return nil, err
}

// mark writes a connection's status, fenced by its version, and leaves the token
// as it is. ErrStale when the row has changed since.
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
