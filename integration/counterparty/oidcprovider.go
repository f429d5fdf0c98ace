package counterparty

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"testing"
)

// A Client is an application registered at a counterparty.
type Client struct {
	ID, Secret   string
	RedirectURIs []string

	// TokenAuth is the token endpoint's authentication by its registered name;
	// "" means client_secret_basic.
	TokenAuth string
	// Algorithm is what ID tokens are signed with; "" means RS256.
	Algorithm string
	// Keys is the client's key set, for private_key_jwt.
	Keys any

	// PostLogoutURIs are where RP-initiated logout may lead; BackChannelLogoutURI
	// receives logout tokens.
	PostLogoutURIs       []string
	BackChannelLogoutURI string
}

// A Server is a provider that runs.
type Server struct {
	Issuer string // base URL, and the issuer in OpenID Connect
}

// StartOIDCProvider starts oidc-provider, a certified OpenID provider on Node.js. It
// requires PKCE, sends iss with the callback, rotates refresh tokens and ends the grant
// when one is used twice. Applications may register themselves. Its users are jane and john,
// without passwords. It issues a refresh token for the scope offline_access with
// prompt=consent.
func StartOIDCProvider(t testing.TB, clients ...Client) *Server {
	t.Helper()
	return startOIDCProvider(t, "", clients)
}

// StartRealm starts the server of StartOIDCProvider where Keycloak would have a realm: all
// its addresses are below /realms/ and the name, and the rest of the server answers 404.
func StartRealm(t testing.TB, name string, clients ...Client) *Server {
	t.Helper()
	return startOIDCProvider(t, "/realms/"+name, clients)
}

func startOIDCProvider(t testing.TB, below string, clients []Client) *Server {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		missing(t, "node")
	}
	home := dir(t, "oidcprovider")
	install(t, home)

	list := make([]map[string]any, len(clients))
	for i, c := range clients {
		list[i] = map[string]any{
			"client_id": c.ID, "client_secret": c.Secret, "redirect_uris": c.RedirectURIs,
			"grant_types":    []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"},
			"response_types": []string{"code"},
		}
		for name, value := range map[string]string{
			"token_endpoint_auth_method": c.TokenAuth, "id_token_signed_response_alg": c.Algorithm,
			"backchannel_logout_uri": c.BackChannelLogoutURI,
		} {
			if value != "" {
				list[i][name] = value
			}
		}
		if c.PostLogoutURIs != nil {
			list[i]["post_logout_redirect_uris"] = c.PostLogoutURIs
		}
		if c.Keys != nil {
			list[i]["jwks"] = c.Keys
		}
		if c.Secret == "" {
			delete(list[i], "client_secret")
		}
	}
	registered, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, "server.mjs")
	cmd.Dir = home
	cmd.Env = append(os.Environ(), "CLIENTS="+string(registered), "BELOW="+below, "NODE_NO_WARNINGS=1")
	return &Server{Issuer: start(t, cmd)}
}

// Expire lets an access token of StartOIDCProvider's server expire, and only that.
func (s *Server) Expire(t testing.TB, access string) {
	t.Helper()
	resp, err := http.PostForm(s.Issuer+"/test/expire", url.Values{"token": {access}})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		t.Fatalf("the access token is unknown: %d", resp.StatusCode)
	}
}
