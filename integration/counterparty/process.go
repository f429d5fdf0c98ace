// Package counterparty starts other projects' servers for tests: a certified OpenID
// provider on Node.js, zitadel's OpenID server in Go, Gitea, an OAuth 1.0a server on
// Authlib, and a mail server on aiosmtpd. Each listens on a free port of 127.0.0.1 and ends with the test.
//
// Where a server cannot run because something is not installed, the test is skipped;
// with CI=true in the environment it fails.
package counterparty

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// startLimit is how long a server may take to start.
const startLimit = time.Minute

// dir returns the path of a folder of the module integration. Its tests run within it.
func dir(t testing.TB, name string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, name)
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("the test does not run within its module")
		}
		folder = filepath.Dir(folder)
	}
}

// missing skips the test, or with CI=true fails it.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("%s is missing", what)
}

// start runs the command until the test ends. It returns the address that the command
// listens at, which it prints after "ready ". The command can notice that the test
// program ended, because its standard input is closed then.
func start(t testing.TB, cmd *exec.Cmd) (address string) {
	t.Helper()
	address, _ = startStoppable(t, cmd)
	return address
}

// startStoppable is start for a command that may be killed before the test ends.
func startStoppable(t testing.TB, cmd *exec.Cmd) (address string, stop func()) {
	t.Helper()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr tail
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready, done := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if address, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- address
			}
		}
	}()
	stop = sync.OnceFunc(func() {
		stdin.Close()
		cmd.Process.Kill()
		<-done
		cmd.Wait()
	})
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", filepath.Base(cmd.Path), stderr.String())
		}
	})
	select {
	case address = <-ready:
		return address, stop
	case <-done:
		t.Fatalf("%s ended at once: %s", cmd.Path, stderr.String())
	case <-time.After(startLimit):
		t.Fatalf("%s was not ready after %v: %s", cmd.Path, startLimit, stderr.String())
	}
	return "", nil
}

// A tail keeps the end of what is written.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (w *tail) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.buf.Len() > 64<<10 {
		w.buf.Next(32 << 10)
	}
	return w.buf.Write(p)
}

func (w *tail) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buf.String()
}
