package memstore

import (
	"bytes"
	"context"
	"time"

	"github.com/gosocial/social/vault"
)

// Lease implements vault.LeaseStore.
func (s *Store) Lease(ctx context.Context, id, owner string, now, until time.Time) (vault.Connection, []byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return vault.Connection{}, nil, false, err
	}
	defer s.lock.Lock(ctx)()
	r, ok := s.rows[id]
	if !ok {
		return vault.Connection{}, nil, false, vault.ErrNoConnection
	}
	runs := r.owner != "" && r.until.After(now)
	if runs && r.owner != owner {
		return vault.Connection{}, nil, false, vault.ErrLeased
	}
	if r.owner != "" && !runs {
		r.interrupted = true
	}
	r.owner, r.until = owner, until
	return r.connection(), bytes.Clone(r.sealed), r.interrupted, nil
}

// Release implements vault.LeaseStore.
func (s *Store) Release(ctx context.Context, id, owner string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if r, ok := s.rows[id]; ok && r.owner == owner {
		r.owner = ""
	}
	return nil
}
