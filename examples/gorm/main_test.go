package main

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/gosocial/social/examples/internal/sitetest"
)

func TestSite(t *testing.T) {
	t.Parallel()
	sitetest.Run(t, filepath.Join(t.TempDir(), "gorm.db"), open)
}

// The user, the session and the connection are created and deleted together, or not
// at all, whichever of the tables fails.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gorm.db")
	v := sitetest.Start(t, path, open)
	v.Approve("ana")
	db, err := sql.Open("sqlite", "file:"+path+settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	expectRows := func(want int) {
		t.Helper()
		for _, table := range []string{"users", "sessions", "social_connections"} {
			var n int
			if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n != want {
				t.Errorf("%d rows in %s, want %d", n, table, want)
			}
		}
	}
	// whileFailing calls do while a kind of change to a table fails.
	whileFailing := func(change, table string, do func()) {
		t.Helper()
		for i, statement := range []string{
			`CREATE TRIGGER broken BEFORE ` + change + ` ON ` + table + ` BEGIN SELECT RAISE(ABORT, 'broken'); END`,
			`DROP TRIGGER broken`,
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				do()
			}
		}
	}

	ana := v.Browser(t)
	for _, table := range []string{"users", "sessions", "social_connections"} {
		whileFailing("INSERT", table, func() { ana.Fails("/login/google", http.StatusInternalServerError) })
		expectRows(0)
	}
	ana.Post("/login/google", "/profile", "ana@example.com")
	expectRows(1)
	for _, table := range []string{"users", "sessions", "social_connections"} {
		whileFailing("DELETE", table, func() { ana.Fails("/delete", http.StatusServiceUnavailable) })
		expectRows(1)
	}
	ana.Post("/delete", "/", "Sign in")
	expectRows(0)
}
