package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/gosocial/social/escape"
	"github.com/gosocial/social/jobs"
)

// A statement deletes at most cleanBatch rows, or looks at cleanRange, so that others
// can write in between.
const (
	cleanBatch = 500
	cleanRange = 5000
)

type cleanStatements struct {
	sessions                          *statement // by the index of their expiry, where there is one
	walk                              *sessionWalk
	claims, attempts, tickets, tokens keyRanges
}

// keyRanges delete expired rows of a table without an index of their expiry, one range
// of keys after the other.
type keyRanges struct {
	first any        // no key is less
	end   *statement // finds the key after a range
	until *statement // deletes from a key until another
	rest  *statement // deletes from a key on
}

func (s *Store) cleanStatements() cleanStatements {
	ranges := func(table, key, expiry string, first any) keyRanges {
		from := ` FROM {prefix}` + table + ` WHERE ` + key + ` >= ?`
		return keyRanges{
			first: first,
			end:   s.read(`SELECT DISTINCT ` + key + from + ` ORDER BY ` + key + ` LIMIT 1 OFFSET ?`),
			until: s.write(`DELETE` + from + ` AND ` + key + ` < ? AND ` + expiry + ` <= ?`),
			rest:  s.write(`DELETE` + from + ` AND ` + expiry + ` <= ?`),
		}
	}
	st := cleanStatements{
		claims:   ranges("claims", "claim_key", "expires_at", []byte{}),
		attempts: ranges("attempts", "attempt_key", "ends_at", ""),
		tickets:  ranges("tickets", "hash", "expires_at", []byte{}),
		tokens:   ranges("api_tokens", "hash", "expires_at", []byte{}),
	}
	if s.dialect == SQLite {
		st.walk = s.sessionWalk()
	} else {
		st.sessions = s.write(s.dialect.deleteSome("{prefix}sessions", "hash", `expires_at <= ?`))
	}
	return st
}

// Jobs returns the background work of a store: Clean, every five minutes.
func (s *Store) Jobs() []jobs.Job {
	return []jobs.Job{{Name: "store/clean", Every: 5 * time.Minute, Run: func(ctx context.Context) error {
		_, err := s.Clean(ctx, time.Now())
		return err
	}}}
}

// Clean deletes the claims, sessions, tickets, API tokens and counts of attempts that have
// expired at now, in small steps, and returns how many rows. (The vault deletes one-time
// values, whose end it may have to report.) Several processes may call it at once. On SQLite
// a call looks at 200,000 sessions, and the next one at those after them.
func (s *Store) Clean(ctx context.Context, now time.Time) (int, error) {
	at := toMicros(now)
	total, err := s.cleanRanges(ctx, s.cleaning.claims, at)
	if err != nil || s.noAccounts {
		return total, err
	}
	for _, r := range []keyRanges{s.cleaning.attempts, s.cleaning.tickets, s.cleaning.tokens} {
		var n int
		n, err = s.cleanRanges(ctx, r, at)
		total += n
		if err != nil {
			return total, err
		}
	}
	if s.dialect == SQLite {
		n, err := s.walkSessions(ctx, at)
		return total + n, err
	}
	for err == nil {
		var n int64
		n, err = s.exec(ctx, s.cleaning.sessions, at, cleanBatch)
		total += int(n)
		if n < cleanBatch {
			break
		}
	}
	return total, err
}

func (s *Store) cleanRanges(ctx context.Context, r keyRanges, at int64) (total int, err error) {
	from := r.first
	for {
		var to any
		err := s.queryRow(ctx, r.end, []any{from, cleanRange}, &to)
		if errors.Is(err, sql.ErrNoRows) {
			n, err := s.exec(ctx, r.rest, from, at)
			return total + int(n), err
		}
		if err != nil {
			return total, err
		}
		if t, ok := to.(string); ok {
			to = escape.Undo(t) // exec escapes it again
		}
		n, err := s.exec(ctx, r.until, from, to, at)
		total += int(n)
		if err != nil {
			return total, err
		}
		from = to
	}
}
