// Package mariadb starts MariaDB for tests.
package mariadb

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/gosocial/social/internal/test/server"
)

// A Server is a running server, or the reason why there is none.
type Server struct {
	*server.Server
	password string
}

// Main starts a server, passes it to use, runs the tests and returns the exit code.
// Where MariaDB is not installed, tests that ask for a URL are skipped; with CI=true they
// fail.
func Main(m *testing.M, use func(*Server)) int {
	return server.Main(m, func() (*Server, error) { return start(nil) }, use)
}

// With --no-defaults the configuration of the machine's own server is not read.
const (
	install = `"$1" --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal --skip-test-db \
	--skip-name-resolve --innodb-log-file-size=32M`
	serve = `server=$2
	shift 2
	exec "$server" --no-defaults --datadir="$folder/data" --bind-address=127.0.0.1 --port="$port" --socket="$folder/socket" \
		--pid-file="$folder/pid" --init-file="$folder/init.sql" --skip-name-resolve --max-connections=400 --skip-log-bin \
		--innodb-flush-log-at-trx-commit=0 --innodb-log-file-size=32M --innodb-buffer-pool-size=128M "$@"`
	// initial leaves one user, with a password, before clients can connect.
	initial = `CREATE USER IF NOT EXISTS social@'%%' IDENTIFIED BY '%s';
GRANT ALL ON *.* TO social@'%%';
DELETE FROM mysql.global_priv WHERE User NOT IN ('social', 'mariadb.sys');
FLUSH PRIVILEGES;
`
)

// Start starts a server for the test, with further settings such as
// innodb-flush-log-at-trx-commit=1. The default settings are fast, and a crash may lose
// commits.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	return server.For(t, func() (*Server, error) { return start(settings) })
}

func start(settings []string) (*Server, error) {
	// Debian keeps the server out of a user's PATH.
	program, err := exec.LookPath("mariadbd")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/mariadbd")
	}
	installer, failed := exec.LookPath("mariadb-install-db")
	if err != nil || failed != nil {
		err = errors.New("MariaDB is not installed (Debian packages mariadb-server-core and mariadb-client-core)")
		return &Server{Server: server.Missing(err)}, nil
	}
	args := []string{installer, program}
	for _, setting := range settings {
		args = append(args, "--"+setting)
	}
	password := rand.Text()
	s, err := server.Program{
		Name: "MariaDB", User: "mysql", Install: install, Serve: serve, Args: args,
		Files: map[string]string{"init.sql": fmt.Sprintf(initial, password)},
		Ping: func(ctx context.Context, address string) error {
			db := open(address, password)
			defer db.Close()
			return db.PingContext(ctx)
		},
	}.Start()
	if err != nil {
		return nil, err
	}
	return &Server{s, password}, nil
}

func open(address, password string) *sql.DB {
	c := mysql.NewConfig()
	c.User, c.Passwd, c.Net, c.Addr, c.Logger = "social", password, "tcp", address, &mysql.NopLogger{}
	to, err := mysql.NewConnector(c)
	if err != nil {
		panic(err) // the configuration is constant
	}
	return sql.OpenDB(to)
}

// Crash ends the server at once. Its commits survive only when it was started with
// innodb-flush-log-at-trx-commit=1.
func (s *Server) Crash(t testing.TB) { s.End(t, "KILL") }
