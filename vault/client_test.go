package vault_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

func TestVault08_RefreshUpon401(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                string
		status              int
		body                io.Reader
		apiCalls, refreshes int64
		want                int
	}{
		{"no body", 401, nil, 2, 1, 200},
		{"replayable", 401, strings.NewReader("hello"), 2, 1, 200},
		{"spent", 401, io.MultiReader(strings.NewReader("hello")), 1, 0, 401},
		{"403", 403, nil, 1, 0, 403},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", time.Hour)
			var bodies []string
			b.srv.set(func(s *server) {
				s.onAPI = func(w http.ResponseWriter, r *http.Request) bool {
					body, _ := io.ReadAll(r.Body)
					bodies = append(bodies, string(body))
					if r.Header.Get("Authorization") == "Bearer CANARY-access-1" {
						return answer(test.status, "")(w, r)
					}
					return false
				}
			})
			resp, err := b.Client(c).Post(b.srv.URL+"/api/x", "text/plain", test.body)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != test.want || b.srv.apiN.Load() != test.apiCalls || b.srv.refreshN.Load() != test.refreshes {
				t.Errorf("%d, %d calls, %d refreshes", resp.StatusCode, b.srv.apiN.Load(), b.srv.refreshN.Load())
			}
			if test.name == "replayable" && bodies[1] != "hello" {
				t.Errorf("bodies %q", bodies)
			}
			if test.name == "spent" {
				// The next call knows better.
				if status, err := b.get(b.Vault, c); status != 200 || b.srv.refreshN.Load() != 1 {
					t.Errorf("%d, %v", status, err)
				}
			}
		})
	}
}

func TestVault08_AtMostOneRetry(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { s.onAPI = answer(401, "") })
	for i, want := range []int64{2, 3, 4} {
		if status, err := b.get(b.Vault, c); status != 401 || b.srv.apiN.Load() != want {
			t.Errorf("call %d: %d, %v, %d calls", i, status, err, b.srv.apiN.Load())
		}
	}
	if n := b.srv.refreshN.Load(); n != 1 {
		t.Errorf("%d refreshes for an API that always says 401", n)
	}
}

func TestVault09_FailsFast(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	b.srv.set(func(s *server) { clear(s.access); clear(s.refresh) })
	for range 2 {
		if _, err := b.get(b.Vault, c); !errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Fatalf("got %v", err)
		}
	}
	if b.srv.apiN.Load() != 1 || b.srv.refreshN.Load() != 1 || b.events.count("reauthorization_needed") != 1 {
		t.Errorf("%d calls, %d refreshes, %v", b.srv.apiN.Load(), b.srv.refreshN.Load(), b.events.names())
	}
	if _, err := b.Renew(t.Context(), b.row(c.ID), b.srv.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Errorf("after reauthorizing: %d, %v", status, err)
	}
}

