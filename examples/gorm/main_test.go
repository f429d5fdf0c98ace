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

// Whoever fails, the user, the session and the connection are all there, or none
// of them is.
func TestTogether(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "gorm.db")
	v := sitetest.Start(t, path, open)
	v.Approve("ana")
	db, err := sql.Open("sqlite", "file:"+path+settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	there := func(want int) {
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
	// broken does something while a table takes no change.
	broken := func(change, table string, do func()) {
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
		broken("INSERT", table, func() { ana.Fails("/login/google", http.StatusInternalServerError) })
		there(0)
	}
	ana.Post("/login/google", "/profile", "ana@example.com")
	there(1)
	for _, table := range []string{"users", "sessions", "social_connections"} {
		broken("DELETE", table, func() { ana.Fails("/delete", http.StatusServiceUnavailable) })
		there(1)
	}
	ana.Post("/delete", "/", "Sign in")
	there(0)
}
