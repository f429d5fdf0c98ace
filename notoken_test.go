package social_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

// Where no API is asked for, a provider may give an ID token alone: it proves who it is,
// and the connection has nothing to call the provider with.
func TestLogInWithoutAnAccessToken(t *testing.T) {
	t.Parallel()
	pretend := socialtest.Start(t).Provider("acme")
	pretend.Approve("matt")
	pretend.ServeWith(socialtest.EndpointToken, socialtest.WithoutField("access_token"), socialtest.WithoutField("refresh_token"))
	s := open(t, func(c *social.Config) {
		c.AllowPrivateAddresses = true
		c.Providers = append(c.Providers, providers.OIDC("op", "OP", pretend.Issuer(),
			pretend.Register(socialtest.App{RedirectURIs: []string{c.AppURL + "/callback/op"}})))
	})
	matt := s.user("matt@lp.com")
	b := s.signedIn(matt)
	for _, verb := range []string{"connect", "login"} {
		callback, err := socialtest.Decide(t.Context(), &http.Client{Transport: b.transport}, b.post("/"+verb+"/op", nil).location, "matt", true)
		must(t, err)
		b.get("/callback/op?" + callback.URL.RawQuery)
		if b.whoami() != matt {
			t.Fatalf("%s: signed in as %q: %s", verb, b.whoami(), s.log)
		}
		if verb == "connect" {
			b = s.browser()
		}
	}
	rows := s.rows(matt)
	if len(rows) != 1 || rows[0].Status != vault.Active {
		t.Fatalf("got %+v", rows)
	}
	if _, err := s.Social.Client(rows[0]).Get(pretend.URL() + "/userinfo"); !errors.Is(err, oauth.ErrNoToken) {
		t.Errorf("a call without a token: %v", err)
	}
	if a := b.program().post("/connections/"+rows[0].ID+"/check", nil); a.status != http.StatusOK {
		t.Errorf("check: %d %s", a.status, a.body)
	}
	if s.rows(matt)[0].Status != vault.Active {
		t.Error("the connection is no longer active")
	}
	if log := s.log.String(); !strings.Contains(log, "no access token") || !strings.Contains(log, "ask for a scope") {
		t.Errorf("the log gives no hint: %s", log)
	}
}
