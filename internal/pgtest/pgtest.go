// Package pgtest starts a private PostgreSQL for a test run. It listens on a free
// port of 127.0.0.1, keeps its files in a temporary folder and ends with the run,
// however that ends.
package pgtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
)

// A Server is one that runs, or the reason why there is none.
type Server struct {
	missing  error // what is not installed
	address  string
	password string
	alive    io.Closer // the server ends when this is closed
	ended    chan struct{}
}

// Main starts a server, gives it to use, runs the tests and returns what to exit
// with. Without PostgreSQL on the machine the tests that ask for a URL are
// skipped; where CI is true they fail.
func Main(m *testing.M, use func(*Server)) int {
	s, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return 1
	}
	defer s.Stop()
	use(s)
	return m.Run()
}

// Start starts a server.
func Start() (*Server, error) {
	folder, err := programs()
	if err != nil {
		return &Server{missing: err}, nil
	}
	// Somebody else may take the free port first.
	for try := 1; ; try++ {
		s, err := start(folder)
		if err == nil || try == 3 {
			return s, err
		}
	}
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

// script makes the database's files and serves them until its standard input
// ends; that is when the tests' process does.
const script = `
exec 3<&0
"$1/initdb" -D "$2/data" -U postgres -A scram-sha-256 --pwfile "$2/password" -E UTF8 --locale C \
	--no-sync --no-instructions >"$2/log" 2>&1 </dev/null || { cat "$2/log"; exit 1; }
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off \
	-c synchronous_commit=off -c full_page_writes=off -c autovacuum=off >"$2/log" 2>&1 </dev/null &
server=$!
(cat; kill -QUIT $server) <&3 >/dev/null 2>&1 &
wait $server
cat "$2/log"
`

func start(programs string) (_ *Server, err error) {
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), password: rand.Text(),
		ended: make(chan struct{})}
	if err := os.WriteFile(filepath.Join(folder, "password"), []byte(s.password), 0o600); err != nil {
		return nil, err
	}
	// The folder goes last, by whoever made it: even when this process is killed.
	c := exec.Command("sh", "-c", `trap '' INT TERM; sh -c "$0" sh "$@"; cd /; rm -rf "$2"`, script, programs, folder, strconv.Itoa(port))
	if os.Geteuid() == 0 {
		// PostgreSQL refuses to run as root.
		if err := unprivileged(c, folder); err != nil {
			return nil, err
		}
	}
	var said strings.Builder
	c.Stdout, c.Stderr, c.Dir = &said, &said, folder
	s.alive, err = c.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	go func() {
		c.Wait()
		close(s.ended)
	}()
	if err := s.wait(); err != nil {
		s.Stop()
		return nil, fmt.Errorf("PostgreSQL did not start: %w: %s", err, said.String())
	}
	return s, nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// wait waits until the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-s.ended:
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	if s.missing == nil {
		s.alive.Close()
		<-s.ended
	}
}
