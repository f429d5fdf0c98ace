package integration_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social/integration/counterparty"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestZitadel(t *testing.T) {
	const secret = "a secret: with % and +"
	server := counterparty.StartZitadel(t, counterparty.Client{ID: "web:client", Secret: secret, RedirectURIs: []string{redirectURI}})
	p := providers.OIDC("zitadel", "Zitadel", server.Issuer, oauth.Credentials{ClientID: "web:client", ClientSecret: secret})
	connection(t, setup{
		client: open(t, p), request: offline(),
		fields:  map[string]string{"username": counterparty.ZitadelUser, "password": counterparty.ZitadelPassword},
		api:     server.Issuer + "userinfo",
		want:    oauth.Profile{Subject: "id1", FullName: "Test User", Email: "test-user@zitadel.ch", EmailVerified: true},
		rotates: true, revoked: http.StatusForbidden,
	})
}
