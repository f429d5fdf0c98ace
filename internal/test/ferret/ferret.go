// Package ferret starts FerretDB for tests: a server that speaks MongoDB's protocol and
// keeps its data in SQLite files. It listens on a free port of 127.0.0.1, keeps its files
// in a temporary folder and ends with the test program.
//
// FerretDB has no transactions, and executes a command on a document in several steps. It
// behaves as MongoDB only with one connection at a time. A front before it acts as a
// replica set of one member, and executes one command or transaction at a time.
package ferret

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/test/server"
)

// A Server is a running server, or the reason why there is none.
type Server struct {
	missing error  // why it cannot be built
	address string // of FerretDB itself
	front   string
	alive   io.Closer // the server ends when this is closed
	process *exec.Cmd
	folder  string
}

// Main starts a server, passes it to use, runs the tests and returns the exit code.
// Where FerretDB cannot be built, tests that ask for a URL are skipped; with CI=true they
// fail.
func Main(m *testing.M, use func(*Server)) int { return server.Main(m, start, use) }

// Start builds and starts a server for the test.
func Start(t testing.TB) *Server {
	t.Helper()
	return server.For(t, start)
}

func start() (*Server, error) {
	folder, err := os.MkdirTemp("", "ferretdb")
	if err != nil {
		return nil, err
	}
	s := &Server{folder: folder}
	program := filepath.Join(folder, "server")
	if s.missing = build(program); s.missing != nil {
		return s, os.RemoveAll(folder)
	}
	if err := s.serve(program); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return s, nil
}

// build builds the program in the folder server. Its module is not in the workspace, so
// that FerretDB's dependencies do not change those of other modules.
func build(program string) error {
	folder, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/gosocial/social/internal/test/ferret").Output()
	if err != nil {
		return fmt.Errorf("finding FerretDB's module: %w", err)
	}
	c := exec.Command("go", "build", "-o", program, ".")
	c.Dir = filepath.Join(strings.TrimSpace(string(folder)), "server")
	c.Env = append(os.Environ(), "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("FerretDB cannot be built: %w: %s", err, out)
	}
	return nil
}

func (s *Server) serve(program string) (err error) {
	s.process = exec.Command(program)
	var stderr bytes.Buffer
	s.process.Stderr = &stderr
	s.process.Env = append(os.Environ(), "TMPDIR="+s.folder)
	if s.alive, err = s.process.StdinPipe(); err != nil {
		return err
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := s.process.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.process.Wait()
		return fmt.Errorf("FerretDB did not start: %w: %s", err, stderr.String())
	}
	var found bool
	if s.address, s.front, found = strings.Cut(strings.TrimSpace(line), " "); !found {
		return fmt.Errorf("FerretDB's program printed %q", line)
	}
	return nil
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	if s.missing == nil {
		s.alive.Close()
		s.process.Wait()
		os.RemoveAll(s.folder)
	}
}

// URL returns the address of a new, empty database on the server without transactions,
// for one connection.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	server.Need(t, s.missing)
	return s.address + server.DatabaseName() + "?maxPoolSize=1"
}

// ReplicaSetURL returns the address of a new, empty database on the front, which has
// transactions.
func (s *Server) ReplicaSetURL(t testing.TB) string {
	t.Helper()
	server.Need(t, s.missing)
	return s.front + server.DatabaseName()
}
