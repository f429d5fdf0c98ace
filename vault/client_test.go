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
	// One client, whose requests are allowed and refused by turns.
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

// Statements 17 and 43: no secret comes out, however a call ends.
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
	// The provider's own error code is no secret of ours; a token that we sent or
	// got is.
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "CANARY-") {
			t.Errorf("a secret: %s", line)
		}
	}
}

// Another process has refreshed, and that token is refused too: only then the
// provider is asked, and the connection is not taken for lost.
// An API that refuses every token is not asked without end, however often another
// process refreshes.
