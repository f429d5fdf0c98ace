package sqltest

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/sqlstore"
)

// Opener opens a store of an address and brings its schema up.
type Opener func(ctx context.Context, address string) (*sqlstore.Store, error)

const migrateEnv = "SQLTEST_MIGRATE"

// Main is to be called first of all by the TestMain of a test that uses
// TenProcesses. It ends a process that this one started.
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
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		p := exec.CommandContext(t.Context(), program)
		p.Env = append(os.Environ(), migrateEnv+"="+address)
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
