package sqlite_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/gosocial/social/sqlstore"
	"github.com/gosocial/social/sqlstore/sqlite"
)

func unmigrated(t *testing.T, path string) *sqlstore.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, file(t))
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
		after, err := s.Status(t.Context())
		if err != nil || !after.Current() {
			t.Errorf("after: %+v, %v", after, err)
		}
	}
	insert(t, s, "x")
}

// Two prefixes are two schemas in one file.
func TestPrefixes(t *testing.T) {
	t.Parallel()
	path := file(t)
	a, b := open(t, path), open(t, path, sqlite.Prefix("b_"))
	insert(t, a, "x")
	insert(t, b, "x")
}

func TestNewerSchema(t *testing.T) {
	t.Parallel()
	path := file(t)
	s := open(t, path)
	err := s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		_, err := tx.ExecContext(ctx, `INSERT INTO social_schema (version_id, is_applied) VALUES (99999, 1)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Migrate(t.Context()); !errors.Is(err, sqlstore.ErrNewerSchema) {
		t.Errorf("error %v, want %v", err, sqlstore.ErrNewerSchema)
	}
	if _, err := sqlite.Open(t.Context(), path, sqlite.Migrate()); !errors.Is(err, sqlstore.ErrNewerSchema) {
		t.Errorf("opening: error %v, want %v", err, sqlstore.ErrNewerSchema)
	}
	status, err := s.Status(t.Context())
	if err != nil || status.Version != 99999 || status.Current() {
		t.Errorf("status %+v, %v", status, err)
	}
}

func TestMigrateByTenStores(t *testing.T) {
	t.Parallel()
	for range 3 {
		path := file(t)
		errs := make(chan error, 10)
		for range 10 {
			go func() {
				s, err := sqlite.Open(context.Background(), path, sqlite.Migrate())
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
	}
}

const migrateEnv = "SQLITE_TEST_MIGRATE"

func TestMain(m *testing.M) {
	if path := os.Getenv(migrateEnv); path != "" {
		s, err := sqlite.Open(context.Background(), path, sqlite.Migrate())
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestMigrateByTenProcesses(t *testing.T) {
	t.Parallel()
	path := file(t)
	var processes []*exec.Cmd
	var said []*strings.Builder
	for range 10 {
		p := exec.CommandContext(t.Context(), program(t))
		p.Env = append(os.Environ(), migrateEnv+"="+path)
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
	insert(t, open(t, path), "x")
}
