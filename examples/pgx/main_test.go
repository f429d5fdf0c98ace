package main

import (
	"context"
	"database/sql"
	"net/http"
	"os"
	"testing"

	"github.com/gosocial/social/examples/internal/sitetest"
	pgtest "github.com/gosocial/social/internal/test/postgres"
)

var server *pgtest.Server

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m, func(s *pgtest.Server) { server = s })) }

func TestSite(t *testing.T) {
	t.Parallel()
	sitetest.Run(t, server.URL(t), open)
}

// The person, the session and the connection are created and deleted together, or
// not at all, whichever of the tables fails.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	v := sitetest.Start(t, url, open)
	v.Approve("ana")
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	run := func(statement string) {
		t.Helper()
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	run(`CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken'; END $$`)
	tables := []string{"people", "sessions", "auth.connections"}
	expectRows := func(want int) {
		t.Helper()
		for _, table := range tables {
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
		run(`CREATE TRIGGER broken BEFORE ` + change + ` ON ` + table + ` FOR EACH ROW EXECUTE FUNCTION broken()`)
		do()
		run(`DROP TRIGGER broken ON ` + table)
	}

	ana := v.Browser(t)
	for _, table := range tables {
		whileFailing("INSERT", table, func() { ana.Fails("/login/google", http.StatusInternalServerError) })
		expectRows(0)
	}
	ana.Post("/login/google", "/profile", "ana@example.com")
	expectRows(1)
	for _, table := range tables {
		whileFailing("DELETE", table, func() { ana.Fails("/delete", http.StatusServiceUnavailable) })
		expectRows(1)
	}
	ana.Post("/delete", "/", "Sign in")
	expectRows(0)
}