func TestClientKeepsTheTokenAtHome(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	var seen []string
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, fmt.Sprint(r.URL, r.Header))
	}))
	t.Cleanup(foreign.Close)
	tls := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"))
	}))
	t.Cleanup(tls.Close)

	if _, err := b.Client(c).Get(foreign.URL); !errors.Is(err, vault.ErrForeignHost) {
		t.Errorf("got %v", err)
	}
	b.srv.set(func(s *server) {
		s.onAPI = func(w http.ResponseWriter, r *http.Request) bool {
			switch r.URL.Path {
			case "/api/out":
				http.Redirect(w, r, foreign.URL+"/x", http.StatusTemporaryRedirect)
			case "/api/in":
				http.Redirect(w, r, "/api/x", http.StatusFound)
			default:
				return false
			}
			return true
		}
	})
	if _, err := b.Client(c).Get(b.srv.URL + "/api/out"); !errors.Is(err, vault.ErrForeignHost) {
		t.Errorf("redirected away: %v", err)
	}
	resp, err := b.Client(c).Get(b.srv.URL + "/api/in")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || len(resp.Request.Header["Authorization"]) != 0 {
		t.Errorf("redirected within: %d, and the caller sees %v", resp.StatusCode, resp.Request.Header)
	}
	// One client, allowed and refused in turn.
	client := b.Client(c)
	for _, test := range []struct {
		url  string
		want error
	}{
		{b.srv.URL + "/api/x", nil}, {foreign.URL, vault.ErrForeignHost}, {b.srv.URL + "/api/x", nil},
		{strings.Replace(b.srv.URL, "http://", "http://me@", 1) + "/api/x", vault.ErrForeignHost},
		{strings.Replace(b.srv.URL, "http:", "https:", 1) + "/api/x", vault.ErrForeignHost},
	} {
		resp, err := client.Get(test.url)
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.url, err)
		}
		if err == nil {
			resp.Body.Close()
		}
	}
	if len(seen) != 0 {
		t.Errorf("the foreign host saw %v", seen)
	}

	named := b.open(func(cfg *vault.Config) { cfg.Transport = tls.Client().Transport })
	host := strings.TrimPrefix(tls.URL, "https://")
	resp, err = named.Client(c, host).Get(tls.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, _ := io.ReadAll(resp.Body); string(got) != "Bearer CANARY-access-1" {
		t.Errorf("a host the application named saw %q", got)
	}
	if _, err := named.Client(c, strings.TrimPrefix(foreign.URL, "http://")).Get(foreign.URL); !errors.Is(err, vault.ErrForeignHost) {
		t.Errorf("a named host by http: %v", err)
	}
	for _, further := range []string{"", ".", "x." + host, "." + host} {
		if _, err := named.Client(c, further).Get(tls.URL); !errors.Is(err, vault.ErrForeignHost) {
			t.Errorf("further %q: %v", further, err)
		}
	}
}

func TestClientLeavesTheRequestAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	req, _ := http.NewRequest("GET", b.srv.URL+"/api/x?a=b", nil)
	req.Header.Set("Accept", "application/json")
	resp, err := b.Client(c).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 200 || len(req.Header) != 1 || req.URL.RawQuery != "a=b" {
		t.Errorf("%d, %v, %v", resp.StatusCode, req.Header, req.URL)
	}
}

func TestClientBoundsTheAnswer(t *testing.T) {
	t.Parallel()
	b := newBench(t, func(c *vault.Config) { c.MaxResponse = 10 })
	c := b.connect("ada", time.Hour)
	for size, want := range map[int]error{10: nil, 11: vault.ErrTooLarge, 5000: vault.ErrTooLarge} {
		b.srv.set(func(s *server) { s.onAPI = answer(200, strings.Repeat("x", size)) })
		resp, err := b.Client(c).Get(b.srv.URL + "/api/x")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if !errors.Is(err, want) || len(got) != 10 {
			t.Errorf("%d bytes: %d, %v", size, len(got), err)
		}
	}
}

func TestCacheAsksAgainWhenStale(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	other := b.open()
	c := b.connect("ada", time.Hour)
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	if _, err := other.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(4 * time.Second)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Errorf("within MaxStale: %v", err)
	}
	b.clock.advance(time.Second)
	calls := b.srv.apiN.Load()
	if _, err := b.get(b.Vault, c); !errors.Is(err, vault.ErrNoConnection) || b.srv.apiN.Load() != calls {
		t.Errorf("after MaxStale: %v", err)
	}
}

func TestDisconnectTakesHoldAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNoConnection) {
		t.Errorf("got %v", err)
	}
}

