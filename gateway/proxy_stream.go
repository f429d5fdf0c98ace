package gateway

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// callerStalls is how long a caller may take nothing of an answer that goes to it.
	callerStalls = time.Minute
	// leftover is how long the rest of a body may come that nothing has read.
	leftover = time.Second

	smallBuffer, largeBuffer = 4 << 10, 32 << 10
)

// A callerBody is the body of a caller's request. It remembers whether it was read to its end:
// net/http would wait for the rest.
type callerBody struct {
	io.ReadCloser
	ended atomic.Bool
}

func (b *callerBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.ended.Store(true)
	}
	return n, err
}

// begin takes the time limits from a request's network connection that its server has for
// others: a stream may take any time.
func begin(rc *http.ResponseController, r *http.Request) *callerBody {
	// Where there is no network connection, as in Forward for a command, there are no limits.
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})
	b := &callerBody{ReadCloser: r.Body}
	if r.Body == nil || r.Body == http.NoBody {
		b.ended.Store(true)
	} else {
		r.Body = b
	}
	return b
}

// end bounds the time in which the rest of the body may come.
func (b *callerBody) end(rc *http.ResponseController) {
	if !b.ended.Load() {
		_ = rc.SetReadDeadline(time.Now().Add(leftover))
	}
}

var (
	smallBuffers = sync.Pool{New: func() any { return new([smallBuffer]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}
)

// copyBody passes the body of an answer on as it comes. A stream that is slow, of which there
// may be many, takes a small buffer; one that fills it gets a large one.
func (f *forwarding) copyBody(resp *http.Response, r *redactor) error {
	if resp.ContentLength < 0 || resp.ContentLength > smallBuffer {
		if err := f.pass(nil); err != nil { // the header goes before the first bytes come
			return err
		}
	}
	small := smallBuffers.Get().(*[smallBuffer]byte)
	defer smallBuffers.Put(small)
	buffer := small[:]
	for {
		n, err := resp.Body.Read(buffer)
		piece := r.next(buffer[:n])
		if err == io.EOF {
			piece = append(piece[:len(piece):len(piece)], r.rest()...)
		}
		if len(piece) > 0 {
			if err := f.pass(piece); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF:
			_ = f.rc.SetWriteDeadline(time.Now().Add(callerStalls)) // for what ends the answer
			return nil
		case err != nil:
			return err
		}
		if n == smallBuffer && len(buffer) == smallBuffer {
			large := largeBuffers.Get().(*[largeBuffer]byte)
			defer largeBuffers.Put(large)
			buffer = large[:]
		}
	}
}

// pass sends a piece to the caller at once.
func (f *forwarding) pass(piece []byte) error {
	_ = f.rc.SetWriteDeadline(time.Now().Add(callerStalls))
	if _, err := f.w.Write(piece); err != nil && len(piece) > 0 {
		return err
	}
	if err := f.rc.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	// Over HTTP/2 a stream ends at its deadline, whether it waits for the caller or not.
	_ = f.rc.SetWriteDeadline(time.Time{})
	return nil
}
