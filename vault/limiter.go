package vault

import (
	"io"
	"net/http"
	"sync"
)

// A limiter lets a bounded number of protocol calls through at once, so that a
// provider that hangs takes up only its own share. The client's timeout covers
// the waiting.
type limiter struct {
	next  http.RoundTripper
	slots chan struct{}
}

func newLimiter(next http.RoundTripper, calls int) *limiter {
	return &limiter{next, make(chan struct{}, calls)}
}

func (l *limiter) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case l.slots <- struct{}{}:
	case <-r.Context().Done():
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, r.Context().Err()
	}
	resp, err := l.next.RoundTrip(r)
	if err != nil {
		<-l.slots
		return nil, err
	}
	resp.Body = &limitedBody{ReadCloser: resp.Body, slots: l.slots}
	return resp, nil
}

// A limitedBody gives its slot back when it is closed.
type limitedBody struct {
	io.ReadCloser
	slots chan struct{}
	once  sync.Once
}

func (b *limitedBody) Close() error {
	b.once.Do(func() { <-b.slots })
	return b.ReadCloser.Close()
}
