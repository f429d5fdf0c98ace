package integration_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
)

func TestZitadel(t *testing.T) {
	const secret = "a secret: with % and +"
	server := counterparty.StartZitadel(t, counterparty.Client{ID: "web:client", Secret: secret, RedirectURIs: []string{redirectURI}})
	p := fromCatalog(t, "zitadel", oauth.Credentials{ClientID: "web:client", ClientSecret: secret}, map[string]string{"instance": server.Issuer})
	connection(t, setup{
		client: open(t, p), request: offline(),
		fields:  map[string]string{"username": counterparty.ZitadelUser, "password": counterparty.ZitadelPassword},
		api:     server.Issuer + "/userinfo",
		want:    oauth.Profile{Subject: "id1", FullName: "Test User", Email: "test-user@zitadel.ch", EmailVerified: true},
		rotates: true, revoked: http.StatusForbidden,
	})
}
