package memstore

import (
	"context"
	"time"

	"github.com/gosocial/social/accounts"
)

// Attempt implements accounts.Store.
func (s *Store) Attempt(ctx context.Context, a accounts.Attempt) (int, time.Time, error) {
	if err := ctx.Err(); err != nil {
		return 0, time.Time{}, err
	}
	defer s.lock.Lock(ctx)()
	k := key{a.Tenant, a.Key}
	counted := s.attempts[k]
	if !counted.ends.After(a.Now) {
		counted = attempts{ends: a.Now.Add(a.Window)}
	}
	if a.By != 0 {
		counted.count += a.By
		s.attempts[k] = counted
	}
	return counted.count, counted.ends, nil
}

// ForgetAttempts implements accounts.Store.
func (s *Store) ForgetAttempts(ctx context.Context, tenant, name string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	delete(s.attempts, key{tenant, name})
	return nil
}
