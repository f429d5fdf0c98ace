package vaultproof_test

import (
	"context"
	"crypto/rand"
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

const redirectURI = "http://127.0.0.1:4/callback"

// Two processes use one connection whose token has expired, with a hundred calls each
// at once, at a provider that revokes the grant when a refresh token is used twice.
func TestVault01_OneRefreshForTwoProcesses(t *testing.T) { onEach(t, oneRefreshForTwoProcesses) }

func oneRefreshForTwoProcesses(t *testing.T, database string) {
	ctx := t.Context()
	server := counterparty.StartOIDCProvider(t, counterparty.Client{ID: "client", Secret: clientSecret, RedirectURIs: []string{redirectURI}})
	s := setup{
		Database: database, Key: keyring.NewKey().Reveal(),
		Provider: server.Issuer, API: server.Issuer + "/me", OIDC: true, Timeout: 30 * time.Second,
	}
	v, _, closeStore, err := s.open(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore()
	client, err := v.Provider(ctx, "certified")
	if err != nil {
		t.Fatal(err)
	}
	grant := authorize(t, client)
	conn, err := v.Connect(ctx, "user", grant)
	if err != nil {
		t.Fatal(err)
	}
	children := []*child{startChild(t, s), startChild(t, s)}
	rounds, calls := 3, 100
	if soak() {
		rounds = 50
	}
	began := time.Now()
	for round := range rounds {
		if round%2 == 0 {
			// The token has expired by the clock, after a new authorization.
			grant = authorize(t, client)
			grant.Token.Expiry = time.Now().Add(-time.Minute)
			if conn, err = v.Renew(ctx, conn, grant); err != nil {
				t.Fatal(err)
			}
			server.Expire(t, grant.Token.Access.Reveal())
		} else {
			// The API answers 401; the refresh token is that of the round before.
			token, err := v.Token(ctx, conn)
			if err != nil {
				t.Fatal(err)
			}
			server.Expire(t, token.Access.Reveal())
		}
		for _, c := range children {
			c.send(t, command{Do: "call", IDs: []string{conn.ID}, Times: calls})
		}
		refreshes := int64(0)
		for i, c := range children {
			r := c.receive(t)
			refreshes += r.Refreshes
			if r.OK != calls {
				t.Errorf("round %d, process %d: %d of %d calls succeeded: %q", round, i, r.OK, calls, r.Errors)
			}
		}
		if refreshes != 1 {
			t.Errorf("round %d: %d refreshes, want 1", round, refreshes)
		}
	}
	t.Logf("%d rounds of 2 × %d calls, one refresh each, in %v", rounds, calls, time.Since(began).Round(time.Millisecond))
	for _, c := range children {
		c.end(t)
	}
}

// authorize goes through a flow with oidc-provider.
func authorize(t *testing.T, client oauth.Client) *oauth.Grant {
	t.Helper()
	pending, err := client.Begin(context.Background(), oauth.Request{
		State: rand.Text(), RedirectURI: redirectURI,
		Scopes: []string{"openid", "offline_access"}, Params: url.Values{"prompt": {"consent"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer := counterparty.NewBrowser(t, map[string]string{"login": "jane"}).Authorize(t, pending.URL, redirectURI)
	grant, err := client.Complete(context.Background(), pending, answer)
	if err != nil {
		t.Fatal(err)
	}
	return grant
}
