package memstore

import (
	"context"

	"github.com/gosocial/social/vault"
)

type claimKey struct{ tenant, key string }

// Claim implements vault.ClaimStore.
func (s *Store) Claim(ctx context.Context, c vault.Claim) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	defer s.lock.Lock(ctx)()
	if s.untilClean--; s.untilClean < 0 {
		for k, until := range s.claims {
			if !until.After(c.Now) {
				delete(s.claims, k)
			}
		}
		s.untilClean = max(len(s.claims), 64)
	}
	k := claimKey{c.Tenant, string(c.Key)}
	if until, ok := s.claims[k]; ok && until.After(c.Now) {
		return vault.ErrClaimed
	}
	s.claims[k] = c.Until
	return nil
}
