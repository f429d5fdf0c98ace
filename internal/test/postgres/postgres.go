// Package postgres starts PostgreSQL for tests.
package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"github.com/gosocial/social/internal/test/server"
)

// A Server is a running server, or the reason why there is none.
type Server struct {
	*server.Server
	password string
}

// Main starts a server, passes it to use, runs the tests and returns the exit code.
// Where PostgreSQL is not installed, tests that ask for a URL are skipped; with CI=true
// they fail.
func Main(m *testing.M, use func(*Server)) int {
	return server.Main(m, func() (*Server, error) { return start(nil) }, use)
}

const (
	install = `"$1/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile "$folder/password" -E UTF8 --locale C \
	--no-sync --no-instructions && ln -s data/postmaster.pid "$folder/pid"`
	serve = `programs=$1
	shift
	exec "$programs/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 -c max_connections=300 \
		-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off "$@"`
)

// Start starts a server for the test, with further settings such as
// synchronous_commit=on. The default settings are fast, and a crash may lose commits.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	return server.For(t, func() (*Server, error) { return start(settings) })
}

func start(settings []string) (*Server, error) {
	folder, err := programs()
	if err != nil {
		return &Server{Server: server.Missing(err)}, nil
	}
	args := []string{folder}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	password := rand.Text()
	s, err := server.Program{
		Name: "PostgreSQL", User: "postgres", Install: install, Serve: serve, Args: args,
		Files: map[string]string{"password": password},
		Ping: func(ctx context.Context, host string) error {
			db, err := sql.Open("pgx", address(host, password, "postgres"))
			if err != nil {
				return err
			}
			defer db.Close()
			return db.PingContext(ctx)
		},
	}.Start()
	if err != nil {
		return nil, err
	}
	return &Server{s, password}, nil
}

// programs finds the folder of initdb and postgres.
func programs() (string, error) {
	if path, err := exec.LookPath("postgres"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "initdb")); err == nil {
				return filepath.Dir(path), nil
			}
		}
	}
	// Debian keeps them out of PATH, by version.
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("PostgreSQL is not installed (Debian package postgresql)")
	}
	return filepath.Dir(found[len(found)-1]), nil
}
