package integration_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// The provider ends its session at our wish, tells all clients of it, and sends
// the browser back.
func TestLogout(t *testing.T) {
	t.Parallel()
	told := make(chan oauth.Secret, 1)
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told <- oauth.Secret(r.PostFormValue("logout_token"))
	}))
	t.Cleanup(app.Close)
	const secret, after = "a secret of thirty-two characters or more", "http://127.0.0.1:4/bye"
	server := counterparty.StartOIDCProvider(t, counterparty.Client{
		ID: "client", Secret: secret, RedirectURIs: []string{redirectURI},
		PostLogoutURIs: []string{after}, BackChannelLogoutURI: app.URL + "/backchannel-logout/certified",
	})
	c := open(t, providers.OIDC("certified", "Certified", server.Issuer, oauth.Credentials{ID: "client", Secret: secret}))
	ctx := context.Background()
	browser := counterparty.NewBrowser(t, map[string]string{"login": "jane"})
	pending := begin(t, party{client: c})
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
	case raw := <-told:
		logout, err := c.(oauth.LogoutVerifier).VerifyLogout(ctx, raw)
		if err != nil {
			t.Fatal(err)
		}
		if logout.Subject != "jane" || logout.ID == "" || time.Until(logout.Expiry) <= 0 {
			t.Errorf("got %+v", logout)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("no logout token came")
	}
	if _, err := c.(oauth.LogoutVerifier).VerifyLogout(ctx, grant.Token.ID); err == nil {
		t.Error("an ID token passed for a logout token")
	}
}
