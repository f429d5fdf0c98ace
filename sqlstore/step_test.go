package sqlstore

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"
)

// A step that another process did between the look at the schema and the lock is
// not done twice. This looks inside, for that moment cannot be brought about.
func TestStepIsDoneOnce(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "step.db"))
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
	for version, want := range map[int64]error{1: errStepDone, 99: nil} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.step(Step{version, []string{"CREATE TABLE again (x)"}})(t.Context(), tx); !errors.Is(err, want) {
			t.Errorf("step %d: error %v, want %v", version, err, want)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}
