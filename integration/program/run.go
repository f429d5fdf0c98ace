// Package program builds the program social and runs it for tests.
package program

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var build = sync.OnceValues(func() (path string, err error) {
	dir, err := os.MkdirTemp("", "social-program-")
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "social")
	if out, err := exec.Command("go", "build", "-o", path, "github.com/gosocial/social/cmd/social").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return path, nil
})

// Main runs a test program's tests and removes what Path built.
func Main(m *testing.M) {
	code := m.Run()
	if path, err := build(); err == nil && built.Load() {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// Path returns the path of the program, which the first call builds.
func Path(t testing.TB) string {
	t.Helper()
	built.Store(true)
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var built atomic.Bool

// An Output is the result of a command.
type Output struct {
	Code           int
	Stdout, Stderr string
}

// Run runs the program and waits for its end. Its environment has the variables of
// env, and no others that begin with SOCIAL_ or SECURITY_.
func Run(t testing.TB, env []string, stdin string, args ...string) Output {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, Path(t), args...)
	cmd.Env = environment(env...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return Output{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func environment(more ...string) []string {
	var env []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SOCIAL_") && !strings.HasPrefix(entry, "SECURITY_") {
			env = append(env, entry)
		}
	}
	return append(env, more...)
}

// A Process is a running program.
type Process struct {
	t       testing.TB
	cmd     *exec.Cmd
	stderr  *buffer
	drained chan struct{}
	ended   sync.Once
	result  error
}

// Start starts the program, waits until it prints a line with the prefix, and returns
// the rest of the line. When the program ends first, the error has what it wrote to
// standard error.
func Start(t testing.TB, env []string, prefix string, args ...string) (*Process, string, error) {
	t.Helper()
	return StartCommand(t, env, prefix, exec.Command(Path(t), args...))
}

// StartCommand is Start for a command that runs the program in another way.
func StartCommand(t testing.TB, env []string, prefix string, cmd *exec.Cmd) (*Process, string, error) {
	t.Helper()
	p := &Process{t: t, cmd: cmd, stderr: &buffer{}, drained: make(chan struct{})}
	p.cmd.Env = environment(env...)
	p.cmd.Stderr = p.stderr
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(p.drained)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if rest, ok := strings.CutPrefix(lines.Text(), prefix); ok {
				select {
				case ready <- rest:
				default:
				}
			}
		}
		io.Copy(io.Discard, stdout)
	}()
	select {
	case rest := <-ready:
		return p, rest, nil
	case <-p.drained:
		err := p.cmd.Wait()
		return nil, "", fmt.Errorf("the program ended: %v\n%s", err, p.stderr.String())
	case <-time.After(time.Minute):
		p.cmd.Process.Kill()
		t.Fatalf("the program did not start:\n%s", p.stderr.String())
		return nil, "", nil
	}
}

// Terminate sends SIGTERM and does not wait.
func (p *Process) Terminate() { p.cmd.Process.Signal(syscall.SIGTERM) }

// Stop sends SIGTERM, waits for the program's end, and returns its error.
func (p *Process) Stop() error {
	p.ended.Do(func() {
		p.Terminate()
		<-p.drained
		p.result = p.cmd.Wait()
	})
	return p.result
}

// Wait waits for the program to end by itself, and returns its error.
func (p *Process) Wait() error {
	p.ended.Do(func() {
		<-p.drained
		p.result = p.cmd.Wait()
	})
	return p.result
}

// Kill ends the program by SIGKILL, as a crash would.
func (p *Process) Kill() {
	p.ended.Do(func() {
		p.cmd.Process.Kill()
		<-p.drained
		p.cmd.Wait()
	})
}

// StopWithTest stops the program when the test ends, and fails the test when it does
// not end well.
func (p *Process) StopWithTest() {
	p.t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			p.t.Errorf("the program did not end well on SIGTERM: %v", err)
		}
		if p.t.Failed() {
			lines := strings.Split(p.stderr.String(), "\n")
			p.t.Logf("the end of the program's log:\n%s", strings.Join(lines[max(0, len(lines)-20):], "\n"))
		}
	})
}

// Log returns the program's log so far.
func (p *Process) Log() string { return p.stderr.String() }

// Logged waits up to ten seconds for the text in the log, and reports whether it
// came. An answer may come before the line of the log.
func (p *Process) Logged(text string) bool {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		found := strings.Contains(p.Log(), text)
		if found || time.Now().After(end) {
			return found
		}
	}
}

// LoggedLine is Logged for one line that has all the texts, and waits two seconds.
func (p *Process) LoggedLine(texts ...string) bool {
	for end := time.Now().Add(2 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(p.Log()) {
			if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
				return true
			}
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// A buffer keeps a process's output. It is safe for concurrent use.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *buffer) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(b)
}

func (w *buffer) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// Demo runs the program's demo on free ports until the test ends, and returns
// the application's address.
func Demo(t testing.TB) string {
	t.Helper()
	p, address, err := Start(t, nil, "Social demo: ", "demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.StopWithTest()
	return address
}
