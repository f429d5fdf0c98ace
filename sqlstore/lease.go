package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/vault"
)

type leaseStatements struct {
	lease, release, claim *statement
	leased, unclaim       *statement // where lease returns nothing, and claim replaces nothing
}

func (s *Store) leaseStatements() leaseStatements {
	const leased = connectionColumns + `, lease_interrupted, sealed_token`
	st := leaseStatements{
		// lease_interrupted stays until a token is written, for only that settles what
		// became of the token.
		lease: s.write(`UPDATE {prefix}connections SET
			lease_interrupted = CASE WHEN lease_owner <> '' AND lease_until <= ? THEN 1 ELSE lease_interrupted END,
			lease_owner = ?, lease_until = ?
			WHERE id = ? AND (lease_owner = '' OR lease_owner = ? OR lease_until <= ?)` + s.dialect.returning(leased)),
		release: s.write(`UPDATE {prefix}connections SET lease_owner = '', lease_until = 0
			WHERE id = ? AND lease_owner = ?`),
	}
	const claim = `INSERT INTO {prefix}claims (claim_key, tenant, expires_at) VALUES (?, ?, ?)`
	if s.dialect.hasReturning() {
		st.claim = s.write(claim + ` ON CONFLICT (claim_key, tenant) DO UPDATE SET expires_at = excluded.expires_at
			WHERE {prefix}claims.expires_at <= ?`)
	} else {
		st.claim = s.write(claim)
		st.unclaim = s.write(`DELETE FROM {prefix}claims WHERE claim_key = ? AND tenant = ? AND expires_at <= ?`)
		st.leased = s.write(`SELECT ` + leased + ` FROM {prefix}connections WHERE id = ? AND lease_owner = ?`)
	}
	return st
}

// Lease implements vault.LeaseStore.
func (s *Store) Lease(ctx context.Context, id, owner string, now, until time.Time) (c vault.Connection, sealed []byte, interrupted bool, err error) {
	at := toMicros(now)
	lease := []any{at, owner, toMicros(until), id, owner, at}
	fields := connectionFields(&c)
	into := append(fields[:], &interrupted, &sealed)
	if s.dialect.hasReturning() {
		err = s.queryRow(ctx, s.lease.lease, lease, into...)
	} else if _, err = s.exec(ctx, s.lease.lease, lease...); err == nil {
		// Whoever owns the lease now had it before or has just got it.
		err = s.queryRow(ctx, s.lease.leased, []any{id, owner}, into...)
	}
	if errors.Is(err, sql.ErrNoRows) {
		if _, err = s.Version(ctx, id); err == nil {
			err = vault.ErrLeased
		}
	}
	if err != nil {
		return vault.Connection{}, nil, false, err
	}
	return c, sealed, interrupted, nil
}

// Release implements vault.LeaseStore.
func (s *Store) Release(ctx context.Context, id, owner string) error {
	_, err := s.exec(ctx, s.lease.release, id, owner)
	return err
}

// Claim implements vault.ClaimStore.
func (s *Store) Claim(ctx context.Context, c vault.Claim) error {
	if s.dialect.hasReturning() {
		n, err := s.exec(ctx, s.lease.claim, blob(c.Key), c.Tenant, toMicros(c.Until), toMicros(c.Now))
		if err == nil && n == 0 {
			return vault.ErrClaimed
		}
		return err
	}
	_, err := s.exec(ctx, s.lease.claim, blob(c.Key), c.Tenant, toMicros(c.Until))
	if !s.dialect.duplicateKey(err, "PRIMARY") {
		return err
	}
	if _, err := s.exec(ctx, s.lease.unclaim, blob(c.Key), c.Tenant, toMicros(c.Now)); err != nil {
		return err
	}
	_, err = s.exec(ctx, s.lease.claim, blob(c.Key), c.Tenant, toMicros(c.Until))
	if s.dialect.duplicateKey(err, "PRIMARY") {
		return vault.ErrClaimed
	}
	return err
}
