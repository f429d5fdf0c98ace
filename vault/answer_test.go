package vault_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

// A bubble is a provider and a client of one of its users, in a bubble of synctest: time
// is not the real one, and a goroutine that does not end fails the test. Its network is
// made of pipes.
type bubble struct {
	client    *http.Client
	transport *http.Transport
	dials     atomic.Int32
	refreshes atomic.Int32

	mu   sync.Mutex
	sent []context.Context // of all requests to the API
}

// inBubble calls f with a bubble whose API answers as handler does.
func inBubble(t *testing.T, handler http.HandlerFunc, f func(t *testing.T, b *bubble)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bubble{}
		network := &pipes{accept: make(chan net.Conn), closed: make(chan struct{})}
		b.transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			b.dials.Add(1)
			return network.dial()
		}}
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				b.refreshes.Add(1)
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, `{"access_token":"new","token_type":"bearer","expires_in":3600}`)
				return
			}
			handler(w, r)
		})}
		go srv.Serve(network)
		defer srv.Close()
		v, err := vault.New(vault.Config{
			Store: memstore.New(), Keys: ring(t, keyring.NewKey().Reveal()), Logger: slog.New(slog.DiscardHandler),
			Transport: answering(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path != "/token" {
					b.mu.Lock()
					b.sent = append(b.sent, r.Context())
					b.mu.Unlock()
				}
				return b.transport.RoundTrip(r)
			}),
			Limits: vault.Limits{MaxResponse: 1 << 10},
			Providers: []oauth.Provider{&oauth.OAuth2{
				ID: "acme", Credentials: []oauth.Credentials{{ClientID: "client"}}, Profile: oauth.Mapping{Subject: "sub"},
				Endpoints: oauth.Endpoints{
					Authorize: "http://acme.test/authorize", Token: "http://acme.test/token", UserInfo: "http://acme.test/me", API: "http://acme.test/",
				},
			}},
			AllowPrivateAddresses: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		c, err := v.Connect(t.Context(), "ada", &oauth.Grant{
			ProviderID: "acme", Profile: oauth.Profile{Subject: "1"},
			Token: oauth.Token{Access: "old", Refresh: "refresh", Expiry: time.Now().Add(time.Hour)},
		})
		if err != nil {
			t.Fatal(err)
		}
		b.client = v.Client(c)
		f(t, b)
		b.transport.CloseIdleConnections()
	})
}

// ended reports how many calls have been sent, and whether the contexts of all have ended,
// so that no timer of theirs is left.
func (b *bubble) ended() (calls int, all bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ctx := range b.sent {
		if ctx.Err() == nil {
			return len(b.sent), false
		}
	}
	return len(b.sent), true
}

// pipes are a network: what is dialled is accepted.
type pipes struct {
	accept chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (p *pipes) dial() (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.accept <- there:
		return here, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "unix"} }

// pause ends early when the request does.
func pause(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

// api answers by the path.
func api(w http.ResponseWriter, r *http.Request) {
	path, n, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch path {
	case "hang":
		<-r.Context().Done()
	case "drip":
		for r.Context().Err() == nil {
			io.WriteString(w, ".")
			w.(http.Flusher).Flush()
			pause(r, 10*time.Second)
		}
	case "hop": // to the next one, after 25 seconds
		hop, _ := strconv.Atoi(n)
		pause(r, 25*time.Second)
		http.Redirect(w, r, "/hop/"+strconv.Itoa(hop+1), http.StatusTemporaryRedirect)
	case "empty-hop": // the same, with an answer that has no body
		hop, _ := strconv.Atoi(n)
		pause(r, 25*time.Second)
		w.Header().Set("Location", "/empty-hop/"+strconv.Itoa(hop+1))
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusFound)
	case "to-drip":
		pause(r, 25*time.Second)
		http.Redirect(w, r, "/drip", http.StatusFound)
	case "newer": // the old token is refused, and every answer takes its time
		pause(r, 35*time.Second)
		if r.Header.Get("Authorization") == "Bearer old" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	case "refused":
		if r.Header.Get("Authorization") == "Bearer old" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		io.WriteString(w, "hello")
	case "large":
		w.Write(make([]byte, 64<<10))
	case "none":
		w.WriteHeader(http.StatusNoContent)
	case "away":
		http.Redirect(w, r, "/hello", http.StatusFound)
	default:
		io.WriteString(w, "hello")
	}
}

