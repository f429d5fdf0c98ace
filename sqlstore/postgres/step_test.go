package postgres_test

import (
	"database/sql"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

func TestStepIsDoneOnce(t *testing.T) {
	t.Parallel()
	sqltest.StepDoneOnce(t, func(t *testing.T, watch sqltest.Watch) (first, second *sqlstore.Store, db *sql.DB) {
		url := databases.URL(t)
		first, db = watched(t, url, watch)
		second, err := postgres.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { second.Close() })
		return first, second, db
	})
}
