package vault_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

func TestVault09_Classification(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   vault.Status
		last   string
		needs  bool
	}{
		{"invalid_grant", 400, `{"error":"invalid_grant"}`, vault.NeedsReauthorization, "revoked", true},
		{"an own code", 200, `{"error":"bad_refresh_token"}`, vault.NeedsReauthorization, "revoked", true},
		{"an own code of tokens", 200, `{"error":"token_revoked"}`, vault.NeedsReauthorization, "revoked", true},
		{"invalid_client", 401, `{"error":"invalid_client"}`, vault.Failing, "client_refused", false},
		{"unauthorized_client", 400, `{"error":"unauthorized_client"}`, vault.Failing, "refused", false},
		{"a bare 400", 400, ``, vault.Failing, "refused", false},
		{"a 400 of a proxy", 400, `<html>`, vault.Failing, "transient", false},
		{"408", 408, ``, vault.Failing, "transient", false},
		{"429", 429, ``, vault.Failing, "transient", false},
		{"500", 500, `{"error":"invalid_grant"}`, vault.Failing, "transient", false},
		{"502", 502, ``, vault.Failing, "unanswered", false},
		{"HTML", 200, `<html>`, vault.Failing, "unanswered", false},
		{"empty", 200, ``, vault.Failing, "unanswered", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			c := b.connect("ada", minute)
			b.clock.advance(time.Hour)
			b.srv.set(func(s *server) { s.onToken = answer(test.status, test.body) })
			_, err := b.Token(t.Context(), c)
			var pe *oauth.ProviderError
			if !errors.As(err, &pe) || errors.Is(err, vault.ErrNeedsReauthorization) != test.needs {
				t.Errorf("got %v", err)
			}
			row := b.row(c.ID)
			if row.Status != test.want || row.LastError != test.last {
				t.Errorf("%s, %q", row.Status, row.LastError)
			}
			if n := b.events.count("refresh_failed"); n != 1 {
				t.Errorf("events %v", b.events.names())
			}
			// The next call does not ask the provider again at once, and the token
			// is still there.
			if _, err := b.Token(t.Context(), c); err == nil || b.srv.refreshN.Load() != 1 {
				t.Errorf("%v, %d refreshes", err, b.srv.refreshN.Load())
			}
			b.srv.set(func(s *server) { s.onToken = nil })
			b.clock.advance(minute)
			if _, err := b.Token(t.Context(), c); (err == nil) == test.needs {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// An answer without an access token is none, unless ID tokens are all that there is. The
// old tokens are kept.
func TestVault09_AnAnswerWithoutAnAccessToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		old    secret.Text // access token
		answer *oauth.Token
		ok     bool
	}{
		"nothing":         {"old", nil, false},
		"a refresh token": {"old", &oauth.Token{Refresh: "new"}, false},
		"an ID token":     {"old", &oauth.Token{ID: "new"}, false},
		"a refresh token, and there was no other": {"", &oauth.Token{Refresh: "new"}, false},
		"an ID token, and there was no other":     {"", &oauth.Token{ID: "new"}, true},
		"an access token":                         {"", &oauth.Token{Access: "new"}, true},
	} {
		b := newBench(t, refreshes(test.answer, nil))
		g := b.srv.grant("ada", b.clock.now().Add(time.Hour))
		g.Token.Access = test.old
		c, err := b.Connect(t.Context(), "user", g)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Refresh(t.Context(), c)
		row, sealed, e := b.store.Token(t.Context(), c.ID)
		if e != nil {
			t.Fatal(e)
		}
		kept, e := b.Open(row, sealed)
		if (err == nil) != test.ok || (provider(err) != err) == test.ok || e != nil || (row.Status == vault.Active) != test.ok {
			t.Errorf("%s: %v; %s, %v", name, err, row.Status, e)
		}
		if same := kept.Access == test.old && kept.Refresh == g.Token.Refresh && kept.ID == ""; same == test.ok {
			t.Errorf("%s: the old tokens are kept: %v", name, same)
		}
	}
}

func TestVault09_RetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
			return true
		}
	})
	for _, step := range []struct {
		later time.Duration
		want  int64
	}{{0, 1}, {119 * time.Second, 1}, {2 * time.Second, 2}} {
		b.clock.advance(step.later)
		if _, err := b.Token(t.Context(), c); err == nil || b.srv.refreshN.Load() != step.want {
			t.Errorf("after %v: %v, %d refreshes", step.later, err, b.srv.refreshN.Load())
		}
	}
}

func TestVault10_RotatedElsewhere(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	c := b.connect("ada", minute)
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) {
		s.onToken = func(w http.ResponseWriter, r *http.Request) bool {
			// Another process renews the row at this moment.
			s.set(func(s *server) { s.onToken = nil })
			if _, err := b.open().Renew(context.Background(), b.row(c.ID), s.grant("ada", b.clock.now().Add(time.Hour))); err != nil {
				t.Error(err)
			}
			return answer(400, `{"error":"invalid_grant"}`)(w, r)
		}
	})
	if status, err := b.get(b.Vault, c); status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || b.events.count("refresh_failed") != 0 {
		t.Errorf("%s, %v", row.Status, b.events.names())
	}
}

func TestVault12_AHangingProviderHarmsOnlyItself(t *testing.T) {
	t.Parallel()
	other := newServer(t, "other")
	counting := &countingTransport{}
	b := newBench(t, func(c *vault.Config) {
		c.Timeout, c.Concurrency, c.Transport = 300*time.Millisecond, 2, counting
		c.Providers = append(c.Providers, other.provider())
	})
	hang := make(chan struct{})
	defer close(hang)
	b.srv.set(func(s *server) {
		s.onToken = func(http.ResponseWriter, *http.Request) bool { <-hang; return true }
	})
	var stuck []vault.Connection
	for i := range 6 {
		stuck = append(stuck, b.connect(string(rune('a'+i)), minute))
	}
	well, err := b.Connect(t.Context(), "user", other.grant("ada", b.clock.now().Add(minute)))
	if err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	var wg sync.WaitGroup
	for _, c := range stuck {
		wg.Go(func() {
			if _, err := b.Token(t.Context(), c); err == nil {
				t.Error("a token from a provider that hangs")
			}
		})
	}
	if _, err := b.Token(t.Context(), well); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if counting.most > 3 { // two, and one to the other provider
		t.Errorf("%d calls at once", counting.most)
	}
}

type countingTransport struct {
	mu        sync.Mutex
	now, most int
}

func (c *countingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()
	return http.DefaultTransport.RoundTrip(r)
}

func TestVault_ExpiredWithoutRefreshToken(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.Refresh = ""
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	for range 2 {
		if _, err := b.Token(t.Context(), c); !errors.Is(err, vault.ErrNeedsReauthorization) {
			t.Fatalf("got %v", err)
		}
	}
	if row := b.row(c.ID); row.LastError != "expired" || b.events.count("reauthorization_needed") != 1 {
		t.Errorf("%s, %v", row.LastError, b.events.names())
	}
}
