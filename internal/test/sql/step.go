package sql

import (
	"context"
	"database/sql"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gosocial/social/sqlstore"
)

// StepDoneOnce migrates an empty database by two processes, the second of which does
// it all while the first is about to begin a transaction; each of its transactions in
// turn. open opens a store on a database, by a pool that is watched, or by one of its own.
func StepDoneOnce(t *testing.T, open func(t *testing.T, watch Watch) (first, second *sqlstore.Store, db *sql.DB)) {
	for turn := int64(1); ; turn++ {
		var begun atomic.Int64
		var overtaken atomic.Bool
		var second *sqlstore.Store
		watch := func(ctx context.Context, text string) error {
			if overtaken.Load() && strings.HasPrefix(text, "CREATE TABLE social_") && !strings.Contains(text, "social_schema") {
				t.Errorf("transaction %d did a step again: %s", turn, text)
			}
			if text == "BEGIN" && begun.Add(1) == turn {
				if err := second.Migrate(t.Context()); err != nil {
					t.Errorf("transaction %d, the second process: %v", turn, err)
				}
				overtaken.Store(true)
			}
			return nil
		}
		first, other, db := open(t, watch)
		second = other
		if err := first.Migrate(t.Context()); err != nil {
			t.Errorf("transaction %d, the first process: %v", turn, err)
		}
		SteppedOnce(t, db)
		if !overtaken.Load() {
			if turn < 3 {
				t.Errorf("the schema was made in %d transactions", turn-1)
			}
			return
		}
	}
}
