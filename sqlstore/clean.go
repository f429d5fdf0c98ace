package sqlstore

import (
	"context"
	"time"
)

// cleanBatch is how many rows one statement deletes, so that others can write in
// between.
const cleanBatch = 500

// parcelGrace is how long expired parcels stay, for whoever lists the due ones to
// see how they ended.
const parcelGrace = time.Hour

func (s *Store) expiryStatements() []*statement {
	batch := func(table, key, expiry string) *statement {
		return s.write(`DELETE FROM {prefix}` + table + ` WHERE ` + key + ` IN (SELECT ` + key + ` FROM {prefix}` + table +
			` WHERE ` + expiry + ` <= ? LIMIT ?)`)
	}
	return []*statement{
		batch("claims", "claim_key", "expires_at"),
		batch("sessions", "hash", "expires_at"),
		batch("attempts", "attempt_key", "ends_at"),
		batch("parcels", "id", "expires_at"),
	}
}

// Clean deletes claims, sessions, attempts and parcels that have expired at now,
// in small steps, and says how many rows. Parcels stay another hour. An
// application calls it every few minutes, in one process or in all.
func (s *Store) Clean(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for i, st := range s.expired {
		until := now
		if i == len(s.expired)-1 {
			until = now.Add(-parcelGrace)
		}
		for {
			n, err := s.exec(ctx, st, toMicros(until), cleanBatch)
			total += int(n)
			if err != nil {
				return total, err
			}
			if n < cleanBatch {
				break
			}
		}
	}
	return total, nil
}
