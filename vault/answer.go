package vault

import (
	"context"
	"net/http"
	"time"

	"github.com/gosocial/social/internal/outbound"
)

// An answerBody is the body of a call's answer. The context that bounds the call ends
// with it: when it has been read to the end, reading failed, or it is closed.
type answerBody struct {
	outbound.CappedBody
	until  time.Time
	cancel context.CancelFunc
}

// bound gives the body the context of its call, which ends now when there is nothing to
// read: callers need not close such a body.
func (b *answerBody) bound(until time.Time, cancel context.CancelFunc) {
	b.until, b.cancel = until, cancel
	if b.ReadCloser == http.NoBody {
		cancel()
	}
}

func (b *answerBody) Read(p []byte) (int, error) {
	n, err := b.CappedBody.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

func (b *answerBody) Close() error {
	err := b.CappedBody.Close()
	b.end()
	return err
}

func (b *answerBody) end() {
	if b.cancel != nil { // nil for an answer of 401 after which the request is sent again
		b.cancel()
	}
}

// deadline returns when a call ends that may take so long. A request that follows a
// redirect ends when the first one would have.
func deadline(req *http.Request, takes time.Duration) time.Time {
	if req.Response != nil {
		if b, ok := req.Response.Body.(*answerBody); ok {
			return b.until
		}
	}
	return time.Now().Add(takes)
}
