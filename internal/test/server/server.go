// Package server runs a database server for tests. It listens on a free port of
// 127.0.0.1, keeps its files in a temporary folder and ends with the test program, also
// when that is killed. When the tests run as root the server does not.
package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A Program is a server that can be started.
type Program struct {
	Name string // for people
	User string // to run as when the tests run as root, if there is such a user
	// Install and Serve are shell commands with the variables $folder and $port, and
	// with Args as $1 and so on. Serve must not return before the server has ended. Both
	// write errors to $folder/log, and the server writes its process ID to the first
	// line of $folder/pid.
	Install, Serve string
	Args           []string
	Files          map[string]string // in the folder before Install, by name
	// Ping returns nil when the server at the address answers.
	Ping func(ctx context.Context, address string) error
}

// A Server is a started server, or the reason why there is none.
type Server struct {
	Address string // host and port
	missing error

	program Program
	orders  io.WriteCloser // the server ends when this is closed
	ended   chan struct{}  // gets a value each time the server has ended; closed when all is over
}

// script runs the server until its standard input ends, which happens at the latest when
// the test program ends. A line with a signal's name ends the server, a line "start"
// starts it again. It prints "ended" when the server has ended.
const script = `
exec 3<&0
folder=$1 port=$2
shift 2
install() {
%s
}
serve() {
	rm -f "$folder/over"
	{
		(
%s
		) >"$folder/log" 2>&1 </dev/null 3<&-
		: >"$folder/over"
		cat "$folder/log"
		echo ended
	} &
}
end() {
	# A server that has just started has written no process ID yet.
	until [ -s "$folder/pid" ] || [ -e "$folder/over" ]; do sleep 0.1; done
	[ -e "$folder/over" ] || { read -r server <"$folder/pid" && kill -"$1" "$server"; }
	wait
}
install "$@" >"$folder/log" 2>&1 </dev/null || { cat "$folder/log"; exit 1; }
serve "$@"
while read -r order <&3; do
	if [ "$order" = start ]; then serve "$@"; else end "$order"; fi
done
end QUIT 2>/dev/null
`

// Start starts the server and waits until it answers.
func (p Program) Start() (*Server, error) {
	// Another program may take the free port first.
	for try := 1; ; try++ {
		s, err := p.start()
		if err == nil || try == 3 {
			return s, err
		}
	}
}

func (p Program) start() (*Server, error) {
	folder, err := os.MkdirTemp("", "test-server")
	if err != nil {
		return nil, err
	}
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	_, port, _ := strings.Cut(address, ":")
	s := &Server{Address: address, program: p, ended: make(chan struct{}, 1)}
	for name, text := range p.Files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	// The outer shell removes the folder, also when this process is killed.
	args := []string{"-c", `trap '' INT TERM; sh -c "$0" sh "$@"; cd /; rm -rf "$1"`, fmt.Sprintf(script, p.Install, p.Serve), folder, port}
	c := exec.Command("sh", append(args, p.Args...)...)
	if os.Geteuid() == 0 {
		if err := unprivileged(c, p.User, folder); err != nil {
			return nil, err
		}
	}
	var stderr strings.Builder
	c.Stderr, c.Dir = &stderr, folder
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if s.orders, err = c.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	var last string // its output before it ended
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
		last += text.String() + stderr.String()
		close(s.ended)
	}()
	if err := s.wait(); err != nil {
		s.Stop()
		return nil, fmt.Errorf("%s did not start: %w: %s", p.Name, err, last)
	}
	return s, nil
}

// startTime is how long a server may take to answer.
const startTime = time.Minute

func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	for {
		err := s.program.Ping(ctx, s.Address)
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

// Missing returns a Server for a program that cannot be started on this machine.
func Missing(reason error) *Server { return &Server{missing: reason} }

// Need skips the test when the server is missing; with CI=true the test fails.
func (s *Server) Need(t testing.TB) {
	t.Helper()
	Need(t, s.missing)
}

// Stop ends the server and removes its files.
func (s *Server) Stop() {
	if s.missing != nil {
		return
	}
	s.orders.Close()
	for range s.ended {
	}
}

// End ends the server by a signal, such as "INT", and leaves its files.
func (s *Server) End(t testing.TB, signal string) {
	t.Helper()
	if _, err := fmt.Fprintln(s.orders, signal); err != nil {
		t.Fatal(err)
	}
	if _, running := <-s.ended; !running {
		t.Fatalf("%s and its folder are gone", s.program.Name)
	}
}

// Up starts a server that has ended again, at the same address.
func (s *Server) Up(t testing.TB) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		if _, err := fmt.Fprintln(s.orders, "start"); err != nil {
			t.Fatal(err)
		}
		err := s.wait()
		if err == nil {
			return
		}
		// Another program may use the port for a moment.
		if time.Since(began) > startTime {
			t.Fatalf("%s does not come back: %v", s.program.Name, err)
		}
	}
}
