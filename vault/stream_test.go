package vault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// stream sends a request with Stream.
func (b *bench) stream(v *vault.Vault, c vault.Connection, method, path string, body io.Reader) (*vault.Streamed, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.srv.URL+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := v.Stream(c, r)
	if err == nil {
		b.t.Cleanup(func() { s.Body.Close() })
		if s.Request != r || r.Header.Get("Authorization") != "" {
			b.t.Error("the request of the answer has the token")
		}
	}
	return s, err
}

// An answer may be longer, and take longer, than one through Client, and is not redirected.
func TestStreamIsNotBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.CallTimeout, c.MaxResponse = 300*time.Millisecond, 4 })
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) {
		s.onAPI = func(w http.ResponseWriter, r *http.Request) bool {
			switch r.URL.Path {
			case "/api/redirect":
				http.Redirect(w, r, "/api/x", http.StatusFound)
			case "/api/hang":
				io.Copy(io.Discard, r.Body)
				<-r.Context().Done()
			case "/api/upload":
				n, _ := io.Copy(io.Discard, r.Body)
				fmt.Fprint(w, n)
			default:
				for range 8 {
					fmt.Fprint(w, "piece ")
					w.(http.Flusher).Flush()
					time.Sleep(75 * time.Millisecond)
				}
			}
			return true
		}
	})
	s, err := b.stream(b.Vault, c, "GET", "/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(s.Body)
	if err != nil || string(body) != strings.Repeat("piece ", 8) || s.Token.Access != "CANARY-access-1" || s.Token.Refresh != "" || s.APITook <= 0 || s.TokenTook <= 0 {
		t.Errorf("%q, %v, %v and %v", body, err, s.TokenTook, s.APITook)
	}
	if s, err := b.stream(b.Vault, c, "GET", "/api/redirect", nil); err != nil || s.StatusCode != http.StatusFound {
		t.Errorf("a redirect: %v", err)
	}
	if s, err = b.stream(b.Vault, c, "POST", "/api/upload", &trickle{pieces: 8}); err != nil {
		t.Errorf("a slow upload: %v", err)
	} else if body, _ := io.ReadAll(s.Body); string(body) != "8" {
		t.Errorf("uploaded %s", body)
	}
	for what, body := range map[string]io.Reader{"hangs": nil, "hangs after an upload": strings.NewReader("x")} {
		began := time.Now()
		if _, err := b.stream(b.Vault, c, "POST", "/api/hang", body); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 10*time.Second {
			t.Errorf("%s: %v after %v", what, err, time.Since(began))
		}
	}
	// The caller's own context bounds it.
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", b.srv.URL+"/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err = b.Stream(c, r); err != nil {
		t.Fatal(err)
	}
	defer s.Body.Close()
	cancel()
	if _, err := io.ReadAll(s.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("ended: %v", err)
	}
}

// A trickle is a body that comes slowly.
type trickle struct{ pieces int }

func (s *trickle) Read(p []byte) (int, error) {
	if s.pieces == 0 {
		return 0, io.EOF
	}
	s.pieces--
	time.Sleep(75 * time.Millisecond)
	p[0] = 'x'
	return 1, nil
}

// A 401 refreshes the token, and the answer says which one was sent last.
func TestStreamRefreshes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { clear(s.access) })
	s, err := b.stream(b.Vault, c, "POST", "/api/x", strings.NewReader("body"))
	if err != nil || s.StatusCode != 200 || s.Token.Access == "CANARY-access-1" || b.srv.refreshN.Load() != 1 {
		t.Fatalf("%v, %d refreshes", err, b.srv.refreshN.Load())
	}
	if _, err := b.stream(b.Vault, vault.Connection{ID: c.ID, ProviderID: "nobody"}, "GET", "/api/x", nil); !errors.Is(err, vault.ErrUnknownProvider) {
		t.Errorf("%v", err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", "https://evil.example/", &closing{Reader: strings.NewReader("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stream(c, r); !errors.Is(err, vault.ErrForeignHost) || !r.Body.(*closing).closed {
		t.Errorf("%v", err)
	}
}

type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// The caller's value of a header that carries the token does not go along; of others it does.
func TestTheTokensHeaderIsTheVaults(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	p := b.srv.provider()
	p.Use.Header, p.APIHeader = "X-Token", http.Header{"X-Version": {"1"}}
	v := b.open(func(c *vault.Config) { c.Providers = []oauth.Provider{p} })
	c := b.connect("ada", time.Hour)
	var got http.Header
	b.srv.set(func(s *server) {
		s.onAPI = func(_ http.ResponseWriter, r *http.Request) bool { got = r.Header; return true }
	})
	r, err := http.NewRequestWithContext(t.Context(), "GET", b.srv.URL+"/api/x", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"X-Token": {"mine"}, "X-Version": {"2"}}
	resp, err := v.Client(c).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if got.Get("X-Token") != "CANARY-access-1" || len(got["X-Token"]) != 1 || got.Get("X-Version") != "2" {
		t.Errorf("sent %v", got)
	}
}
