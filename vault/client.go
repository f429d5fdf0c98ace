package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gosocial/social/internal/hosts"
	"github.com/gosocial/social/internal/outbound"
	"github.com/gosocial/social/oauth"
)

// Client returns an HTTP client that acts for the connection's user: requests
// are signed, the token is refreshed when it is due, and an answer of 401
// refreshes it and sends the request once more, where its body can be had again
// (http.Request.GetBody).
//
// An Authorization header of the caller's is dropped, and a header that the provider wants
// the token in.
//
// The token goes to the provider's own hosts only, by redirects too; further
// names others, "api.example.com" or ".example.com" for all its subdomains, which
// are reached by https; a name that is no host allows nothing. Any other host is
// ErrForeignHost. Further errors: oauth.ErrNoToken where the provider gave none,
// ErrNeedsReauthorization, ErrSuspended, ErrNoConnection, ErrUnknownProvider, ErrTooLarge,
// *oauth.ProviderError.
//
// Limits.CallTimeout bounds each call, what the vault does for it and redirects included,
// until its answer is read to the end or closed; then the call ends with
// context.DeadlineExceeded. http.Client.Timeout is zero; setting it bounds calls further.
func (v *Vault) Client(c Connection, further ...string) *http.Client {
	t := &transport{v: v, conn: c}
	for _, name := range further {
		if err := t.further.AddName(name); err != nil {
			v.log.Warn("the name is no host, and allows nothing", "host", name, "error", err)
		}
	}
	return &http.Client{Transport: t}
}

// A transport signs the requests of one connection.
type transport struct {
	v       *Vault
	conn    Connection
	further hosts.Set
	allowed atomic.Pointer[destination] // the last one

	streamed *Streamed // of Stream: what it learns of the call; nil for Client
}

// A destination is where a provider's token may go: a scheme and a host as a URL
// spells them.
type destination struct {
	provider     *provider
	scheme, host string
}

// A call is a request as it is sent, and the body of its answer. They are one
// piece of memory because every call needs both.
type call struct {
	req  http.Request
	body answerBody
}

// RoundTrip bounds the call by a context, which costs a fifth of http.Client.Timeout.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	until := deadline(req, t.v.callTimeout)
	ctx, cancel := context.WithDeadline(req.Context(), until)
	resp, err := t.send(ctx, req)
	if err != nil {
		cancel()
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, err
	}
	resp.Body.(*answerBody).bound(until, cancel) // as sendWith has made it
	return resp, nil
}

func (t *transport) send(ctx context.Context, req *http.Request) (*http.Response, error) {
	p, err := t.v.providers.get(ctx, t.conn.Tenant, t.conn.ProviderID, t.v.maxStale)
	if err != nil {
		return nil, err
	}
	if !t.allows(ctx, p, req.URL) {
		return nil, t.refusal(ctx)
	}
	a, err := t.v.usable(ctx, &t.conn, p)
	if err != nil {
		return nil, err
	}
	resp, err := t.sendWith(ctx, req, p, a, req.Body)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	return t.again(ctx, req, p, a, resp)
}

// refusal says why a request is not sent: because there is no token to send, or
// because the host is not the provider's.
func (t *transport) refusal(ctx context.Context) error {
	if a, err := t.v.access(ctx, &t.conn, t.v.now()); err == nil && a.hasNoToken() {
		return fmt.Errorf("vault: %w", oauth.ErrNoToken)
	}
	return ErrForeignHost
}

