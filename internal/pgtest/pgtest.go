// Package pgtest starts a private PostgreSQL for a test run. It listens on a free
// port of 127.0.0.1, keeps its files in a temporary folder and ends with the run,
// however that ends.
package pgtest

import (
	"bufio"
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
	orders   io.WriteCloser // the server ends when this is closed
	ended    chan struct{}  // gets a value whenever the server has ended, and is closed at the last
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

// Start starts a server, with further settings as in synchronous_commit=on: by
// default it is fast, and a crash may take commits along.
func Start(settings ...string) (*Server, error) {
	folder, err := programs()
	if err != nil {
		return &Server{missing: err}, nil
	}
	// Somebody else may take the free port first.
	for try := 1; ; try++ {
		s, err := start(folder, settings)
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
// ends; that is when the tests' process does. A signal's name on a line there ends
// the server before, and "start" starts it again. It says "ended" when it has.
const script = `
exec 3<&0
programs=$1 folder=$2 port=$3
shift 3
"$programs/initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile "$folder/password" -E UTF8 --locale C \
	--no-sync --no-instructions >"$folder/log" 2>&1 </dev/null || { cat "$folder/log"; exit 1; }
serve() {
	{
		"$programs/postgres" -D "$folder/data" -p "$port" -k "$folder" -c listen_addresses=127.0.0.1 -c max_connections=300 \
			-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off "$@" \
			>"$folder/log" 2>&1 </dev/null 3<&-
		cat "$folder/log"
		echo ended
	} &
}
end() {
	read -r server <"$folder/data/postmaster.pid" && kill -"$1" "$server"
	wait
}
serve "$@"
while read -r order <&3; do
	if [ "$order" = start ]; then serve "$@"; else end "$order"; fi
done
end QUIT 2>/dev/null
`

func start(programs string, settings []string) (_ *Server, err error) {
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), password: rand.Text(),
		ended: make(chan struct{}, 1)}
	if err := os.WriteFile(filepath.Join(folder, "password"), []byte(s.password), 0o600); err != nil {
		return nil, err
	}
	// The folder goes last, by whoever made it: even when this process is killed.
	args := []string{"-c", `trap '' INT TERM; sh -c "$0" sh "$@"; cd /; rm -rf "$2"`, script, programs, folder, strconv.Itoa(port)}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	c := exec.Command("sh", args...)
	if os.Geteuid() == 0 {
		// PostgreSQL refuses to run as root.
		if err := unprivileged(c, folder); err != nil {
			return nil, err
		}
	}
	var said strings.Builder
	c.Stderr, c.Dir = &said, folder
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.orders, err = c.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	var last string // what it said before it ended
	go func() {
		var text strings.Builder
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if lines.Text() != "ended" {
				text.WriteString(lines.Text() + "\n")
				continue
			}
			last = text.String()
			text.Reset()
			select {
			case s.ended <- struct{}{}:
			default:
			}
		}
		c.Wait()
		last += text.String() + said.String()
		close(s.ended)
	}()
	if err := s.wait(); err != nil {
		s.Stop()
		return nil, fmt.Errorf("PostgreSQL did not start: %w: %s", err, last)
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

// startTime is how long a server may take to answer.
const startTime = time.Minute

// wait waits until the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
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
		s.orders.Close()
		for range s.ended {
		}
	}
}
