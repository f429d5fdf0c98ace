// Package outbound makes the HTTP clients that talk to providers: they verify
// TLS, bound time and size, follow no redirect and reach no private address
// unless the options allow it.
package outbound

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// ErrTooLarge is reading more of an answer than Options.MaxBytes.
var ErrTooLarge = errors.New("outbound: the answer is too large")

// Options bound a client. The zero value is the safe default.
type Options struct {
	// Timeout bounds a whole request, reading the body included; default 15 s.
	Timeout time.Duration
	// DialTimeout bounds connecting; default two thirds of Timeout. A dial that ends
	// before the request's time does tells the caller that nothing was sent.
	DialTimeout time.Duration
	// AllowPrivate lets requests reach loopback, private and other addresses that
	// are not public, and go by http too. Without it they go by https alone.
	AllowPrivate bool
	// MaxBytes bounds an answer's body; default 1 MiB.
	MaxBytes int64
	// FollowRedirects follows up to ten redirects. Without it a redirect is the
	// answer.
	FollowRedirects bool
	// Transport, when set, is used instead of a new one; AllowPrivate then has no
	// effect.
	Transport http.RoundTripper
}

const (
	defaultTimeout  = 15 * time.Second
	defaultMaxBytes = 1 << 20
)

// New returns a client, safe for concurrent use.
func New(o Options) *http.Client {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultMaxBytes
	}
	if o.Transport == nil {
		o.Transport = NewTransport(o)
	}
	c := &http.Client{
		Transport: capped{o.Transport, o.MaxBytes},
		Timeout:   o.Timeout,
	}
	if !o.FollowRedirects {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return c
}

// NewTransport returns a transport to share between clients. Of the options it
// looks at the timeouts and AllowPrivate.
func NewTransport(o Options) http.RoundTripper {
	if o.Timeout <= 0 {
		o.Timeout = defaultTimeout
	}
	if o.DialTimeout <= 0 {
		o.DialTimeout = o.Timeout - o.Timeout/3
	}
	dialer := &net.Dialer{Timeout: o.DialTimeout, KeepAlive: 30 * time.Second}
	if !o.AllowPrivate {
		dialer.ControlContext = guard
	}
	t := &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    min(o.Timeout, 10*time.Second),
		ResponseHeaderTimeout:  o.Timeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           1024,
		MaxIdleConnsPerHost:    64,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if !o.AllowPrivate {
		return guarded{t}
	}
	// A proxy of the environment would be dialled instead of the provider, and
	// the guard would judge the proxy's address alone.
	t.Proxy = http.ProxyFromEnvironment
	return t
}

// A guarded transport tells the guard of its dialer which requests go by http.
type guarded struct{ *http.Transport }

func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "http" {
		r = r.WithContext(context.WithValue(r.Context(), plainKey{}, true))
	}
	return g.Transport.RoundTrip(r)
}

// capped bounds the bodies of answers.
type capped struct {
	next http.RoundTripper
	max  int64
}

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.Body != http.NoBody {
		resp.Body = &CappedBody{resp.Body, c.max, ErrTooLarge}
	}
	return resp, nil
}
