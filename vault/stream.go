package vault

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/gosocial/social/oauth"
)

// A Streamed is an answer to Vault.Stream.
type Streamed struct {
	*http.Response
	// Token is what the request was signed with, without the refresh token: for callers that
	// have to keep it out of what they pass on.
	Token oauth.Token
	// TokenTook is how long it took to have a token that could be used, APITook how long the
	// API took until the header of its answer had come.
	TokenTook, APITook time.Duration
}

// noCap is the cap of an answer that may have any length.
const noCap = math.MaxInt64 - 1

// Stream sends a request as Client does, and returns an answer of any length, which may take
// any time: neither Limits.MaxResponse nor the time limit bounds it, but the request's context
// alone. Limits.CallTimeout bounds the time until the answer's header has come, counted from
// the last bytes that were read of the request's body; then the error is
// context.DeadlineExceeded. No redirect is followed. The caller has to read the body to its end
// or close it. Errors are those of Client.
func (v *Vault) Stream(c Connection, req *http.Request) (*Streamed, error) {
	began := time.Now()
	ctx, cancel := context.WithCancelCause(req.Context())
	end := func() { cancel(nil) }
	w := &waiting{limit: v.callTimeout}
	w.timer = time.AfterFunc(v.callTimeout, func() { cancel(context.DeadlineExceeded) })
	s := &Streamed{}
	t := &transport{v: v, conn: c, streamed: s}
	sent := *req
	sent.Body = w.of(req.Body)
	if get := req.GetBody; get != nil {
		sent.GetBody = func() (io.ReadCloser, error) {
			body, err := get()
			return w.of(body), err
		}
	}
	resp, err := t.send(ctx, &sent)
	w.end()
	if err != nil {
		if errors.Is(context.Cause(ctx), context.DeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
			err = context.DeadlineExceeded
		}
		end()
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp.Request = req
	resp.Body.(*answerBody).bound(time.Time{}, end) // as sendWith has made it
	s.Response, s.TokenTook = resp, time.Since(began)-s.APITook
	return s, nil
}

// waiting bounds the time that an answer's header takes after the last bytes of the request.
type waiting struct {
	limit time.Duration

	mu    sync.Mutex
	timer *time.Timer // nil when the header has come
}

// of returns a body each read of which lets the time begin anew.
func (w *waiting) of(body io.ReadCloser) io.ReadCloser {
	if body == nil || body == http.NoBody {
		return body
	}
	return &waitedBody{body, w}
}

func (w *waiting) again() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Reset(w.limit)
	}
}

func (w *waiting) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
}

type waitedBody struct {
	io.ReadCloser
	wait *waiting
}

func (b *waitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.wait.again()
	return n, err
}
