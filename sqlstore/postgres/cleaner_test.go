package postgres_test

import (
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
)

func TestCleanersTakeTurns(t *testing.T) {
	t.Parallel()
	address := databases.URL(t)
	sqltest.CleanersTakeTurns(t, func(watch sqltest.Watch) *sqlstore.Store {
		s, _ := watched(t, address, watch)
		return s
	})
}
