package sqlstore

import (
	"context"

	"github.com/gosocial/social/vault"
)

type claimStatements struct {
	claim  *statement
	expire *statement // where claim does not replace one that has expired
}

func (s *Store) claimStatements() claimStatements {
	const claim = `INSERT INTO {prefix}claims (claim_key, tenant, expires_at) VALUES (?, ?, ?)`
	if s.dialect.hasReturning() {
		return claimStatements{claim: s.write(claim + ` ON CONFLICT (claim_key, tenant) DO UPDATE
			SET expires_at = excluded.expires_at WHERE {prefix}claims.expires_at <= ?`)}
	}
	return claimStatements{
		claim:  s.write(claim),
		expire: s.write(`DELETE FROM {prefix}claims WHERE claim_key = ? AND tenant = ? AND expires_at <= ?`),
	}
}

// Claim implements vault.ClaimStore.
func (s *Store) Claim(ctx context.Context, c vault.Claim) error {
	if s.dialect.hasReturning() {
		n, err := s.execOne(ctx, s.claim.claim, blob(c.Key), c.Tenant, toMicros(c.Until), toMicros(c.Now))
		if err == nil && n == 0 {
			return vault.ErrClaimed
		}
		return err
	}
	_, err := s.exec(ctx, s.claim.claim, blob(c.Key), c.Tenant, toMicros(c.Until))
	if !s.dialect.duplicateKey(err, "PRIMARY") {
		return err
	}
	if _, err := s.exec(ctx, s.claim.expire, blob(c.Key), c.Tenant, toMicros(c.Now)); err != nil {
		return err
	}
	_, err = s.exec(ctx, s.claim.claim, blob(c.Key), c.Tenant, toMicros(c.Until))
	if s.dialect.duplicateKey(err, "PRIMARY") {
		return vault.ErrClaimed
	}
	return err
}
