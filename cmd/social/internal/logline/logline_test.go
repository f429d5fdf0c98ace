package logline_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/cmd/social/internal/logline"
)

// A slow writer takes a write when the test lets it.
type slow struct {
	bytes.Buffer
	let    chan error
	writes int
}

func (s *slow) Write(b []byte) (int, error) {
	if err := <-s.let; err != nil {
		return 0, err
	}
	s.writes++
	return s.Buffer.Write(b)
}

// Lines are whole and in the order of those who write them, and all are there after Close.
func TestOrder(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := logline.New(&out)
	const writers, lines = 8, 2_000
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			for n := range lines {
				fmt.Fprintf(w, "%d %d %s\n", i, n, strings.Repeat("x", n%300))
			}
		})
	}
	wg.Wait()
	if err := w.Close(time.Minute); err != nil {
		t.Fatal(err)
	}
	var next [writers]int
	for line := range strings.Lines(out.String()) {
		var i, n int
		if _, err := fmt.Sscanf(line, "%d %d", &i, &n); err != nil || n != next[i] || line != fmt.Sprintf("%d %d %s\n", i, n, strings.Repeat("x", n%300)) {
			t.Fatalf("%q after line %d", line, next[i]-1)
		}
		next[i]++
	}
	for i, n := range next {
		if n != lines {
			t.Errorf("writer %d: %d lines", i, n)
		}
	}
	fmt.Fprintln(w, "late")
	if !strings.HasSuffix(out.String(), "x\nlate\n") {
		t.Error("a line after Close is not written")
	}
}

// Who logs does not wait for a write; lines that come during one go out in the next, and
// a full buffer makes those who log wait.
func TestSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &slow{let: make(chan error)}
		w := logline.New(to)
		line := strings.Repeat("x", 1023) + "\n"
		written := 0
		go func() {
			for range 3 * 1024 {
				if _, err := w.Write([]byte(line)); err != nil {
					t.Error(err)
				}
				written++
			}
		}()
		synctest.Wait()
		if written < 1024 || written > 2*1024 {
			t.Fatalf("%d lines of 1 KiB wait", written)
		}
		to.let <- errors.New("the disk is full")
		close(to.let)
		synctest.Wait()
		err := w.Close(time.Minute)
		if err == nil || !strings.Contains(err.Error(), "the disk is full") {
			t.Errorf("error %v", err)
		}
		if to.Len() < 2*1024*1024 || to.Len()%1024 != 0 || to.writes > 10 {
			t.Errorf("%d bytes in %d writes", to.Len(), to.writes)
		}
	})
}

// Close does not wait for ever.
func TestStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		to := &slow{let: make(chan error)}
		defer close(to.let)
		w := logline.New(to)
		fmt.Fprintln(w, "a line")
		began := time.Now()
		if err := w.Close(10 * time.Second); err == nil || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
