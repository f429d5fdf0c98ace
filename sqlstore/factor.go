package sqlstore

import (
	"context"

	"github.com/gosocial/social/accounts"
)

type factorStatements struct {
	put, list, use, rename, reseal, remove *statement
}

const factorColumns = `tenant, user_id, kind, factor_id, name, secret, counter, created_at, confirmed_at, last_used_at`

func factorFields(f *accounts.StoredFactor) []any {
	return []any{(*text)(&f.Tenant), (*text)(&f.UserID), (*text)(&f.Kind), (*text)(&f.ID), (*text)(&f.Name), &f.Secret, &f.Counter,
		(*micros)(&f.CreatedAt), (*micros)(&f.ConfirmedAt), (*micros)(&f.LastUsedAt)}
}

func (s *Store) factorStatements() factorStatements {
	return factorStatements{
		put: s.write(`INSERT INTO {prefix}factors (` + factorColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)` +
			s.dialect.orUpdate("tenant, user_id, kind, factor_id", `name = excluded.name, secret = excluded.secret,
				counter = excluded.counter, created_at = excluded.created_at, confirmed_at = excluded.confirmed_at,
				last_used_at = excluded.last_used_at`)),
		list: s.read(`SELECT ` + factorColumns + ` FROM {prefix}factors WHERE tenant = ? AND user_id = ? ORDER BY kind, factor_id`),
		use: s.write(`UPDATE {prefix}factors SET counter = ?, last_used_at = ?
			WHERE tenant = ? AND user_id = ? AND kind = ? AND factor_id = ? AND (counter < ? OR counter = 0 AND ? = 0)`),
		rename: s.write(`UPDATE {prefix}factors SET name = ? WHERE tenant = ? AND user_id = ? AND kind = ? AND factor_id = ?`),
		reseal: s.write(`UPDATE {prefix}factors SET secret = ? WHERE tenant = ? AND user_id = ? AND kind = ? AND factor_id = ? AND secret = ?`),
		remove: s.write(`DELETE FROM {prefix}factors WHERE tenant = ? AND user_id = ? AND (? = '' OR kind = ?) AND (? = '' OR factor_id = ?)
			AND (created_at >= ? OR confirmed_at >= ?)`),
	}
}

// PutFactor implements accounts.Store.
func (s *Store) PutFactor(ctx context.Context, f accounts.StoredFactor) error {
	_, err := s.execOrUndo(ctx, s.factor.put, f.Tenant, f.UserID, f.Kind, f.ID, f.Name, blob(f.Secret), f.Counter,
		toMicros(f.CreatedAt), toMicros(f.ConfirmedAt), toMicros(f.LastUsedAt))
	if s.dialect.missingReference(err) {
		return accounts.ErrNoUser
	}
	return err
}

// Factors implements accounts.Store.
func (s *Store) Factors(ctx context.Context, tenant, userID string) ([]accounts.StoredFactor, error) {
	if s.known(ctx).hasNoFactors(tenant, userID) {
		return nil, nil
	}
	var list []accounts.StoredFactor
	err := s.query(ctx, s.factor.list, func(rows row) error {
		var f accounts.StoredFactor
		err := rows.Scan(factorFields(&f)...)
		if len(f.Secret) == 0 {
			f.Secret = nil
		}
		list = append(list, f)
		return err
	}, tenant, userID)
	return list, err
}

// UseFactor implements accounts.Store.
func (s *Store) UseFactor(ctx context.Context, use accounts.FactorUse) error {
	n, err := s.exec(ctx, s.factor.use, use.Counter, toMicros(use.At), use.Tenant, use.UserID, use.Kind, use.ID, use.Counter, use.Counter)
	return oneFactor(n, err)
}

// RenameFactor implements accounts.Store.
func (s *Store) RenameFactor(ctx context.Context, f accounts.FactorFilter, name string) error {
	_, err := s.exec(ctx, s.factor.rename, name, f.Tenant, f.UserID, f.Kind, f.ID)
	return err
}

// ResealFactor implements accounts.Store.
func (s *Store) ResealFactor(ctx context.Context, f accounts.StoredFactor, sealed []byte) error {
	return oneFactor(s.exec(ctx, s.factor.reseal, blob(sealed), f.Tenant, f.UserID, f.Kind, f.ID, blob(f.Secret)))
}

func oneFactor(changed int64, err error) error {
	if err == nil && changed == 0 {
		err = accounts.ErrNoFactor
	}
	return err
}

// DeleteFactors implements accounts.Store.
func (s *Store) DeleteFactors(ctx context.Context, f accounts.FactorFilter) (int, error) {
	n, err := s.exec(ctx, s.factor.remove, f.Tenant, f.UserID, f.Kind, f.Kind, f.ID, f.ID,
		toMicros(f.Since), toMicros(f.Since))
	return int(n), err
}
