// Package counterparty starts real providers for tests: a certified OpenID
// provider on Node.js, zitadel's OpenID server in Go, and an OAuth 1.0a server
// on Authlib. Each listens on a free port of 127.0.0.1 and ends with the test.
//
// A counterparty whose runtime is missing skips the test, and says so; with
// CI=true in the environment it fails it.
package counterparty

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// startLimit is how long a server may take until it listens.
const startLimit = time.Minute

// dir returns a directory beside this package.
func dir(name string) string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(filepath.Dir(file)), name)
}

// missing skips the test, or fails it where everything has to be there.
func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("SKIPPED: %s is missing, so nothing was tested", what)
}

// start runs the command until the test ends, and returns what stands behind
// "ready " in its output: the address it listens at. Its standard input is held
// open, so that it can notice when the test is gone.
func start(t testing.TB, cmd *exec.Cmd) string {
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
	t.Cleanup(func() {
		stdin.Close()
		cmd.Process.Kill()
		<-done
		cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(cmd.Path), stderr.String())
		}
	})
	select {
	case address := <-ready:
		return address
	case <-done:
		t.Fatalf("%s ended at once: %s", cmd.Path, stderr.String())
	case <-time.After(startLimit):
		t.Fatalf("%s was not ready after %v: %s", cmd.Path, startLimit, stderr.String())
	}
	return ""
}

// A tail keeps the last of what a process wrote.
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
