// Package logline writes the lines of a log beside the requests that they are about.
package logline

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// maxWaiting is how many bytes wait in memory to be written, some 5,000 lines, before
// those who log wait too.
const maxWaiting = 1 << 20

// keptBuffer is the largest buffer that is kept after a burst of lines, in bytes.
const keptBuffer = 64 << 10

// A Writer writes lines to another writer, in their order, by a goroutine of its own:
// those that come during one write go out together in the next. Nothing is dropped: where
// the other writer is slow, Write waits as soon as 1 MiB does, besides what is being written.
//
// It is safe for concurrent use.
type Writer struct {
	to      io.Writer
	mu      sync.Mutex
	came    sync.Cond // something waits, or the end
	room    sync.Cond // there is room, or the end
	waiting []byte
	closed  bool
	err     error
	ended   chan struct{}
}

// New returns a Writer. Close ends its goroutine.
func New(to io.Writer) *Writer {
	w := &Writer{to: to, ended: make(chan struct{})}
	w.came.L, w.room.L = &w.mu, &w.mu
	go w.run()
	return w
}

// Write takes one or more whole lines. Its error is nil until Close; later lines are
// written at once, after those that wait.
func (w *Writer) Write(lines []byte) (int, error) {
	w.mu.Lock()
	for len(w.waiting) >= maxWaiting && !w.closed {
		w.room.Wait()
	}
	if w.closed {
		w.mu.Unlock()
		<-w.ended
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.to.Write(lines)
	}
	defer w.mu.Unlock()
	w.waiting = append(w.waiting, lines...)
	w.came.Signal()
	return len(lines), nil
}

// run writes what waits until Close, and then the rest.
func (w *Writer) run() {
	defer close(w.ended)
	var batch []byte
	for {
		w.mu.Lock()
		for len(w.waiting) == 0 && !w.closed {
			w.came.Wait()
		}
		if len(w.waiting) == 0 {
			w.mu.Unlock()
			return
		}
		batch, w.waiting = w.waiting, batch[:0]
		w.room.Broadcast()
		w.mu.Unlock()

		_, err := w.to.Write(batch)
		if cap(batch) > keptBuffer {
			batch = nil
		}
		if err != nil {
			w.mu.Lock()
			w.err = err // the next lines may do, as on a disk that was full
			w.mu.Unlock()
		}
	}
}

// Close writes what waits. The error is the last one of writing, or says that it took
// longer than the time.
func (w *Writer) Close(within time.Duration) error {
	w.mu.Lock()
	w.closed = true
	w.came.Signal()
	w.room.Broadcast()
	w.mu.Unlock()
	select {
	case <-w.ended:
	case <-time.After(within):
		return fmt.Errorf("what reads it took nothing for %v, and the last lines are lost", within)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
