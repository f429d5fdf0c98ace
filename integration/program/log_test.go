package program_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
)

// logTo restarts the site with its log in the file, or the named pipe.
func (s *site) logTo(file string) {
	s.Helper()
	if err := s.process.Stop(); err != nil {
		s.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `exec "$0" serve --config "$1" 2>"$2"`, program.Path(s.T), s.file, file)
	var err error
	if s.process, _, err = program.StartCommand(s.T, nil, "Social serves ", cmd); err != nil {
		s.Fatal(err)
	}
	s.process.StopWithTest()
}

// refusedCallbacks sends callbacks that are refused, each with one line in the log, by
// several visitors at once, and returns how many were answered.
func (s *site) refusedCallbacks(visitors, each int) int {
	s.Helper()
	var wg sync.WaitGroup
	for range visitors {
		v := s.visitor()
		wg.Go(func() {
			for range each {
				v.get("/callback/hub?code=x").is(400)
			}
		})
	}
	wg.Wait()
	return visitors * each
}

// wholeLines returns how many lines of the log are about refused callbacks; every line
// has to be whole.
func wholeLines(t *testing.T, log io.Reader) (refused int) {
	t.Helper()
	ids := map[string]bool{}
	lines := bufio.NewReader(log)
	for {
		line, err := lines.ReadString('\n')
		if err == io.EOF && line == "" {
			return len(ids)
		}
		if err != nil || !strings.HasPrefix(line, "time=") || strings.Count(line, "time=") != 1 {
			t.Fatalf("%q is no whole line: %v", line, err)
		}
		if _, rest, ok := strings.Cut(line, "request_id="); ok && strings.Contains(line, `"social: callback refused"`) {
			ids[strings.Fields(rest)[0]] = true
		}
	}
}

// What was answered before SIGTERM is in the log.
func TestLogIsWholeAtTheEnd(t *testing.T) {
	t.Parallel()
	s := serve(t)
	file := filepath.Join(t.TempDir(), "log")
	s.logTo(file)
	answered := s.refusedCallbacks(8, 50)
	if err := s.process.Stop(); err != nil {
		t.Fatal(err)
	}
	log, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if refused := wholeLines(t, log); refused != answered {
		t.Errorf("%d lines of %d answers", refused, answered)
	}
}

// pipe makes a named pipe and opens it for reading.
func pipe(t *testing.T) (string, *os.File) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	// A reader alone would wait for a writer.
	out, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	return name, out
}

// A pipe that is not read at first: requests are answered meanwhile, as the log has more
// than the pipe holds, and every line comes.
func TestLogIntoASlowPipe(t *testing.T) {
	t.Parallel()
	s := serve(t)
	name, out := pipe(t)
	defer out.Close()
	s.logTo(name)
	answered := s.refusedCallbacks(8, 100) // twice the 64 KiB of a pipe
	ended := make(chan error, 1)
	go func() { ended <- s.process.Stop() }()
	select {
	case err := <-ended:
		t.Fatalf("the program ended before its log was read: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if refused := wholeLines(t, out); refused != answered {
		t.Errorf("%d lines of %d answers", refused, answered)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A pipe that nobody reads any more ends the program, and it does not hang.
func TestLogIntoAClosedPipe(t *testing.T) {
	t.Parallel()
	s := serve(t)
	name, out := pipe(t)
	if err := s.process.Stop(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `exec "$0" serve --config "$1" 2>"$2"`, program.Path(t), s.file, name)
	p, _, err := program.StartCommand(t, nil, "Social serves ", cmd)
	if err != nil {
		t.Fatal(err)
	}
	out.Close()
	s.visitor().client.Get(s.url + "/callback/hub?code=x")
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	select {
	case err := <-ended:
		if want := "broken pipe"; !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	case <-time.After(20 * time.Second):
		t.Error("the program did not end")
		p.Kill()
	}
}
