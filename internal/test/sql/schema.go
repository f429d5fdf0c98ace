package sql

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/schema"
	"github.com/gosocial/social/sqlstore"
)

// Opener opens a store of an address and brings its schema up.
type Opener func(ctx context.Context, address string) (*sqlstore.Store, error)

// Migrated brings an empty database up, and once more, which changes nothing.
func Migrated(t *testing.T, s *sqlstore.Store) {
	t.Helper()
	before, err := s.Status(t.Context())
	if err != nil || before.Version != 0 || before.Latest < 1 || !errors.Is(before.Err(), schema.ErrOlder) {
		t.Errorf("before: %+v, %v", before, err)
	}
	if _, err := s.ByID(t.Context(), "x"); !errors.Is(err, schema.ErrOlder) || !strings.Contains(err.Error(), "social_connections") {
		t.Errorf("without tables: %v", err)
	}
	for range 2 {
		if err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after, err := s.Status(t.Context()); err != nil || after.Err() != nil {
			t.Errorf("after: %+v, %v", after, err)
		}
	}
	if _, err := s.Walk(t.Context(), "", 1); err != nil {
		t.Error(err)
	}
}

// NewerSchema: a database that a newer version has been at is left alone.
func NewerSchema(t *testing.T, address string, open Opener) {
	t.Helper()
	s, err := open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.InTx(t.Context(), func(ctx context.Context) error {
		tx, _ := s.Tx(ctx)
		_, err := tx.ExecContext(ctx, `INSERT INTO social_schema (version_id, is_applied) VALUES (99999, true)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, s.Migrate(t.Context()), schema.ErrNewer)
	newer, err := open(t.Context(), address)
	want(t, err, schema.ErrNewer)
	if err == nil {
		newer.Close()
	}
	status, err := s.Status(t.Context())
	if err != nil || status.Version != 99999 || !errors.Is(status.Err(), schema.ErrNewer) {
		t.Errorf("status %+v, %v", status, err)
	}
}

// Prefixes: two are two schemas in one database, and the same however it is written.
func Prefixes(t *testing.T, one, same, other *sqlstore.Store) {
	t.Helper()
	want(t, one.InsertUser(t.Context(), accounts.User{ID: "x"}), nil)
	_, err := same.UserByID(t.Context(), "", "x")
	want(t, err, nil)
	_, err = other.UserByID(t.Context(), "", "x")
	want(t, err, accounts.ErrNoUser)
}

const migrateEnv = "SQLTEST_MIGRATE"

// Main is to be called first of all by the TestMain of a test that uses
// Process or TenProcesses. It ends a process that this one started.
func Main(open Opener) {
	address := os.Getenv(migrateEnv)
	if address == "" {
		return
	}
	s, err := open(context.Background(), address)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// Process is another process, not started yet, that opens the address and ends.
func Process(t *testing.T, address string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := exec.CommandContext(t.Context(), program)
	p.Env = append(os.Environ(), migrateEnv+"="+address)
	return p
}

// TenStores: ten stores may be opened at once on an empty database.
func TenStores(t *testing.T, address string, open Opener) {
	t.Helper()
	errs := make(chan error, 10)
	for range 10 {
		go func() {
			s, err := open(t.Context(), address)
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

// TenProcesses: ten processes may be started at once on an empty database.
func TenProcesses(t *testing.T, address string) {
	t.Helper()
	for i, p := range startTen(t, address) {
		if err := p.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, p.Stderr)
		}
	}
}

// KilledProcesses kills processes that bring the schema up, one earlier and the
// next later, so that they end between any two statements.
func KilledProcesses(t *testing.T, address string) {
	t.Helper()
	for i, p := range startTen(t, address) {
		time.Sleep(time.Duration(i) * 5 * time.Millisecond)
		p.Process.Kill()
		p.Wait()
	}
}

func startTen(t *testing.T, address string) (processes []*exec.Cmd) {
	t.Helper()
	for range 10 {
		p := Process(t, address)
		p.Stderr = new(strings.Builder)
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
		processes = append(processes, p)
	}
	return processes
}

// SteppedOnce checks that each step of the schema is noted once.
func SteppedOnce(t *testing.T, db *sql.DB) {
	t.Helper()
	var steps, versions int
	err := db.QueryRowContext(t.Context(), `SELECT count(*), count(DISTINCT version_id) FROM social_schema`).Scan(&steps, &versions)
	if err != nil || steps != versions || steps < 2 {
		t.Errorf("%d steps were noted for %d versions, %v", steps, versions, err)
	}
}
