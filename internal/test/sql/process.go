package sql

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const migrateEnv = "SQLTEST_MIGRATE"

// Main must be the first call of the TestMain of a test that runs the suite. In a
// process that the suite started it opens the database, and ends the process.
func (d Database) Main() {
	address := os.Getenv(migrateEnv)
	if address == "" {
		return
	}
	s, err := d.Open(context.Background(), address, Options{Migrate: true, Connections: 1})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
	os.Exit(0)
}

// Process returns another process, not yet started, that migrates the database.
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

func tenProcesses(t *testing.T, d Database) {
	address := d.Address(t)
	for i, p := range startTen(t, address) {
		if err := p.Wait(); err != nil {
			t.Errorf("process %d: %v: %s", i, err, p.Stderr)
		}
	}
	StepsOnce(t, d.pool(t, address))
}

// Processes are killed while they migrate, one earlier and the next later, so that
// they end between any two statements.
func killedProcesses(t *testing.T, d Database) {
	address := d.Address(t)
	for i, p := range startTen(t, address) {
		time.Sleep(time.Duration(i) * 5 * time.Millisecond)
		p.Process.Kill()
		p.Wait()
	}
	d.open(t, address, Options{Migrate: true})
	StepsOnce(t, d.pool(t, address))
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
