package vault_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
	"github.com/gosocial/social/vault/memstore"
)

const callback = "https://app.test/callback"

// logIn goes through a provider's flow as matt.
func logIn(t *testing.T, v *vault.Vault, p *socialtest.Provider) *oauth.Grant {
	t.Helper()
	client, err := v.Provider(t.Context(), p.ID())
	if err != nil {
		t.Fatal(err)
	}
	pending, err := client.Begin(t.Context(), oauth.Request{RedirectURI: callback, State: "a-state-of-more-than-128-bits"})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := socialtest.Decide(t.Context(), http.DefaultClient, pending.URL, "matt", true)
	if err != nil {
		t.Fatal(err)
	}
	g, err := client.Complete(t.Context(), pending, answer.URL.Query())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func register(p *socialtest.Provider) oauth.Credentials {
	return p.Register(socialtest.App{RedirectURIs: []string{callback}})
}

func TestVault19_RevokesAtADiscoveredEndpoint(t *testing.T) {
	t.Parallel()
	acme := socialtest.Start(t).Provider("acme")
	p := &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "acme", Credentials: []oauth.Credentials{register(acme)}, Issuer: acme.Issuer()}}
	store, keys := memstore.New(), ring(t, keyring.NewKey().Reveal())
	open := func() *vault.Vault {
		v, err := vault.New(vault.Config{Store: store, Keys: keys, Providers: []oauth.Provider{p}, AllowPrivateAddresses: true})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for i, fault := range []socialtest.Fault{{}, socialtest.WithoutField("revocation_endpoint")} {
		acme.ServeWith(socialtest.EndpointDiscovery, fault)
		acme.ResetCalls()
		if _, err := open().Connect(t.Context(), "matt", logIn(t, open(), acme)); err != nil {
			t.Fatal(err)
		}
		// By a vault that has discovered nothing yet.
		if _, err := open().Disconnect(t.Context(), vault.Removal{UserID: "matt"}); err != nil {
			t.Fatal(err)
		}
		if n, want := acme.Calls(socialtest.EndpointRevoke), []int{2, 0}[i]; n != want {
			t.Errorf("%d revocations, want %d", n, want)
		}
		if due, err := store.DueOneTime(t.Context(), "revoke", time.Now().Add(time.Hour), 9); err != nil || len(due) != 0 {
			t.Errorf("%d one-time values wait, %v", len(due), err)
		}
	}
}

// OAuth 1.0a signs each request; there is nothing to refresh.
func TestClientSignsOAuth1(t *testing.T) {
	t.Parallel()
	twitter := socialtest.Start(t).Provider("twitter")
	p := &oauth.OAuth1{
		ID: "twitter", Credentials: []oauth.Credentials{register(twitter)}, Endpoints: twitter.Endpoints(),
		Profile: oauth.Mapping{Subject: "id_str", DisplayName: "screen_name"},
	}
	v, err := vault.New(vault.Config{
		Store: memstore.New(), Keys: ring(t, keyring.NewKey().Reveal()), Providers: []oauth.Provider{p}, AllowPrivateAddresses: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := v.Connect(t.Context(), "matt", logIn(t, v, twitter))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		resp, err := v.Client(c).Get(twitter.Endpoints().UserInfo + "?include_email=true")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("%d", resp.StatusCode)
		}
	}
	if _, err := v.Check(context.Background(), c); err != nil {
		t.Error(err)
	}
}