// A call ends a minute after it began, however it spends that.
func TestACallEndsInTime(t *testing.T) {
	t.Parallel()
	for path, sent := range map[string]int{"hang": 1, "drip": 1, "hop/1": 3, "empty-hop/1": 3, "to-drip": 2, "newer": 2} {
		t.Run(path, func(t *testing.T) {
			inBubble(t, api, func(t *testing.T, b *bubble) {
				began := time.Now()
				resp, err := b.client.Get("http://acme.test/" + path)
				if err == nil {
					_, err = io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				var timeout net.Error
				if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) != time.Minute {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
				if n, ended := b.ended(); n != sent || !ended {
					t.Errorf("%d requests, want %d; all have ended: %t", n, sent, ended)
				}
			})
		})
	}
}

// However a call ends, nothing of it is left: its context has ended, and with it its
// timer; and its connection serves the next call where the answer was read to the end.
func TestACallLeavesNothing(t *testing.T) {
	t.Parallel()
	get := func(t *testing.T, b *bubble, path string) *http.Response {
		t.Helper()
		resp, err := b.client.Get("http://acme.test/" + path)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	for name, test := range map[string]struct {
		call  func(t *testing.T, b *bubble)
		calls int
		dials int32 // by three such calls
	}{
		"read to the end": {func(t *testing.T, b *bubble) {
			if s, err := io.ReadAll(get(t, b, "hello").Body); err != nil || string(s) != "hello" {
				t.Errorf("%q, %v", s, err)
			}
		}, 1, 1},
		"no body": {func(t *testing.T, b *bubble) { get(t, b, "none") }, 1, 1},
		"closed":  {func(t *testing.T, b *bubble) { get(t, b, "drip").Body.Close() }, 1, 3},
		"closed twice": {func(t *testing.T, b *bubble) {
			body := get(t, b, "hello").Body
			io.Copy(io.Discard, body)
			body.Close()
			body.Close()
		}, 1, 1},
		"read after it was closed": {func(t *testing.T, b *bubble) {
			body := get(t, b, "drip").Body
			body.Close()
			if _, err := body.Read(make([]byte, 1)); err == nil {
				t.Error("read")
			}
		}, 1, 3},
		"not read, and not closed": {func(t *testing.T, b *bubble) {
			get(t, b, "drip")
			time.Sleep(time.Minute - 1)
			if _, ended := b.ended(); ended {
				t.Error("it ended early")
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
		}, 1, 3},
		"too large, and not closed": {func(t *testing.T, b *bubble) {
			if _, err := io.ReadAll(get(t, b, "large").Body); !errors.Is(err, vault.ErrTooLarge) {
				t.Error(err)
			}
		}, 1, 3},
		"cancelled before the answer": {func(t *testing.T, b *bubble) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, "GET", "http://acme.test/hang", nil)
			if _, err := b.client.Do(req); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}, 1, 3},
		"cancelled while it is read": {func(t *testing.T, b *bubble) {
			ctx, cancel := context.WithCancel(t.Context())
			req, _ := http.NewRequestWithContext(ctx, "GET", "http://acme.test/drip", nil)
			resp, err := b.client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(15*time.Second, cancel)
			if s, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) || string(s) != ".." {
				t.Errorf("%q, %v", s, err)
			}
		}, 1, 3},
		"refused host": {func(t *testing.T, b *bubble) {
			if _, err := b.client.Get("http://other.test/"); !errors.Is(err, vault.ErrForeignHost) {
				t.Error(err)
			}
		}, 0, 0},
		"redirected": {func(t *testing.T, b *bubble) {
			if s, err := io.ReadAll(get(t, b, "away").Body); err != nil || string(s) != "hello" {
				t.Errorf("%q, %v", s, err)
			}
		}, 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, api, func(t *testing.T, b *bubble) {
				for i := 1; i <= 3; i++ {
					test.call(t, b)
					if n, ended := b.ended(); n != i*test.calls || !ended {
						t.Fatalf("call %d: %d requests, all have ended: %t", i, n, ended)
					}
				}
				if b.dials.Load() != test.dials {
					t.Errorf("%d connections, want %d", b.dials.Load(), test.dials)
				}
			})
		})
	}
}

// A 401 that leads to another attempt leaves nothing either, and does not end the call.
func TestA401LeavesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, api, func(t *testing.T, b *bubble) {
		resp, err := b.client.Get("http://acme.test/refused")
		if err != nil {
			t.Fatal(err)
		}
		if n, ended := b.ended(); n != 2 || ended {
			t.Errorf("%d requests, and the answer is not read yet: all have ended: %t", n, ended)
		}
		if s, err := io.ReadAll(resp.Body); err != nil || string(s) != "hello" || b.refreshes.Load() != 1 {
			t.Errorf("%q, %v, %d refreshes", s, err, b.refreshes.Load())
		}
		// The token was refreshed while the 401 was not read yet.
		if _, ended := b.ended(); !ended || b.dials.Load() != 2 {
			t.Errorf("ended: %t, %d connections", ended, b.dials.Load())
		}
	})
}
