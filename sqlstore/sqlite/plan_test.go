package sqlite_test

import (
	"database/sql"
	"strings"
	"testing"

	sqltest "github.com/gosocial/social/internal/test/sql"
)

// Every statement finds its rows by an index.
func TestStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	var statements sqltest.Statements
	s, db := database.Watched(t, file(t), statements.Watch)
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, text := range statements.Of(t, s) {
		for _, step := range plan(t, db, text) {
			if strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" {
				t.Errorf("%s\n\tin %s", step, text)
			}
		}
	}
	if steps := plan(t, db, `SELECT id FROM social_connections WHERE email = ?`); !strings.HasPrefix(steps[0], "SCAN ") {
		t.Errorf("a scan of the table is %q", steps)
	}
}

func plan(t *testing.T, db *sql.DB, text string) []string {
	t.Helper()
	args := make([]any, strings.Count(text, "?"))
	for i := range args {
		args[i] = "1"
	}
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
