package postgres

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/internal/test/server"
)

// Pooler starts PgBouncer in transaction mode for the database and returns the URL to use
// in its place. It has fewer connections to the database than it accepts.
func Pooler(t testing.TB, database string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer"
	}
	if _, err := os.Stat(program); err != nil {
		server.Need(t, errors.New("PgBouncer is not installed (Debian package pgbouncer)"))
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	address := server.FreeAddress(t)
	_, port, _ := strings.Cut(address, ":")
	dir := t.TempDir()
	password, _ := u.User.Password()
	settings := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s password=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
`, u.Hostname(), u.Port(), u.User.Username(), password, port)
	file := filepath.Join(dir, "pgbouncer.ini")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	var as []string
	if os.Geteuid() == 0 {
		as = []string{"-u", "nobody"} // it reads its settings first, and does not run as root
	}
	c := exec.Command(program, append(as, "-q", file)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Process.Kill()
		c.Wait()
	})
	u.Host = address
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", u.Host)
		if err == nil {
			conn.Close()
			return u.String()
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}