func TestTokenSourceAndCheck(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	tok, err := b.TokenSource(t.Context(), c).Token()
	if err != nil || tok.AccessToken != "CANARY-access-1" || tok.RefreshToken != "" {
		t.Fatalf("%v", err)
	}
	p, err := b.Check(t.Context(), c)
	if err != nil || p.Subject != "ada" {
		t.Fatalf("%v, %v", p, err)
	}
	b.srv.set(func(s *server) { clear(s.access) })
	if _, err := b.Check(t.Context(), c); err != nil || b.srv.refreshN.Load() != 1 {
		t.Fatalf("%v, %d refreshes", err, b.srv.refreshN.Load())
	}
	b.srv.set(func(s *server) { s.onAPI = answer(200, `{"sub":"eve"}`) })
	if _, err := b.Check(t.Context(), c); !errors.Is(err, vault.ErrOtherAccount) {
		t.Errorf("got %v", err)
	}
	b.srv.set(func(s *server) { s.onAPI, s.access, s.refresh = nil, nil, nil })
	if _, err := b.Check(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Errorf("got %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.NeedsReauthorization {
		t.Errorf("%s", row.Status)
	}
}

// Statements 17 and 43: whatever happens, no secret comes out.
func TestSecurity43_NoSecretInErrorsEventsLogs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := newBench(t, func(c *vault.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	say := func(values ...any) {
		for _, v := range values {
			fmt.Fprintf(&out, "%v %+v %#v %s\n", v, v, v, v)
		}
	}
	for i, onToken := range []func(http.ResponseWriter, *http.Request) bool{
		nil,
		answer(400, `{"error":"invalid_grant","error_description":"CANARY-refresh-1"}`),
		answer(401, `{"error":"invalid_client","CANARY":"CANARY-client-secret"}`),
		answer(500, "CANARY"),
		answer(200, `{"access_token":"","refresh_token":"CANARY-2"}`),
		answer(200, `CANARY=1&error=CANARY`),
		func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
	} {
		c := b.connect(fmt.Sprint(i), minute)
		b.clock.advance(time.Hour)
		b.srv.set(func(s *server) { s.onToken = onToken })
		tok, err := b.Token(t.Context(), c)
		say(tok, err, c)
		_, err = b.get(b.Vault, c)
		say(err)
		_, err = b.Check(t.Context(), c)
		say(err)
		id, err := b.Hold(t.Context(), vault.Held{Purpose: "signup", Grant: &oauth.Grant{ProviderID: "acme", Token: tok}}, time.Hour)
		say(id, err)
		b.srv.set(func(s *server) { s.onRevoke = answer(503, "CANARY") })
		gone, err := b.Disconnect(t.Context(), vault.Removal{UserID: c.UserID})
		say(gone, err)
	}
	b.clock.advance(48 * time.Hour)
	_, err := b.RevokeDue(t.Context())
	say(err)
	say(b.Vault.Providers(t.Context()))
	for _, e := range b.events.all {
		say(e)
	}
	// A provider's error code of its own making is no secret of ours; what we sent
	// or got as a token is.
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "CANARY-") {
			t.Errorf("a secret: %s", line)
		}
	}
}

// Another process has refreshed, and that token is refused too: only now the
// provider is asked, and nobody concludes that the connection is lost.
func TestVault08_AnothersTokenRefusedToo(t *testing.T) {
	t.Parallel()
	for _, check := range []bool{false, true} {
		b := newBench(t)
		c := b.connect("ada", time.Hour)
		if status, err := b.get(b.Vault, c); status != 200 {
			t.Fatalf("%d, %v", status, err)
		}
		if _, err := b.open().Refresh(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		b.srv.set(func(s *server) { clear(s.access) })
		if check {
			if _, err := b.Check(t.Context(), c); err != nil {
				t.Error(err)
			}
		} else if status, err := b.get(b.Vault, c); status != 200 {
			t.Errorf("%d, %v", status, err)
		}
		if row := b.row(c.ID); row.Status != vault.Active || b.srv.refreshN.Load() != 2 {
			t.Errorf("%s, %d refreshes", row.Status, b.srv.refreshN.Load())
		}
	}
}

// However often another process refreshes, an API that refuses every token is not
// asked without end.
func TestVault08_AnothersTokensRefusedWithoutEnd(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", time.Hour)
	other := b.open()
	b.srv.set(func(s *server) {
		s.onAPI = func(w http.ResponseWriter, _ *http.Request) bool {
			if b.srv.apiN.Load() < 20 {
				if _, err := other.Refresh(t.Context(), c); err != nil {
					t.Error(err)
				}
			}
			w.WriteHeader(401)
			return true
		}
	})
	if status, err := b.get(b.Vault, c); status != 401 || err != nil || b.srv.apiN.Load() > 3 {
		t.Errorf("%d, %v, asked %d times", status, err, b.srv.apiN.Load())
	}
}
