package vault_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// An answer may take as long as the longest call, whichever that is.
func TestTheTransportWaitsForTheLongestCall(t *testing.T) {
	t.Parallel()
	for want, test := range map[time.Duration]struct{ protocol, call time.Duration }{
		time.Minute:      {0, 0},
		15 * time.Second: {0, time.Second},
		2 * time.Minute:  {2 * time.Minute, time.Second},
		3 * time.Minute:  {time.Second, 3 * time.Minute},
	} {
		b := newBench(t, func(c *vault.Config) { c.Timeout, c.CallTimeout = test.protocol, test.call })
		if got := b.HeaderTimeout(); got != want {
			t.Errorf("%+v: %v, want %v", test, got, want)
		}
	}
}

// A client that the application uses by itself, as flows do, gives up after Timeout too.
func TestAProvidersClientGivesUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.Timeout, c.CallTimeout = 100*time.Millisecond, time.Minute })
	hang := make(chan struct{})
	defer close(hang)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { <-hang; return true }
	})
	ended := make(chan error, 1)
	go func() {
		ended <- errOf(mustProvider(t, b.Vault, t.Context(), "acme").(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "x"}))
	}()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("a token")
		}
	case <-time.After(10 * time.Second):
		t.Error("it waits")
	}
}

// A dial that takes too long for a refresh fails as a dial, whatever a call through Client
// may take: nothing was sent.
func TestADialEndsBeforeTheRefresh(t *testing.T) {
	t.Parallel()
	for takes, fails := range map[time.Duration]bool{0: false, 1050 * time.Millisecond: true} {
		b := newBench(t, func(c *vault.Config) { c.Timeout = 1500 * time.Millisecond })
		slow := &httptrace.ClientTrace{ConnectStart: func(string, string) { time.Sleep(takes) }}
		g := b.srv.grant("ada", time.Time{})
		_, err := mustProvider(t, b.Vault, t.Context(), "acme").(oauth.Refresher).Refresh(httptrace.WithClientTrace(t.Context(), slow), g.Token)
		var dial *net.OpError
		if failed := errors.As(err, &dial) && dial.Op == "dial"; failed != fails || !fails && err != nil || b.srv.refreshN.Load() == 1 == fails {
			t.Errorf("after %v: %v", takes, err)
		}
	}
}

// An answer of 64 MiB is taken by default, a byte more is not.
func TestHowLargeAnAnswerMayBe(t *testing.T) {
	t.Parallel()
	for size, want := range map[int64]error{64 << 20: nil, 64<<20 + 1: vault.ErrTooLarge} {
		b := newBench(t, func(c *vault.Config) {
			c.Transport = answering(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(io.LimitReader(zeros{}, size))}, nil
			})
		})
		resp, err := b.Client(b.connect("ada", time.Hour)).Get(b.srv.URL + "/api/x")
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		if resp.Body.Close(); !errors.Is(err, want) || want == nil && (err != nil || n != size) {
			t.Errorf("%d of %d bytes: %v", n, size, err)
		}
	}
}

// zeros are as many as are read.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// answering is a transport without a network.
type answering func(*http.Request) (*http.Response, error)

func (f answering) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// A request that ends while it waits for its turn is answered with its context's error,
// and its body is closed, as net/http wants. A body that is closed gives the turn back,
// once.
func TestRequestsThatWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	bad := errors.New("cannot be closed")
	l := vault.NewLimiter(answering(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Body: closer{strings.NewReader(""), bad}}, nil
	}), 1)
	send := func(ctx context.Context, sent io.ReadCloser) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, "POST", "https://acme.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Body = sent
		return l.RoundTrip(r)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	first, err := send(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	sent := text("hello")
	if _, err := send(over, sent); !errors.Is(err, context.Canceled) || sent.closed != 1 {
		t.Errorf("%v, closed %d times", err, sent.closed)
	}
	if _, err := send(over, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("without a body: %v", err)
	}
	for range 2 {
		if err := first.Body.Close(); err != bad {
			t.Errorf("closed: %v", err)
		}
	}
	if _, err := send(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := send(over, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("two at once: %v", err)
	}
}

type closer struct {
	io.Reader
	err error
}

func (c closer) Close() error { return c.err }
