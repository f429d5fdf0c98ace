package oauth_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
)

const callbackOfClients = "https://app.test/callback/clients"

// clientsOf opens a pretend provider with a list of credentials.
func clientsOf(t *testing.T, p *socialtest.Provider, list ...oauth.Credentials) oauth.Client {
	t.Helper()
	var provider oauth.Provider
	mapping := oauth.Mapping{Subject: "sub|id_str|id"}
	switch p.Protocol() {
	case oauth.ProtocolOAuth1:
		provider = &oauth.OAuth1{ID: p.ID(), Credentials: list, Endpoints: p.Endpoints(), Profile: mapping}
	case oauth.ProtocolOAuth2:
		provider = &oauth.OAuth2{ID: p.ID(), Credentials: list, Endpoints: p.Endpoints(), Scopes: []string{"email"}, Profile: mapping}
	default:
		provider = &oauth.OIDC{OAuth2: oauth.OAuth2{ID: p.ID(), Credentials: list, Issuer: p.Issuer()}}
	}
	c, err := provider.Open(oauth.Env{HTTP: &http.Client{}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func beginOf(t *testing.T, c oauth.Client) (*oauth.Pending, url.Values) {
	t.Helper()
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: callbackOfClients, State: testState})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := socialtest.Decide(t.Context(), &http.Client{}, p.URL, "matt", true)
	if err != nil {
		t.Fatal(err)
	}
	return p, answer.URL.Query()
}

func registerApp(p *socialtest.Provider, further ...secret.Text) oauth.Credentials {
	return p.Register(socialtest.App{RequestEmail: true, RedirectURIs: []string{callbackOfClients}, FurtherSecrets: further})
}

// An application moves to another client while flows are under way and tokens
// live: each goes on under the client that it has.
func TestClientsOfTokensAndFlows(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"twitter", "hub", "acme"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := socialtest.Start(t).Provider(id)
			before, after := registerApp(p), registerApp(p)
			flow, answer := beginOf(t, clientsOf(t, p, before))
			if flow.ClientID != before.ClientID {
				t.Fatalf("the flow is of client %q", flow.ClientID)
			}
			c := clientsOf(t, p, after, before)
			g, err := c.Complete(t.Context(), flow, answer)
			if err != nil {
				t.Fatal(err)
			}
			if g.Token.ClientID != before.ClientID {
				t.Errorf("granted to %q", g.Token.ClientID)
			}
			if _, err := c.Profile(t.Context(), g.Token); err != nil {
				t.Error(err)
			}
			if r, ok := c.(oauth.Refresher); ok {
				fresh, err := r.Refresh(t.Context(), g.Token)
				if err != nil || fresh.ClientID != before.ClientID {
					t.Fatalf("refreshed under the new client: %v", err)
				}
				g.Token = *fresh
			}
			if p, _ := beginOf(t, c); p.ClientID != after.ClientID {
				t.Errorf("a new flow is of client %q", p.ClientID)
			}

			gone := clientsOf(t, p, after)
			flow, answer = beginOf(t, clientsOf(t, p, before))
			calls := len(p.Requests(socialtest.EndpointToken))
			unknown := map[string]error{}
			_, unknown["complete"] = gone.Complete(t.Context(), flow, answer)
			unknown["revoke"] = gone.(oauth.Revoker).Revoke(t.Context(), g.Token)
			if r, ok := gone.(oauth.Refresher); ok {
				_, unknown["refresh"] = r.Refresh(t.Context(), g.Token)
			} else {
				_, unknown["profile"] = gone.Profile(t.Context(), g.Token)
				unknown["sign"] = gone.Sign(signable(t, p.Endpoints().UserInfo), g.Token)
			}
			for op, err := range unknown {
				if f := failure(t, err); f.Kind != oauth.Operator || f.Code != oauth.CodeClientUnknown {
					t.Errorf("%s: %v", op, f)
				}
			}
			if n := len(p.Requests(socialtest.EndpointToken)); n != calls || p.Calls(socialtest.EndpointRevoke) != 0 {
				t.Errorf("%d calls under a client that has left the list", n-calls)
			}

			if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
				t.Error(err)
			}
			if access, refresh := p.Live("matt"); access+refresh != 0 {
				t.Errorf("%d and %d tokens live", access, refresh)
			}
		})
	}
}

func signable(t *testing.T, address string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// A token that names no client is of the first.
func TestTokenWithoutClient(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	first, second := registerApp(p), registerApp(p)
	token := p.Grant(first.ClientID, "matt")
	token.ClientID = ""
	fresh, err := clientsOf(t, p, first, second).(oauth.Refresher).Refresh(t.Context(), token)
	if err != nil || fresh.ClientID != first.ClientID {
		t.Errorf("refreshed under %+v, %v", fresh, err)
	}
}

// The ID token of a flow is for the flow's client; a logout token may be for any.
func TestSecurity14_AudienceIsTheClientOfTheFlow(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	before, after := registerApp(p), registerApp(p)
	c := clientsOf(t, p, after, before)
	flow, answer := beginOf(t, c)
	p.ServeWith(socialtest.EndpointToken, socialtest.Claim("aud", before.ClientID))
	if _, err := c.Complete(t.Context(), flow, answer); failure(t, err).Kind != oauth.Invalid {
		t.Errorf("an ID token for the other client: %v", err)
	}
	p.ServeWith(socialtest.EndpointToken)

	verifier := c.(oauth.LogoutVerifier)
	for _, app := range []oauth.Credentials{before, after} {
		raw, err := p.LogoutToken(app.ClientID, "matt")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := verifier.VerifyLogout(t.Context(), secret.Text(raw)); err != nil {
			t.Errorf("logout token for %s: %v", app.ClientID, err)
		}
	}
	raw, err := p.LogoutToken(registerApp(p).ClientID, "matt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.VerifyLogout(t.Context(), secret.Text(raw)); err == nil {
		t.Error("a logout token for a client that is not ours was accepted")
	}

	// The provider is told of the client that has the session.
	flow, answer = beginOf(t, clientsOf(t, p, before))
	g, err := c.Complete(t.Context(), flow, answer)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []oauth.Token{g.Token, {ID: g.Token.ID}} {
		address, err := c.(oauth.LogoutStarter).LogoutURL(t.Context(), token, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if u, _ := url.Parse(address); u.Query().Get("client_id") != before.ClientID {
			t.Errorf("logs out at %s", address)
		}
	}
}

// A provider without tokens, such as one of another package, has nothing to sign
// with.
func TestSignWithoutToken(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	for _, id := range []string{"twitter", "hub", "acme"} {
		p := srv.Provider(id)
		c := clientsOf(t, p, registerApp(p))
		if err := c.Sign(signable(t, p.Endpoints().UserInfo), oauth.Token{}); !errors.Is(err, oauth.ErrNoToken) {
			t.Errorf("%s: sign: %v", id, err)
		}
		if _, err := c.Profile(t.Context(), oauth.Token{}); !errors.Is(err, oauth.ErrNoToken) {
			t.Errorf("%s: profile: %v", id, err)
		}
	}
}
