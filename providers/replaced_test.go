package providers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
)

// The catalog's providers, with their endpoints replaced as a configuration
// does it, log people in at servers that forgive nothing.
func TestCatalogWithEndpointsReplaced(t *testing.T) {
	t.Parallel()
	server := socialtest.Start(t)
	for id, kind := range map[string]string{
		"facebook": "", "foursquare": "", "twitter": "", "google": "", "acme": "oidc", "hub": "oauth2",
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			at := server.Provider(id)
			at.Approve("matt")
			s := providers.Settings{
				ID: id, Issuer: at.Issuer(), Endpoints: at.Endpoints(),
				Credentials: []oauth.Credentials{at.Register(socialtest.App{RedirectURIs: []string{redirectURI}})},
			}
			if id == "hub" {
				s.Scopes = []string{"email"}
				s.Profile = oauth.Mapping{FullName: "display.name", Email: "mail", EmailVerified: "mail_verified"}
			}
			var provider oauth.Provider
			var err error
			if kind == "" {
				provider, err = entry(t, id).New(s)
			} else {
				provider, err = providers.Custom(kind, s)
			}
			if err != nil {
				t.Fatal(err)
			}
			c, err := provider.Open(oauth.Env{HTTP: http.DefaultClient})
			if err != nil {
				t.Fatal(err)
			}
			pending, err := c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: state})
			if err != nil {
				t.Fatal(err)
			}
			callback, err := socialtest.Decide(t.Context(), http.DefaultClient, pending.URL, "matt", true)
			if err != nil {
				t.Fatal(err)
			}
			g, err := c.Complete(t.Context(), pending, callback.URL.Query())
			if err != nil {
				t.Fatal(err)
			}
			p := g.Profile
			if p.Subject != at.User("matt").Subject || p.FullName != "Matt Cooper" || p.DisplayName == "" || !strings.HasPrefix(p.ImageURL, server.URL()) {
				t.Errorf("got %+v", p)
			}
			if id != "twitter" && p.Email != "matt@lp.com" {
				t.Errorf("e-mail %q", p.Email)
			}
			if g.Token.Refresh != "" {
				fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
				if err != nil {
					t.Fatal(err)
				}
				g.Token = *fresh
			}
			if again, err := c.Profile(t.Context(), g.Token); err != nil || again.Subject != p.Subject {
				t.Errorf("user info: %v", err)
			}
			if r, ok := c.(oauth.Revoker); ok && at.Endpoints().Revoke != "" {
				if err := r.Revoke(t.Context(), g.Token); err != nil {
					t.Errorf("revocation: %v", err)
				}
				if _, err := c.Profile(t.Context(), g.Token); err == nil {
					t.Error("the token lives on")
				}
			}
		})
	}
}
