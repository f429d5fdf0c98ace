package sqlstore

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// No statement of a request walks over a table: it finds its rows by an index.
// This looks inside, for there is no other way to see a plan.
func TestStatementsUseIndexes(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "plan.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	s, err := New(Config{DB: db, Dialect: SQLite})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, st := range s.statements {
		for _, step := range plan(t, db, st.text) {
			if strings.HasPrefix(step, "SCAN ") && step != "SCAN CONSTANT ROW" {
				t.Errorf("%s\n\tin %s", step, st.text)
			}
		}
	}
}

func TestLookupsLeaveTheTokenAlone(t *testing.T) {
	t.Parallel()
	s, err := New(Config{DB: new(sql.DB), Dialect: SQLite})
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range []*statement{s.connection.byID, s.connection.byIdentity, s.connection.byUser,
		s.connection.byUserProvider, s.connection.version} {
		if strings.Contains(st.text, "sealed_token") {
			t.Errorf("the token is read by %s", st.text)
		}
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
