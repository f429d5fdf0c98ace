package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

// A connection is refreshed as the client that it was granted to, and fails for as
// long as that one is not among the provider's credentials.
func TestVault21_TheClientItWasGrantedTo(t *testing.T) {
	t.Parallel()
	refreshes := 0
	b, source := sourcedBench(t, func(c *vault.Config) {
		c.OnCall = func(_ context.Context, c vault.Call) {
			if c.Op == "refresh" {
				refreshes++
			}
		}
	})
	seen := b.srv.clients()
	use := func(clients ...string) {
		p := b.srv.provider()
		p.Credentials = nil
		for _, id := range clients {
			p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: id, ClientSecret: secret.Text("secret of " + id)})
		}
		source.set("", p)
	}
	use("old")
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.ClientID, g.RequestedScopes = "old", []string{"read", "write"}
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.ClientID != "old" || !slices.Equal(row.RequestedScopes, g.RequestedScopes) {
		t.Errorf("granted to %q, asked for %q", row.ClientID, row.RequestedScopes)
	}

	use("new", "old")
	b.clock.advance(time.Hour)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if row := b.row(c.ID); row.ClientID != "old" || !slices.Equal(row.RequestedScopes, g.RequestedScopes) {
		t.Errorf("after a refresh: granted to %q, asked for %q", row.ClientID, row.RequestedScopes)
	}

	use("new")
	b.clock.advance(2 * time.Hour)
	_, err = b.Token(t.Context(), c)
	var pe *oauth.ProviderError
	if !errors.As(err, &pe) || pe.Code != oauth.CodeClientUnknown || errors.Is(err, vault.ErrNeedsReauthorization) {
		t.Errorf("without its client: %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Failing || row.LastError != "client_unknown" {
		t.Errorf("%s, %q", row.Status, row.LastError)
	}
	if n := b.events.count("refresh_failed"); n != 1 {
		t.Errorf("events %v", b.events.names())
	}

	use("new", "old")
	b.clock.advance(minute)
	if _, err := b.Token(t.Context(), c); err != nil {
		t.Errorf("with its client again: %v", err)
	}
	if row := b.row(c.ID); row.Status != vault.Active || row.LastError != "" || row.ClientID != "old" {
		t.Errorf("%s, %q, %q", row.Status, row.LastError, row.ClientID)
	}
	if got := strings.Join(seen(), ", "); got != "old:secret+of+old, old:secret+of+old" {
		t.Errorf("refreshed by %s", got)
	}
	if refreshes != 2 {
		t.Errorf("%d calls of the provider are counted", refreshes)
	}

	// A user who authorizes anew grants to the first one.
	g = b.srv.grant("ada", b.clock.now().Add(time.Hour))
	g.Token.ClientID, g.RequestedScopes = "new", []string{"read"}
	if c, err = b.Renew(t.Context(), c, g); err != nil || c.ClientID != "new" || !slices.Equal(c.RequestedScopes, g.RequestedScopes) {
		t.Errorf("renewed: %q, %q, %v", c.ClientID, c.RequestedScopes, err)
	}
}

// That an answer was lost is remembered while the client is unknown, so that a loss
// of ours is not called the provider's afterwards.
func TestVault21_ALostAnswerIsNotForgotten(t *testing.T) {
	t.Parallel()
	b, source := sourcedBench(t)
	g := b.srv.grant("ada", b.clock.now().Add(minute))
	g.Token.ClientID = "client"
	c, err := b.Connect(t.Context(), "user", g)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		client, body string
		status       int
		want         string
	}{
		{"client", "", 502, "unanswered"},
		{"another", "", 200, "lost_rotation"},
		{"client", `{"error":"invalid_grant"}`, 400, "lost_rotation"},
	} {
		b.clock.advance(time.Hour)
		source.set("", b.srv.withSecret(step.client, "secret"))
		b.srv.set(func(s *server) { s.onToken = answer(step.status, step.body) })
		if _, err := b.Token(t.Context(), c); err == nil {
			t.Fatal("a token")
		}
		if row := b.row(c.ID); row.LastError != step.want {
			t.Errorf("%+v: %s, %q", step, row.Status, row.LastError)
		}
	}
}

// Refreshes that were not sent do not count for the provider when others are
// rejected.
func TestVault21_UnknownClientsHideNoStorm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	connect := func(subject, clientID string) vault.Connection {
		g := b.srv.grant(subject, b.clock.now().Add(minute))
		g.Token.ClientID = clientID
		c, err := b.Connect(t.Context(), "user-"+subject, g)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var all []vault.Connection
	for i := range 15 {
		all = append(all, connect(fmt.Sprint("gone-", i), "gone"))
	}
	for i := range 11 {
		all = append(all, connect(fmt.Sprint(i), "client"))
	}
	b.clock.advance(time.Hour)
	b.srv.set(func(s *server) { s.onToken = answer(400, `{"error":"invalid_grant"}`) })
	for _, c := range all {
		if _, err := b.Token(t.Context(), c); err == nil {
			t.Fatal("a token")
		}
	}
	if b.events.count("breaker_opened") != 1 {
		t.Errorf("events %v", b.events.names())
	}
}

// A refresh token that is kept is refreshed as the client that it was granted to,
// although the user authorized another one since.
func TestVault21_KeptRefreshTokens(t *testing.T) {
	t.Parallel()
	for name, during := range map[string]bool{"at rest": false, "during a refresh": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, func(c *vault.Config) {
				p := c.Providers[0].(*oauth.OAuth2)
				p.Credentials = []oauth.Credentials{{ClientID: "new", ClientSecret: "n"}, {ClientID: "old", ClientSecret: "o"}}
			})
			g := b.srv.grant("ada", b.clock.now().Add(minute))
			g.Token.ClientID = "old"
			c, err := b.Connect(t.Context(), "user", g)
			if err != nil {
				t.Fatal(err)
			}
			renew := func() {
				again := b.srv.grant("ada", b.clock.now().Add(minute))
				again.Token.ClientID, again.Token.Refresh = "new", ""
				if _, err := b.Renew(context.Background(), b.row(c.ID), again); err != nil {
					t.Error(err)
				}
			}
			if during {
				b.clock.advance(time.Hour)
				b.srv.set(func(s *server) { s.onToken = onceThen(s, renew) })
				if _, err := b.Token(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			} else {
				renew()
			}
			if row := b.row(c.ID); row.ClientID != "old" || row.Generation != 2 {
				t.Errorf("client %q, generation %d", row.ClientID, row.Generation)
			}
			seen := b.srv.clients()
			b.clock.advance(2 * time.Hour)
			if _, err := b.Token(t.Context(), c); err != nil {
				t.Error(err)
			}
			if got := strings.Join(seen(), ", "); got != "old:o" {
				t.Errorf("refreshed by %s", got)
			}
		})
	}
}
