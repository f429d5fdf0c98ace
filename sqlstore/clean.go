package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/escape"
	"github.com/gosocial/social/internal/cleaning"
	"github.com/gosocial/social/vault"
)

// A statement deletes at most cleanBatch rows, or walks over cleanStretch, so that
// others can write in between.
const (
	cleanBatch   = 500
	cleanStretch = 5000
)

// oneTimeGrace is how long expired one-time values stay, so that a job that lists
// the due ones sees how they ended.
const oneTimeGrace = time.Hour

type expiryStatements struct {
	sessions, oneTime *statement // these have an index by expiry
	claims, attempts  walk
	prolong, end      *statement // of the claim to clean
}

// A walk goes over a table by its key, one stretch after the other.
type walk struct {
	first                any // before every key
	beyond, within, rest *statement
}

func (s *Store) expiryStatements() expiryStatements {
	batch := func(table, key string) *statement {
		return s.write(s.dialect.deleteSome("{prefix}"+table, key, `expires_at <= ?`))
	}
	over := func(table, key, expiry string, first any) walk {
		table = ` FROM {prefix}` + table + ` WHERE ` + key + ` >= ?`
		return walk{
			first:  first,
			beyond: s.read(`SELECT DISTINCT ` + key + table + ` ORDER BY ` + key + ` LIMIT 1 OFFSET ?`),
			within: s.write(`DELETE` + table + ` AND ` + key + ` < ? AND ` + expiry + ` <= ?`),
			rest:   s.write(`DELETE` + table + ` AND ` + expiry + ` <= ?`),
		}
	}
	return expiryStatements{
		sessions: batch("sessions", "hash"),
		oneTime:  batch("one_time", "id"),
		claims:   over("claims", "claim_key", "expires_at", []byte{}),
		attempts: over("attempts", "attempt_key", "ends_at", ""),
		prolong:  s.write(`UPDATE {prefix}claims SET expires_at = ? WHERE claim_key = ? AND tenant = '' AND expires_at = ?`),
		end:      s.write(`DELETE FROM {prefix}claims WHERE claim_key = ? AND tenant = '' AND expires_at = ?`),
	}
}

// Clean deletes claims, sessions, attempts and one-time values that have expired at now,
// in small steps, and says how many rows. One-time values stay another hour. An
// application calls it every few minutes, in one process or in all: one at a time
// cleans, and where another does Clean returns 0 at once.
func (s *Store) Clean(ctx context.Context, now time.Time) (int, error) {
	return cleaning.Do(ctx, s.cleaningClaim(), now, func(c *cleaning.Cleaner) (int, error) { return s.clean(ctx, c) })
}

func (s *Store) cleaningClaim() cleaning.Claim {
	return cleaning.Claim{
		Take: func(ctx context.Context, now, until time.Time) error {
			return s.Claim(ctx, vault.Claim{Key: cleaning.Key, Now: now, Until: until})
		},
		Move: func(ctx context.Context, from, to time.Time) (bool, error) {
			n, err := s.exec(ctx, s.expired.prolong, toMicros(to), cleaning.Key, toMicros(from))
			return n > 0, err
		},
		End: func(ctx context.Context, until time.Time) error {
			_, err := s.exec(ctx, s.expired.end, cleaning.Key, toMicros(until))
			return err
		},
	}
}

func (s *Store) clean(ctx context.Context, c *cleaning.Cleaner) (int, error) {
	steps := []func() (int64, error){
		func() (int64, error) { return s.cleanWalk(ctx, c, s.expired.claims) },
		func() (int64, error) { return s.cleanBatches(ctx, c, s.expired.oneTime, c.Now.Add(-oneTimeGrace)) },
	}
	if !s.noAccounts {
		steps = append(steps,
			func() (int64, error) { return s.cleanWalk(ctx, c, s.expired.attempts) },
			func() (int64, error) { return s.cleanBatches(ctx, c, s.expired.sessions, c.Now) })
	}
	total := 0
	for _, step := range steps {
		n, err := step()
		total += int(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (s *Store) cleanBatches(ctx context.Context, c *cleaning.Cleaner, st *statement, now time.Time) (total int64, err error) {
	for {
		if err := c.Keep(ctx); err != nil {
			return total, err
		}
		n, err := s.exec(ctx, st, toMicros(now), cleanBatch)
		total += n
		if err != nil || n < cleanBatch {
			return total, err
		}
	}
}

func (s *Store) cleanWalk(ctx context.Context, c *cleaning.Cleaner, w walk) (total int64, err error) {
	now := c.Now
	from := w.first
	for {
		if err := c.Keep(ctx); err != nil {
			return total, err
		}
		var to any
		err := s.queryRow(ctx, w.beyond, []any{from, cleanStretch}, &to)
		if errors.Is(err, sql.ErrNoRows) {
			n, err := s.exec(ctx, w.rest, from, toMicros(now))
			return total + n, err
		}
		if err != nil {
			return total, err
		}
		if t, ok := to.(string); ok {
			to = escape.Undo(t)
		}
		n, err := s.exec(ctx, w.within, from, to, toMicros(now))
		total += n
		if err != nil {
			return total, err
		}
		from = to
	}
}
