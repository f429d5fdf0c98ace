package oauth_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
)

// Two secrets of one client: the second is tried when the first is refused, and
// what worked is remembered.
func TestTwoSecretsOfOneClient(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"twitter", "hub", "acme"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := socialtest.Start(t).Provider(id)
			asked := func() int {
				return p.Calls(socialtest.EndpointToken) + p.Calls(socialtest.EndpointRequestToken)
			}
			good := registerApp(p)
			old := oauth.Credentials{ClientID: good.ClientID, ClientSecret: "withdrawn"}
			logIn := func(c oauth.Client) int {
				t.Helper()
				before := asked()
				flow, answer := beginOf(t, c)
				if _, err := c.Complete(t.Context(), flow, answer); err != nil {
					t.Fatal(err)
				}
				return asked() - before
			}
			usual := logIn(clientsOf(t, p, good, old))
			c := clientsOf(t, p, old, good)
			if n := logIn(c); n != usual+1 {
				t.Errorf("%d calls, want %d and one that is refused", n, usual)
			}
			if n := logIn(c); n != usual {
				t.Errorf("%d calls, want %d: what worked is not remembered", n, usual)
			}

			revoker := clientsOf(t, p, old, good).(oauth.Revoker)
			if err := revoker.Revoke(t.Context(), p.Grant(good.ClientID, "matt")); err != nil {
				t.Errorf("revoke: %v", err)
			}

			// The provider goes back to the first one.
			p.Register(socialtest.App{ClientID: good.ClientID, ClientSecret: "withdrawn", RedirectURIs: []string{callbackOfClients}})
			if n := logIn(c); n != usual+1 {
				t.Errorf("%d calls after a change, want %d", n, usual+1)
			}

			// No secret is good: each is tried once.
			p.Register(socialtest.App{ClientID: good.ClientID, RedirectURIs: []string{callbackOfClients}})
			before := asked()
			var err error
			if p.Protocol() == oauth.ProtocolOAuth1 {
				_, err = c.Begin(t.Context(), oauth.Request{RedirectURI: callbackOfClients})
			} else {
				flow, answer := beginOf(t, c)
				_, err = c.Complete(t.Context(), flow, answer)
			}
			if f := failure(t, err); f.Kind != oauth.Operator || asked()-before != 2 {
				t.Errorf("%v after %d calls", f, asked()-before)
			}
		})
	}
}

// Another refusal than that of the client costs no second call.
func TestSecondSecretIsForRefusedClientsOnly(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	good := registerApp(p, "second")
	c := clientsOf(t, p, good, oauth.Credentials{ClientID: good.ClientID, ClientSecret: "second"})
	token := p.Grant(good.ClientID, "matt")
	token.Refresh = "unknown"
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), token); failure(t, err).Kind != oauth.Rejected || p.Calls(socialtest.EndpointToken) != 1 {
		t.Errorf("%v after %d calls", err, p.Calls(socialtest.EndpointToken))
	}
}

// With HS256 a token is signed with a secret of the client that it is for, old or
// new.
func TestSecurity15_SecretsOfTheClientAreKeys(t *testing.T) {
	t.Parallel()
	const first, more, leaked = "the first secret of the client, 256 bits", "another secret of the same client, 256 bits", "a secret of another client that has leaked"
	p := socialtest.Start(t).Provider("acme")
	one := p.Register(socialtest.App{RedirectURIs: []string{callbackOfClients}, Algorithm: "HS256", ClientSecret: first, FurtherSecrets: []secret.Text{more}})
	other := p.Register(socialtest.App{Algorithm: "HS256", ClientSecret: leaked})
	further := oauth.Credentials{ClientID: one.ClientID, ClientSecret: more}
	provider := &oauth.OIDC{Algorithms: []string{"HS256"}, OAuth2: oauth.OAuth2{
		ID: "acme", Credentials: []oauth.Credentials{further, one, other}, Issuer: p.Issuer(),
	}}
	c, err := provider.Open(oauth.Env{HTTP: &http.Client{}})
	if err != nil {
		t.Fatal(err)
	}
	flow, answer := beginOf(t, c)
	if _, err := c.Complete(t.Context(), flow, answer); err != nil {
		t.Errorf("signed with the other secret of the client: %v", err)
	}
	flow, answer = beginOf(t, c)
	p.ServeWith(socialtest.EndpointToken, socialtest.SignedWith([]byte(leaked)))
	if _, err := c.Complete(t.Context(), flow, answer); failure(t, err).Kind != oauth.Invalid {
		t.Errorf("signed with a secret of another client: %v", err)
	}
	verifier := c.(oauth.LogoutVerifier)
	for key, good := range map[string]bool{first: true, more: true, leaked: false} {
		raw, err := p.LogoutToken(one.ClientID, "matt", socialtest.SignedWith([]byte(key)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verifier.VerifyLogout(t.Context(), secret.Text(raw)); (err == nil) != good {
			t.Errorf("logout token signed with %q: %v", key, err)
		}
	}
}

// What worked is remembered when the discovery document is renewed, too.
func TestSecretIsRememberedAcrossDiscoveries(t *testing.T) {
	t.Parallel()
	now := time.Now()
	clock := func() time.Time { return now }
	p := socialtest.Start(t, socialtest.Config{Now: clock}).Provider("acme")
	good := registerApp(p)
	provider := &oauth.OIDC{OAuth2: oauth.OAuth2{
		ID: "acme", Issuer: p.Issuer(), Credentials: []oauth.Credentials{{ClientID: good.ClientID, ClientSecret: "withdrawn"}, good},
	}}
	c, err := provider.Open(oauth.Env{HTTP: &http.Client{}, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	refresh := func() int {
		t.Helper()
		before := p.Calls(socialtest.EndpointToken)
		if _, err := c.(oauth.Refresher).Refresh(t.Context(), p.Grant(good.ClientID, "matt")); err != nil {
			t.Fatal(err)
		}
		return p.Calls(socialtest.EndpointToken) - before
	}
	if n := refresh(); n != 2 {
		t.Errorf("%d calls at first", n)
	}
	discoveries := p.Calls(socialtest.EndpointDiscovery)
	now = now.Add(48 * time.Hour) // the document is too old to be used
	if n := refresh(); n != 1 || p.Calls(socialtest.EndpointDiscovery) == discoveries {
		t.Errorf("%d calls after discovery", n)
	}
}
