package vault

import (
	"io"
	"net/http"
	"sync"
)

// A gate lets a bounded number of a provider's protocol calls through at once,
// so that one that hangs takes up only its own share. The client's timeout
// covers the waiting.
type gate struct {
	next  http.RoundTripper
	slots chan struct{}
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case g.slots <- struct{}{}:
	case <-r.Context().Done():
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, r.Context().Err()
	}
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		<-g.slots
		return nil, err
	}
	resp.Body = &gatedBody{ReadCloser: resp.Body, slots: g.slots}
	return resp, nil
}

// A gatedBody gives its slot back when it is closed.
type gatedBody struct {
	io.ReadCloser
	slots chan struct{}
	once  sync.Once
}

func (b *gatedBody) Close() error {
	b.once.Do(func() { <-b.slots })
	return b.ReadCloser.Close()
}
