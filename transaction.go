package social

import (
	"context"
	"crypto/sha256"
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
