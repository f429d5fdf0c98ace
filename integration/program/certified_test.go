package program_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/integration/counterparty"
)

// The program with a certified OpenID provider, by each method of client
// authentication.
func TestCertified(t *testing.T) {
	t.Parallel()
	s := serve(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	const secret = "a secret: with % and + of thirty-two characters"
	var clients []counterparty.Client
	for id, auth := range map[string]string{"basic": "client_secret_basic", "post": "client_secret_post", "key": "private_key_jwt"} {
		c := counterparty.Client{ID: id, Secret: secret, TokenAuth: auth, RedirectURIs: []string{s.url + "/callback/" + id}}
		if id == "key" {
			c.Secret, c.Algorithm = "", "ES256"
			c.Keys = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k1", Use: "sig", Algorithm: "ES256"}}}
		}
		clients = append(clients, c)
	}
	server := counterparty.StartOIDCProvider(t, clients...)
	c := s.configuration()
	c["signup"] = "auto"
	c["providers"] = settings{
		"basic": settings{"type": "oidc", "name": "Basic", "issuer": server.Issuer, "consumer_key": "basic", "consumer_secret": secret, "trust_email": true,
			"scopes": []string{"openid", "profile", "email", "offline_access"}},
		"post": settings{"type": "oidc", "name": "Post", "issuer": server.Issuer, "client_id": "post", "client_secret": secret,
			"token_auth": "post", "auth_params": settings{"prompt": "consent"}},
		"key": settings{"type": "oidc", "name": "Key", "issuer": server.Issuer, "consumer_key": "key", "token_auth": "private_key_jwt",
			"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "key_id": "k1"},
	}
	s.restart(c)
	through := func(v *visitor, path, id, login string) *reply {
		t.Helper()
		callback := s.url + "/callback/" + id
		answer := counterparty.NewBrowser(t, map[string]string{"login": login}).Authorize(t, v.begin(path), callback)
		return v.get(callback + "?" + answer.Encode())
	}
	v := s.visitor()
	through(v, "/login/basic", "basic", "jane").to(303, "/profile")
	if v.user() != "jane@example.com" {
		t.Errorf("%q is signed in", v.user())
	}
	for _, id := range []string{"post", "key"} {
		through(v, "/connect/"+id, id, "jane").to(303, "/profile")
	}
	v.get("/")
	for _, id := range []string{"basic", "post", "key"} {
		item := v.only(id)
		if item.ProviderUserID != "jane" {
			t.Errorf("%+v", item)
		}
		v.asJSON().post("/connections/"+item.ID+"/check").is(200).says(`"status":"active"`, `"full_name":"Jane Doe"`)
		through(s.visitor(), "/login/"+id, id, "jane").to(303, "/profile")
	}
	through(v, "/reconnect/basic", "basic", "jane").to(303, "/profile")
	v.flash("success: Connection to Basic renewed")
	through(v, "/reconnect/basic", "basic", "john").to(303, "/profile")
	v.flash("error: That is a different Basic account")
	v.asJSON().do("DELETE", "/connect/post").is(204)
}
