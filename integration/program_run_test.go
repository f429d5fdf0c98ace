package integration_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// programDir is where the program is built, once.
var programDir string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "social-program-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programDir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

var buildProgram = sync.OnceValues(func() (string, error) {
	path := filepath.Join(programDir, "social")
	if out, err := exec.Command("go", "build", "-o", path, "../cmd/social").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return path, nil
})

func program(t *testing.T) string {
	t.Helper()
	path, err := buildProgram()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// A runOutput is what became of a command.
type runOutput struct {
	code           int
	stdout, stderr string
}

// run runs the program to its end, with nothing of its own in the environment
// but what env says.
func run(t *testing.T, env []string, stdin string, args ...string) runOutput {
	t.Helper()
	cmd := exec.Command(program(t), args...)
	cmd.Env = environment(env...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return runOutput{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// succeeds is run for a command that has to.
func succeeds(t *testing.T, args ...string) string {
	t.Helper()
	out := run(t, nil, "", args...)
	if out.code != 0 {
		t.Fatalf("social %s: status %d\n%s", strings.Join(args, " "), out.code, out.stderr)
	}
	return out.stdout
}

// fails is run for a command that must not succeed, and returns its complaint.
func fails(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out := run(t, env, "", args...)
	if out.code == 0 {
		t.Fatalf("social %s: it succeeded\n%s", strings.Join(args, " "), out.stdout)
	}
	if !strings.HasPrefix(lastLine(out.stderr), "social: ") && !strings.Contains(out.stderr, "\nsocial: ") && !strings.HasPrefix(out.stderr, "social: ") {
		t.Errorf("the complaint does not begin with the program's name: %s", out.stderr)
	}
	return out.stderr
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return lines[len(lines)-1]
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

// A process is the program while it serves.
type process struct {
	t       *testing.T
	cmd     *exec.Cmd
	stderr  *tail
	drained chan struct{}
	ended   sync.Once
	result  error
}

// begin starts the program and waits until it prints a line with the prefix,
// whose rest it returns. It reports failure when the program ends before.
func beginProcess(t *testing.T, env []string, prefix string, args ...string) (*process, string, error) {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(program(t), args...), stderr: &tail{}, drained: make(chan struct{})}
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
		t.Fatalf("the program does not start:\n%s", p.stderr.String())
		return nil, "", nil
	}
}

// stop ends the program as an operator does, and returns how it ended.
func (p *process) stop() error {
	p.ended.Do(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		<-p.drained
		p.result = p.cmd.Wait()
	})
	return p.result
}

// endWithTest stops the program when the test ends, which has to go well.
func (p *process) endWithTest() {
	p.t.Cleanup(func() {
		if err := p.stop(); err != nil {
			p.t.Errorf("the program did not end well on SIGTERM: %v", err)
		}
		if p.t.Failed() {
			said := strings.Split(p.stderr.String(), "\n")
			p.t.Logf("the program said:\n%s", strings.Join(said[max(0, len(said)-20):], "\n"))
		}
	})
}

// A tail keeps what a process wrote.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *tail) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.Write(b)
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}

// freeAddress returns an address of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// startDemo runs the program's demo on free ports, and returns the application's
// address.
func startDemo(t *testing.T) string {
	t.Helper()
	p, address, err := beginProcess(t, nil, "Social demo: ", "demo", "--listen", "127.0.0.1:0", "--providers-listen", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.endWithTest()
	return address
}
