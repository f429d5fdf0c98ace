package integration_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
)

// The provider ends its session at the application's request, sends a logout token
// to all clients, and sends the browser back.
func TestLogout(t *testing.T) {
	t.Parallel()
	received := make(chan secret.Text, 1)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		received <- secret.Text(r.PostFormValue("logout_token"))
	}))
	t.Cleanup(app.Close)
	const secret, after = "a secret of thirty-two characters or more", "http://127.0.0.1:4/bye"
	server := counterparty.StartOIDCProvider(t, counterparty.Client{
		ID: "client", Secret: secret, RedirectURIs: []string{redirectURI},
		PostLogoutURIs: []string{after}, BackChannelLogoutURI: app.URL + "/backchannel-logout/certified",
	})
	c := open(t, providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientID: "client", ClientSecret: secret}))
	ctx := context.Background()
	browser := counterparty.NewBrowser(t, map[string]string{"login": "jane"})
	pending := begin(t, setup{client: c})
	grant, err := c.Complete(ctx, pending, browser.Authorize(t, pending.URL, redirectURI))
	if err != nil {
		t.Fatal(err)
	}

	address, err := c.(oauth.LogoutStarter).LogoutURL(ctx, grant.Token, after, "a state")
	if err != nil {
		t.Fatal(err)
	}
	if back := browser.Authorize(t, address, after); back.Get("state") != "a state" {
		t.Errorf("the browser came back with %v", back)
	}
	select {
	case raw := <-received:
		logout, err := c.(oauth.LogoutVerifier).VerifyLogout(ctx, raw)
		if err != nil {
			t.Fatal(err)
		}
		if logout.Subject != "jane" || logout.ID == "" || time.Until(logout.Expiry) <= 0 {
			t.Errorf("got %+v", logout)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the application got no logout token")
	}
	if _, err := c.(oauth.LogoutVerifier).VerifyLogout(ctx, grant.Token.ID); err == nil {
		t.Error("an ID token was accepted as a logout token")
	}
}

// Logging out in one browser ends the provider's session. The provider sends the
// application a logout token, and the application ends the user's other session.
func TestSecurity26And27_AtOIDCProvider(t *testing.T) {
	t.Parallel()
	const secret = "a secret of thirty-two characters or more"
	s := startSite(t)
	server := counterparty.StartOIDCProvider(t, counterparty.Client{
		ID: "site", Secret: secret, RedirectURIs: []string{s.URL + "/callback/certified"},
		PostLogoutURIs: []string{s.URL + "/"}, BackChannelLogoutURI: s.URL + "/backchannel-logout/certified",
	})
	p := providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ClientID: "site", ClientSecret: secret})
	p.LogoutAtProvider = true
	s.open(t, p)
	pages, statuses := *s.handler.Load(), make(chan int, 1)
	var recording http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/backchannel-logout/certified" {
			pages.ServeHTTP(w, r)
			return
		}
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, r)
		w.WriteHeader(answer.Code)
		statuses <- answer.Code
	})
	s.handler.Store(&recording)

	jane := map[string]string{"login": "jane"}
	v, other := s.visitor(t), s.visitor(t)
	v.do("POST", "/register", url.Values{"email": {"jane@example.org"}, "password": {"a sentence is fine"}, "password_confirm": {"a sentence is fine"}}, http.StatusCreated)
	v.flow("/connect/certified", "certified", jane)
	v.do("POST", "/logout", nil, http.StatusNoContent)
	other.flow("/login/certified", "certified", jane)

	browser := counterparty.NewBrowser(t, jane)
	address, _ := v.do("POST", "/login/certified", nil, http.StatusOK)["authorize_url"].(string)
	answer := browser.Authorize(t, address, s.URL+"/callback/certified")
	v.do("GET", "/callback/certified?"+answer.Encode(), nil, http.StatusOK)

	resp, err := v.client.Post(s.URL+"/logout", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	v.do("GET", "/session", nil, http.StatusUnauthorized)
	other.do("GET", "/session", nil, http.StatusOK)
	browser.Authorize(t, resp.Header.Get("Location"), s.URL+"/")
	select {
	case status := <-statuses:
		if status != http.StatusOK {
			t.Errorf("the logout token got status %d", status)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the application got no logout token")
	}
	other.do("GET", "/session", nil, http.StatusUnauthorized)
}
