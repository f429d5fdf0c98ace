package integration_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// The catalog's entry of the ID, as a configuration makes it.
func fromCatalog(t *testing.T, id string, credentials oauth.Credentials, parameters map[string]string) oauth.Provider {
	t.Helper()
	entry, ok := providers.Find(id)
	if !ok {
		t.Fatalf("the catalog has no %s", id)
	}
	p, err := entry.New(providers.Settings{Credentials: []oauth.Credentials{credentials}, Parameters: parameters})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A certified provider serves the address of a Keycloak realm. The catalog's Keycloak
// finds it by the server's address and the realm's name.
func TestKeycloak(t *testing.T) {
	t.Parallel()
	const realm = "acme"
	credentials := oauth.Credentials{ClientID: "notes", ClientSecret: "a secret: with % and + of thirty-two characters"}
	server := counterparty.StartRealm(t, realm, counterparty.Client{
		ID: credentials.ClientID, Secret: credentials.ClientSecret.Reveal(), RedirectURIs: []string{redirectURI},
	})
	p := fromCatalog(t, "keycloak", credentials, map[string]string{
		"instance": strings.TrimSuffix(server.Issuer, "/realms/"+realm), "realm": realm,
	})
	connection(t, setup{
		client: open(t, p), request: offline(), fields: map[string]string{"login": "jane"},
		api: server.Issuer + "/me", want: jane(), rotates: true, revoked: http.StatusUnauthorized,
	})
}
