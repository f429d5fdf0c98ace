package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

type attemptStatements struct{ add, look, forget *statement }

func (s *Store) attemptStatements() attemptStatements {
	return attemptStatements{
		add: s.write(`INSERT INTO {prefix}attempts (attempt_key, attempts, ends_at) VALUES (?, ?, ?)
			ON CONFLICT (attempt_key) DO UPDATE SET
			attempts = excluded.attempts + CASE WHEN {prefix}attempts.ends_at <= ? THEN 0 ELSE {prefix}attempts.attempts END,
			ends_at = CASE WHEN {prefix}attempts.ends_at <= ? THEN excluded.ends_at ELSE {prefix}attempts.ends_at END
			RETURNING attempts, ends_at`),
		look:   s.read(`SELECT attempts, ends_at FROM {prefix}attempts WHERE attempt_key = ? AND ends_at > ?`),
		forget: s.write(`DELETE FROM {prefix}attempts WHERE attempt_key = ?`),
	}
}

// Attempt implements accounts.Store. Without a window that is open at now, looking
// returns 0 and the zero time.
func (s *Store) Attempt(ctx context.Context, key string, by int, now time.Time, window time.Duration) (count int, ends time.Time, err error) {
	at := toMicros(now)
	if by == 0 {
		err = s.queryRow(ctx, s.attempt.look, []any{key, at}, &count, (*micros)(&ends))
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		}
		return count, ends, err
	}
	err = s.queryRow(ctx, s.attempt.add, []any{key, by, toMicros(now.Add(window)), at, at}, &count, (*micros)(&ends))
	return count, ends, err
}

// ForgetAttempts implements accounts.Store.
func (s *Store) ForgetAttempts(ctx context.Context, key string) error {
	_, err := s.exec(ctx, s.attempt.forget, key)
	return err
}
