// Package mariadbtest starts a private MariaDB for a test run. It listens on a free
// port of 127.0.0.1, keeps its files in a temporary folder and ends with the run,
// however that ends.
package mariadbtest

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

	"github.com/go-sql-driver/mysql"
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
// with. Without MariaDB on the machine the tests that ask for a URL are skipped;
// where CI is true they fail.
func Main(m *testing.M, use func(*Server)) int {
	s, err := Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mariadbtest:", err)
		return 1
	}
	defer s.Stop()
	use(s)
	return m.Run()
}

// Start starts a server.
func Start() (*Server, error) {
	// Debian keeps the server out of a user's PATH.
	server, err := exec.LookPath("mariadbd")
	if err != nil {
		server, err = exec.LookPath("/usr/sbin/mariadbd")
	}
	install, failed := exec.LookPath("mariadb-install-db")
	if err != nil || failed != nil {
		return &Server{missing: errors.New("MariaDB is not installed (Debian packages mariadb-server-core and mariadb-client-core)")}, nil
	}
	// Somebody else may take the free port first.
	for try := 1; ; try++ {
		s, err := start(install, server)
		if err == nil || try == 3 {
			return s, err
		}
	}
}

// script makes the database's files and serves them until its standard input
// ends; that is when the tests' process does. Files of no other server are read.
const script = `
exec 3<&0
"$1" --no-defaults --datadir="$3/data" --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve \
	--innodb-log-file-size=32M >"$3/log" 2>&1 </dev/null || { cat "$3/log"; exit 1; }
"$2" --no-defaults --datadir="$3/data" --bind-address=127.0.0.1 --port="$4" --socket="$3/socket" --pid-file="$3/pid" \
	--init-file="$3/init.sql" --skip-name-resolve --max-connections=400 --innodb-flush-log-at-trx-commit=0 \
	--innodb-log-file-size=32M --innodb-buffer-pool-size=128M --skip-log-bin >"$3/log" 2>&1 </dev/null &
server=$!
(cat; kill -KILL $server) <&3 >/dev/null 2>&1 &
wait $server
cat "$3/log"
`

// initial leaves one user, with a password, before anybody can connect.
const initial = `CREATE USER social@'%%' IDENTIFIED BY '%s';
GRANT ALL ON *.* TO social@'%%';
DELETE FROM mysql.global_priv WHERE User <> 'social' AND User <> 'mariadb.sys';
FLUSH PRIVILEGES;
`

func start(install, server string) (_ *Server, err error) {
	folder, err := os.MkdirTemp("", "mariadbtest")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), password: rand.Text(),
		ended: make(chan struct{})}
	if err := os.WriteFile(filepath.Join(folder, "init.sql"), fmt.Appendf(nil, initial, s.password), 0o600); err != nil {
		return nil, err
	}
	// The folder goes last, by whoever made it: even when this process is killed.
	c := exec.Command("sh", "-c", `trap '' INT TERM; sh -c "$0" sh "$@"; cd /; rm -rf "$3"`, script, install, server, folder,
		strconv.Itoa(port))
	if os.Geteuid() == 0 {
		// MariaDB refuses to run as root.
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
		return nil, fmt.Errorf("MariaDB did not start: %w: %s", err, said.String())
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
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	db := s.open()
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

func (s *Server) open() *sql.DB {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.Logger = "social", s.password, "tcp", s.address, &mysql.NopLogger{}
	to, err := mysql.NewConnector(c)
	if err != nil {
		panic(err) // nothing of it comes from outside
	}
	return sql.OpenDB(to)
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	if s.missing == nil {
		s.alive.Close()
		<-s.ended
	}
}