// again answers a 401: with the answer to a further attempt under a newer token,
// or with the 401 itself when there is none or the body is spent. A token that
// another process refreshed may be refused as well, and is refreshed then.
func (t *transport) again(ctx context.Context, req *http.Request, p *provider, a *access, resp *http.Response) (*http.Response, error) {
	v := t.v
	for tries := 2; ; tries-- {
		if !a.refreshable || !v.backoffs.refreshOn401(&a.conn, v.now()) {
			return resp, nil
		}
		body, ok := replay(req)
		if !ok {
			// The next call refreshes first.
			a.refused.Store(true)
			return resp, nil
		}
		newer, err := v.refreshed(ctx, a, p, true)
		if err != nil || newer.token.Access == a.token.Access {
			if body != nil {
				body.Close()
			}
			if errors.Is(err, ErrNeedsReauthorization) || errors.Is(err, ErrNoConnection) || errors.Is(err, ErrSuspended) {
				resp.Body.Close()
				return nil, err
			}
			return resp, nil
		}
		io.CopyN(io.Discard, resp.Body, 4<<10) // so that the network connection can serve again
		resp.Body.Close()
		resp, err = t.sendWith(ctx, req, p, newer, body)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		if !newer.adopted || tries == 1 {
			v.backoffs.useless(&newer.conn, v.now())
			return resp, nil
		}
		a = newer
	}
}

// replay returns the request's body once more; ok is false when it is spent.
func replay(req *http.Request) (body io.ReadCloser, ok bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req.Body, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	return body, err == nil
}

// sendWith sends a signed copy of the request.
func (t *transport) sendWith(ctx context.Context, req *http.Request, p *provider, a *access, body io.ReadCloser) (*http.Response, error) {
	header := a.header(p)
	c := &call{req: *req.WithContext(ctx)}
	c.req.Body = body
	c.req.Header = make(http.Header, len(req.Header)+len(header)+1)
	for name, values := range req.Header {
		// The caller's own credentials do not go along, however they are spelled.
		if len(name) != len("Authorization") || !strings.EqualFold(name, "Authorization") {
			c.req.Header[name] = values[:len(values):len(values)]
		}
	}
	if header != nil {
		for i := range header {
			f := &header[i]
			if f.token || len(req.Header[f.name]) == 0 {
				c.req.Header[f.name] = f.values
			}
		}
	} else {
		u := *req.URL
		c.req.URL = &u
		if err := p.client.Sign(&c.req, a.token); err != nil {
			return nil, fmt.Errorf("vault: sign: %w", err)
		}
	}
	var began time.Time
	if t.v.onCall != nil || t.streamed != nil {
		began = time.Now()
	}
	resp, err := t.v.api.RoundTrip(&c.req)
	limit := t.v.maxResponse
	if t.streamed != nil {
		limit = noCap
		t.streamed.Token = a.token
		t.streamed.APITook += time.Since(began)
	}
	if t.v.onCall != nil {
		t.answered(ctx, began, resp, err)
	}
	if err != nil {
		return nil, err
	}
	// The caller gets back what it sent, not the request that holds the token.
	resp.Request = req
	c.body.CappedBody = outbound.CappedBody{ReadCloser: resp.Body, Left: limit, TooLarge: ErrTooLarge}
	resp.Body = &c.body
	return resp, nil
}

// answered reports a call of the API to Config.OnCall.
func (t *transport) answered(ctx context.Context, began time.Time, resp *http.Response, err error) {
	c := Call{ProviderID: t.conn.ProviderID, Op: "api", Outcome: oauth.Transient.String(), Took: time.Since(began)}
	if err == nil {
		c.Outcome = string('0'+byte(resp.StatusCode/100)) + "xx"
	}
	t.v.onCall(ctx, c)
}

// allows reports whether the token may go to the URL. It remembers the last
// destination, which most calls share.
func (t *transport) allows(ctx context.Context, p *provider, u *url.URL) bool {
	last := t.allowed.Load()
	if last != nil && last.provider == p && last.scheme == u.Scheme && last.host == u.Host && u.User == nil && u.Opaque == "" {
		return true
	}
	ok := p.client.Allows(ctx, u) || t.further.Allows(u)
	if ok {
		t.allowed.Store(&destination{p, u.Scheme, u.Host})
	}
	return ok
}
