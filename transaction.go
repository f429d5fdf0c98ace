package social

import (
	"context"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/gosocial/social/vault"
)

// inTx does f in one transaction where the store can.
func (s *Social) inTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := s.store.(vault.Transactor); ok {
		return t.InTx(ctx, f)
	}
	return f(ctx)
}

// inOptimisticTx is inTx for an f that fits vault.OptimisticTransactor.
func (s *Social) inOptimisticTx(ctx context.Context, f func(ctx context.Context) error) error {
	if t, ok := s.store.(vault.OptimisticTransactor); ok {
		return t.InOptimisticTx(ctx, f)
	}
	return s.inTx(ctx, f)
}

// errSignedOut: the session has ended since the request came.
var errSignedOut = errors.New("social: the session has ended")

// inSession does f in one transaction where the store can, if the session that ctx's
// request came with goes on: then it does until f is written. It returns errSignedOut.
// Otherwise an intruder whose sessions were ended could leave a connection in the account
// by a callback that is under way.
func (s *Social) inSession(ctx context.Context, f func(ctx context.Context) error) error {
	return s.inTx(ctx, func(ctx context.Context) error {
		if s.locker != nil {
			if goesOn, err := s.locker.LockSession(ctx); err != nil {
				return err
			} else if !goesOn {
				return errSignedOut
			}
		}
		return f(ctx)
	})
}

// claim claims what the parts name, in the context's tenant, for the time given:
// vault.ErrClaimed when it was claimed before.
func (s *Social) claim(ctx context.Context, d time.Duration, parts ...string) error {
	b := []byte("social")
	for _, p := range parts {
		b = append(append(b, 0), p...)
	}
	key := sha256.Sum256(b)
	now := s.cfg.Now()
	return s.store.Claim(ctx, vault.Claim{Tenant: Tenant(ctx), Key: key[:], Now: now, Until: now.Add(d)})
}
