package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/postgres"
)

// run runs an application's own statement.
func run(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// count asks for a number.
func count(t *testing.T, url, query string) (n int) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s, err := postgres.Open(t.Context(), server.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	before, err := s.Status(t.Context())
	if err != nil || before.Version != 0 || before.Latest < 1 || before.Current() {
		t.Errorf("before: %+v, %v", before, err)
	}
	if _, err := s.ByID(t.Context(), "x"); err == nil || !strings.Contains(err.Error(), "social_connections") {
		t.Errorf("without tables: %v", err)
	}
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after, err := s.Status(t.Context()); err != nil || !after.Current() {
			t.Errorf("after: %+v, %v", after, err)
		}
	}
	if _, err := s.Walk(t.Context(), "", 1); err != nil {
		t.Error(err)
	}
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	s := open(t, url)
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		_, err := tx.ExecContext(ctx, `INSERT INTO social_schema (version_id, is_applied) VALUES (99999, true)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), url, postgres.Migrate()); !errors.Is(err, sqlstore.ErrNewerSchema) {
		t.Errorf("error %v, want %v", err, sqlstore.ErrNewerSchema)
	}
}

func TestMigrateByTenStores(t *testing.T) {
	t.Parallel()
	for range 3 {
		url := server.URL(t)
		errs := make(chan error, 10)
		for range 10 {
			go func() {
				s, err := postgres.Open(context.Background(), url, postgres.Migrate(), postgres.Connections(2))
				if err == nil {
					err = s.Close()
				}
				errs <- err
			}()
		}
		for range 10 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		steppedOnce(t, url)
	}
}

func TestMigrateByTenProcesses(t *testing.T) {
	t.Parallel()
	url := server.URL(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var processes []*exec.Cmd
	var said []*strings.Builder
	for range 10 {
		p := exec.CommandContext(t.Context(), program)
		p.Env = append(os.Environ(), migrateEnv+"="+url)
		out := new(strings.Builder)
		p.Stderr = out
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		processes, said = append(processes, p), append(said, out)
	}
	for i, p := range processes {
		if err := p.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, said[i])
		}
	}
	steppedOnce(t, url)
}

func steppedOnce(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var steps, versions int
	err = db.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT version_id) FROM social_schema`).Scan(&steps, &versions)
	if err != nil || steps != versions || steps < 2 {
		t.Errorf("%d steps were noted for %d versions, %v", steps, versions, err)
	}
}
