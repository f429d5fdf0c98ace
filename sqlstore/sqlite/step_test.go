package sqlite_test

import (
	"database/sql"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
	"github.com/gosocial/social/sqlstore"
)

func TestStepIsDoneOnce(t *testing.T) {
	t.Parallel()
	sqltest.StepDoneOnce(t, func(t *testing.T, watch sqltest.Watch) (first, second *sqlstore.Store, db *sql.DB) {
		path := file(t)
		first, db = watched(t, path, watch)
		return first, unmigrated(t, path), db
	})
}
