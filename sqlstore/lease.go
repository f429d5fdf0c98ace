package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/vault"
)

type leaseStatements struct {
	lease, release *statement
	leased         *statement // where lease returns nothing
}

func (s *Store) leaseStatements() leaseStatements {
	const leased = connectionColumns + `, lease_interrupted, sealed_token`
	st := leaseStatements{
		// lease_interrupted stays until a token is written, because until then it is
		// unknown whether the earlier owner has used up the refresh token.
		lease: s.write(`UPDATE {prefix}connections SET
			lease_interrupted = CASE WHEN lease_owner <> '' AND lease_until <= ? THEN 1 ELSE lease_interrupted END,
			lease_owner = ?, lease_until = ?
			WHERE id = ? AND (lease_owner = '' OR lease_owner = ? OR lease_until <= ?)` + s.dialect.returning(leased)),
		release: s.write(`UPDATE {prefix}connections SET lease_owner = '', lease_until = 0
			WHERE id = ? AND lease_owner = ?`),
	}
	if !s.dialect.hasReturning() {
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
	} else {
		// In one transaction: the lease might end in between, and another owner take it over.
		err = s.InTx(ctx, func(ctx context.Context) error {
			if _, err := s.exec(ctx, s.lease.lease, lease...); err != nil {
				return err
			}
			// The owner has just got the lease, or had it before.
			return s.queryRow(ctx, s.lease.leased, []any{id, owner}, into...)
		})
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
