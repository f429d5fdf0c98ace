package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/accounts"
)

type attemptStatements struct {
	add, look, forget *statement
	added             *statement // where add does not return it
}

func (s *Store) attemptStatements() attemptStatements {
	st := attemptStatements{
		// attempts is first, because MySQL assigns one column after the other.
		add: s.write(`INSERT INTO {prefix}attempts (attempt_key, tenant, attempts, ends_at) VALUES (?, ?, ?, ?)` +
			s.dialect.orUpdate("attempt_key, tenant",
				`attempts = excluded.attempts + CASE WHEN {prefix}attempts.ends_at <= ? THEN 0 ELSE {prefix}attempts.attempts END,
				ends_at = CASE WHEN {prefix}attempts.ends_at <= ? THEN excluded.ends_at ELSE {prefix}attempts.ends_at END`) +
			s.dialect.returning("attempts, ends_at")),
		look:   s.read(`SELECT attempts, ends_at FROM {prefix}attempts WHERE attempt_key = ? AND tenant = ? AND ends_at > ?`),
		forget: s.write(`DELETE FROM {prefix}attempts WHERE attempt_key = ? AND tenant = ?`),
	}
	if !s.dialect.hasReturning() {
		st.added = s.write(`SELECT attempts, ends_at FROM {prefix}attempts WHERE attempt_key = ? AND tenant = ?`)
	}
	return st
}

// Attempt implements accounts.Store.
func (s *Store) Attempt(ctx context.Context, a accounts.Attempt) (count int, ends time.Time, err error) {
	at := toMicros(a.Now)
	if a.By == 0 {
		err = s.queryRow(ctx, s.attempt.look, []any{a.Key, a.Tenant, at}, &count, (*micros)(&ends))
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return count, ends, err
	}
	added := []any{a.Key, a.Tenant, a.By, toMicros(a.Now.Add(a.Window)), at, at}
	if s.dialect.hasReturning() {
		err = s.queryRow(ctx, s.attempt.add, added, &count, (*micros)(&ends))
		return count, ends, err
	}
	err = s.InTx(ctx, func(ctx context.Context) error {
		if _, err := s.exec(ctx, s.attempt.add, added...); err != nil {
			return err
		}
		return s.queryRow(ctx, s.attempt.added, []any{a.Key, a.Tenant}, &count, (*micros)(&ends))
	})
	return count, ends, err
}

// ForgetAttempts implements accounts.Store.
func (s *Store) ForgetAttempts(ctx context.Context, tenant, key string) error {
	_, err := s.exec(ctx, s.attempt.forget, key, tenant)
	return err
}
