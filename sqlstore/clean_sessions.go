package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"sync"
)

// Clean looks at this many sessions at once, and in all, where they have no index by
// expiry. The rest have their turn at the next calls.
const (
	sessionRange  = 1000
	sessionRanges = 200
)

// A sessionWalk deletes expired sessions of a table without an index of their expiry. Most
// ranges have none, and are only read.
type sessionWalk struct {
	end, expired, remove *statement

	mu   sync.Mutex
	from []byte // where the next call begins
}

var (
	firstHash = []byte{}
	afterLast = bytes.Repeat([]byte{0xff}, len(hash{})+1) // hashes are shorter
)

func (s *Store) sessionWalk() *sessionWalk {
	const between = ` FROM {prefix}sessions WHERE hash >= ? AND hash < ? AND expires_at <= ?`
	return &sessionWalk{
		end:     s.read(`SELECT hash FROM {prefix}sessions WHERE hash >= ? ORDER BY hash LIMIT 1 OFFSET ?`),
		expired: s.read(`SELECT 1` + between + ` LIMIT 1`),
		remove:  s.write(`DELETE` + between),
		from:    firstHash,
	}
}

func (s *Store) walkSessions(ctx context.Context, at int64) (total int, err error) {
	w := s.cleaning.walk
	w.mu.Lock()
	defer w.mu.Unlock()
	for range sessionRanges {
		var to []byte
		if err := s.queryRow(ctx, w.end, []any{w.from, sessionRange}, &to); errors.Is(err, sql.ErrNoRows) {
			to = afterLast
		} else if err != nil {
			return total, err
		}
		var one int
		err := s.queryRow(ctx, w.expired, []any{w.from, to, at}, &one)
		if err == nil {
			var n int64
			n, err = s.exec(ctx, w.remove, w.from, to, at)
			total += int(n)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return total, err
		}
		if w.from = to; bytes.Equal(to, afterLast) {
			w.from = firstHash
			break
		}
	}
	return total, nil
}
