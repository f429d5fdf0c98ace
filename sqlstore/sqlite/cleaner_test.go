package sqlite_test

import (
	"testing"
	"testing/synctest"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
)

func TestCleanersTakeTurns(t *testing.T) {
	t.Parallel()
	sqltest.CleanersTakeTurns(t, cleaner(t))
}

func TestCleanerKeepsItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { sqltest.LongTurn(t, cleaner(t)) })
}

func cleaner(t *testing.T) func(sqltest.Watch) *sqlstore.Store {
	path := file(t)
	return func(watch sqltest.Watch) *sqlstore.Store {
		s, _ := watched(t, path, watch)
		return s
	}
}
