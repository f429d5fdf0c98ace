package integration_test

import (
	"context"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/oauth/discover"
)

// From a host name alone: a certified provider is found, the application registers itself
// there, and a user logs in, whose connection lives as any other.
func TestDiscoverACertifiedProvider(t *testing.T) {
	t.Parallel()
	server := counterparty.StartOIDCProvider(t)
	ctx := context.Background()
	finder := &discover.Finder{HTTP: oauth.NewHTTPClient(oauth.HTTPOptions{AllowPrivateAddresses: true})}
	found, err := finder.Host(ctx, server.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	if found.Type != "oidc" || found.Settings.Issuer != server.Issuer || found.Registration == "" {
		t.Fatalf("found %+v", found)
	}
	registered, err := finder.Register(ctx, found, discover.Client{Name: "Notes", RedirectURIs: []string{redirectURI}})
	if err != nil {
		t.Fatal(err)
	}
	if registered.Credentials.ClientSecret == "" || registered.ManageURL == "" || registered.ManageToken == "" {
		t.Errorf("registered %s with %s", registered.Credentials.ClientID, registered.TokenAuth)
	}
	found.Settings.TokenAuth = registered.TokenAuth
	p, err := found.Provider("found", registered.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	connection(t, setup{
		client: open(t, p), request: oauth.Request{Scopes: []string{"openid", "profile", "email", "offline_access"}, Consent: true},
		fields: map[string]string{"login": "jane", "answer": "yes"}, api: server.Issuer + "/me",
		want:    oauth.Profile{Subject: "jane", FullName: "Jane Doe", Email: "jane@example.com", EmailVerified: true},
		rotates: true, revoked: 401,
	})
}
