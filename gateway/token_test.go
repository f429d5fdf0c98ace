package gateway_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/gateway"
)

func credentials(id, text string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {text}}
}

func TestClientCredentials(t *testing.T) {
	t.Parallel()
	s := open(t)
	id, text := s.client("tenant:* provider:acme token connections:read")
	a := s.post(credentials(id, text.Reveal()))
	a.want(t, 200, "")
	if a.body["token_type"] != "Bearer" || a.body["expires_in"] != 600.0 || a.body["scope"] != "connections:read provider:acme tenant:* token" {
		t.Errorf("got %s", a.raw)
	}
	basic := func(id, text string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(text)) }
	}
	only := url.Values{"grant_type": {"client_credentials"}}
	s.post(only, basic(id, text.Reveal())).want(t, 200, "")
	wrong := s.post(only, basic(id, "wrong"))
	wrong.want(t, 401, "invalid_client")
	if !strings.HasPrefix(wrong.header.Get("WWW-Authenticate"), "Basic") {
		t.Errorf("WWW-Authenticate is %q", wrong.header.Get("WWW-Authenticate"))
	}
	for what, form := range map[string]url.Values{
		"no client":         only,
		"a wrong secret":    credentials(id, "wrong"),
		"no secret":         {"grant_type": {"client_credentials"}, "client_id": {id}},
		"an empty secret":   credentials(id, ""),
		"another client":    credentials("client_0", text.Reveal()),
		"a long client":     credentials(strings.Repeat("x", 300), text.Reveal()),
		"the hash":          credentials(id, "sha256"),
		"a client's prefix": credentials(id[:len(id)-1], text.Reveal()),
	} {
		a := s.post(form)
		if a.want(t, 401, "invalid_client"); t.Failed() {
			t.Fatal(what)
		}
	}
	s.post(credentials(id, text.Reveal()), basic(id, text.Reveal())).want(t, 400, "invalid_request")
	s.post(url.Values{"grant_type": {"client_credentials"}, "client_id": {"other"}}, basic(id, text.Reveal())).want(t, 401, "invalid_client")

	form := credentials(id, text.Reveal())
	form.Set("grant_type", "password")
	s.post(form).want(t, 400, "unsupported_grant_type")
	form.Del("grant_type")
	s.post(form).want(t, 400, "invalid_request")
	form["client_id"] = []string{id, id}
	s.post(form).want(t, 400, "invalid_request")
	s.post(credentials(id, text.Reveal()), func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }).want(t, 400, "invalid_request")

	refused := recorded[gateway.TokenRefused](s)
	if len(refused) != 15 || refused[0] != (gateway.TokenRefused{ClientID: id, Code: "invalid_client"}) {
		t.Errorf("%d refusals, the first %+v", len(refused), refused[0])
	}
	if strings.Contains(s.logged(), text.Reveal()) {
		t.Error("the log has the secret")
	}
}

// Scopes can be narrowed, and never widened.
func TestNarrowedScopes(t *testing.T) {
	t.Parallel()
	s := open(t)
	id, text := s.client("tenant:* provider:* connections:read token")
	for scope, want := range map[string]string{
		"tenant:acme connections:read": "connections:read tenant:acme",
		"token":                        "token",
		"proxy":                        "",
		"":                             "",
		"nonsense":                     "",
		"tenant:acme admin":            "",
	} {
		form := credentials(id, text.Reveal())
		form.Set("scope", scope)
		a := s.post(form)
		if want == "" {
			a.want(t, 400, "invalid_scope")
		} else if a.want(t, 200, ""); a.text("scope") != want {
			t.Errorf("%q gives %q", scope, a.text("scope"))
		}
	}
	form := credentials(id, text.Reveal())
	form.Set("scope", "token")
	s.call("GET", "/v1/connections", s.post(form).text("access_token")).want(t, 403, "missing_power")
}

// A token ends after ten minutes, with its client, and where it was changed; it does no
// more than its client may by now.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	token := s.bearer("tenant:* provider:* connections:read")
	s.call("GET", "/v1/connections", token).want(t, 200, "")
	for what, bad := range map[string]string{"none": "", "cut": token[:len(token)-1], "another prefix": "xat_" + token[4:], "longer": token + "A",
		"changed": token[:len(token)-8] + "AAAAAAAA", "huge": "gat_" + strings.Repeat("A", 20<<10)} {
		a := s.call("GET", "/v1/connections", bad)
		if a.want(t, 401, "invalid_token"); !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: WWW-Authenticate is %q", what, a.header.Get("WWW-Authenticate"))
		}
	}
	s.later(10*time.Minute - time.Second)
	s.call("GET", "/v1/connections", token).want(t, 200, "")
	s.later(time.Second)
	s.call("GET", "/v1/connections", token).want(t, 401, "invalid_token")

	id, text := s.client("tenant:* provider:* connections:read token")
	token = s.post(credentials(id, text.Reveal())).text("access_token")
	s.call("GET", "/v1/connections", token).want(t, 200, "")
	_, err := s.UpdateClient(ctx, id, func(c *gateway.Client) error {
		c.Scopes = parse(t, "tenant:* provider:* token")
		return nil
	})
	must(t, err)
	s.call("GET", "/v1/connections", token).want(t, 403, "missing_power")
	must(t, s.DeleteClient(ctx, id))
	s.call("GET", "/v1/connections", token).want(t, 401, "invalid_token")
	s.post(credentials(id, text.Reveal())).want(t, 401, "invalid_client")
}

// Another process changes a client: that takes hold within five seconds.
func TestChangesElsewhereTakeHold(t *testing.T) {
	t.Parallel()
	s := open(t)
	token := s.bearer("tenant:* provider:* connections:read")
	s.call("GET", "/v1/connections", token).want(t, 200, "")
	clients, err := s.Clients(t.Context(), "", 10)
	must(t, err)
	must(t, s.docs.DeleteDocument(t.Context(), "gateway_client", clients[0].ID))
	s.later(5 * time.Second)
	s.call("GET", "/v1/connections", token).want(t, 401, "invalid_token")
}

func TestTwoSecrets(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	id, first := s.client("token")
	second, err := s.AddSecret(ctx, id)
	must(t, err)
	good := func(text string) bool { return s.post(credentials(id, text)).status == 200 }
	if !good(first.Reveal()) || !good(second.Reveal()) {
		t.Error("both secrets are not good")
	}
	third, err := s.AddSecret(ctx, id)
	must(t, err)
	if good(first.Reveal()) || !good(second.Reveal()) || !good(third.Reveal()) {
		t.Error("the newest two secrets are not the good ones")
	}
	must(t, s.RetireSecret(ctx, id))
	if good(second.Reveal()) || !good(third.Reveal()) {
		t.Error("an old secret is good")
	}
	var kinds []string
	for _, e := range recorded[gateway.ClientChanged](s) {
		kinds = append(kinds, e.Change)
	}
	if got := strings.Join(kinds, " "); got != "created secret_added secret_added secret_retired" {
		t.Errorf("recorded %s", got)
	}
}

// signer signs assertions of a client.
type signer struct {
	id  string
	key *ecdsa.PrivateKey
}

func newSigner(t *testing.T, s *site, scopes string) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	c, text, err := s.CreateClient(t.Context(), gateway.Client{Name: "Signer", Scopes: parse(t, scopes), Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1"}}})
	must(t, err)
	if text != "" {
		t.Error("a client with keys got a secret")
	}
	return signer{c.ID, key}
}

func (g signer) sign(t *testing.T, s *site, change func(claims map[string]any)) string {
	t.Helper()
	now := s.now()
	claims := map[string]any{"iss": g.id, "sub": g.id, "aud": gatewayURL + "/oauth/token", "exp": now.Add(time.Minute).Unix(), "iat": now.Unix(), "jti": rand.Text()}
	change(claims)
	return signWith(t, jose.SigningKey{Algorithm: jose.ES256, Key: g.key}, "k1", claims)
}

func signWith(t *testing.T, key jose.SigningKey, id string, claims map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if id != "" {
		options = options.WithHeader("kid", id)
	}
	with, err := jose.NewSigner(key, options)
	must(t, err)
	payload, err := json.Marshal(claims)
	must(t, err)
	signed, err := with.Sign(payload)
	must(t, err)
	text, err := signed.CompactSerialize()
	must(t, err)
	return text
}

func assertion(text string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_assertion": {text},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}}
}

func TestPrivateKeyJWT(t *testing.T) {
	t.Parallel()
	s := open(t)
	g := newSigner(t, s, "token")
	same := func(map[string]any) {}
	text := g.sign(t, s, same)
	s.post(assertion(text)).want(t, 200, "")
	s.post(assertion(text)).want(t, 401, "invalid_client") // used
	for _, aud := range []any{gatewayURL, gatewayURL + "/", []string{"x", gatewayURL}} {
		s.post(assertion(g.sign(t, s, func(c map[string]any) { c["aud"] = aud }))).want(t, 200, "")
	}
	other := newSigner(t, s, "token")
	for what, change := range map[string]func(c map[string]any){
		"another audience":        func(c map[string]any) { c["aud"] = "https://other.example" },
		"no audience":             func(c map[string]any) { delete(c, "aud") },
		"another subject":         func(c map[string]any) { c["sub"] = other.id },
		"no subject":              func(c map[string]any) { delete(c, "sub") },
		"another client's issuer": func(c map[string]any) { c["iss"], c["sub"] = other.id, other.id },
		"no issuer":               func(c map[string]any) { delete(c, "iss") },
		"expired":                 func(c map[string]any) { c["exp"] = s.now().Add(-time.Minute).Unix() },
		"no expiry":               func(c map[string]any) { delete(c, "exp") },
		"good for too long":       func(c map[string]any) { c["exp"] = s.now().Add(time.Hour).Unix() },
		"not yet":                 func(c map[string]any) { c["nbf"] = s.now().Add(time.Minute).Unix() },
		"issued later":            func(c map[string]any) { c["iat"] = s.now().Add(time.Minute).Unix() },
		"no jti":                  func(c map[string]any) { delete(c, "jti") },
		"an odd expiry":           func(c map[string]any) { c["exp"] = -1 },
	} {
		t.Run(what, func(t *testing.T) { s.post(assertion(g.sign(t, s, change))).want(t, 401, "invalid_client") })
	}
	claims := map[string]any{"iss": g.id, "sub": g.id, "aud": gatewayURL, "exp": s.now().Add(time.Minute).Unix(), "jti": "x"}
	for what, bad := range map[string]string{
		"a shared secret":      signWith(t, jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.Repeat("k", 32))}, "k1", claims),
		"another key":          signWith(t, jose.SigningKey{Algorithm: jose.ES256, Key: other.key}, "k1", claims),
		"another key, its own": signWith(t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: other.key, KeyID: "k1"}}, "", claims),
		"another key's name":   signWith(t, jose.SigningKey{Algorithm: jose.ES256, Key: g.key}, "k2", claims),
		"none":                 "eyJhbGciOiJub25lIn0.e30.",
		"nothing":              "",
		"too long":             strings.Repeat("x", 20<<10),
	} {
		a := s.post(assertion(bad))
		if a.status != 401 {
			t.Errorf("%s: %d %s", what, a.status, a.raw)
		}
	}
	// A key in the header of an assertion is no key of the client.
	with, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: other.key}, &jose.SignerOptions{EmbedJWK: true})
	must(t, err)
	payload, err := json.Marshal(claims)
	must(t, err)
	signed, err := with.Sign(payload)
	must(t, err)
	embedded, err := signed.CompactSerialize()
	must(t, err)
	s.post(assertion(embedded)).want(t, 401, "invalid_client")

	form := assertion(g.sign(t, s, same))
	form.Set("client_assertion_type", "other")
	s.post(form).want(t, 400, "invalid_request")
	form = assertion(g.sign(t, s, same))
	form.Set("client_id", other.id)
	s.post(form).want(t, 401, "invalid_client")
	form = assertion(g.sign(t, s, same))
	form.Set("client_secret", "x")
	s.post(form).want(t, 400, "invalid_request")
	// A client that has keys has no secret, not even an empty one.
	s.post(credentials(g.id, "")).want(t, 401, "invalid_client")
	// Of 20 parallel uses of an assertion one succeeds.
	text = g.sign(t, s, same)
	results := make(chan int, 20)
	for range 20 {
		go func() { results <- s.post(assertion(text)).status }()
	}
	good := 0
	for range 20 {
		if <-results == 200 {
			good++
		}
	}
	if good != 1 {
		t.Errorf("%d uses of an assertion succeeded", good)
	}
}

func TestClientsAreChecked(t *testing.T) {
	t.Parallel()
	s := open(t)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	for what, c := range map[string]gateway.Client{
		"no name":       {Name: "  "},
		"a long name":   {Name: strings.Repeat("ä", 101)},
		"an odd name":   {Name: "a\x1b[31m"},
		"no UTF-8":      {Name: "a\xff"},
		"a private key": {Name: "x", Keys: []jose.JSONWebKey{{Key: private}}},
		"no key":        {Name: "x", Keys: []jose.JSONWebKey{{}}},
		"many keys":     {Name: "x", Keys: make([]jose.JSONWebKey, 11)},
		"an odd scope":  {Name: "x", Scopes: gateway.Scopes{"everything"}},
	} {
		if _, _, err := s.CreateClient(t.Context(), c); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if _, err := s.Client(t.Context(), "client_1"); err != gateway.ErrNoClient {
		t.Errorf("got %v", err)
	}
	if err := s.DeleteClient(t.Context(), "client_1"); err != gateway.ErrNoClient {
		t.Errorf("got %v", err)
	}
	if _, err := s.AddSecret(t.Context(), "client_1"); err != gateway.ErrNoClient {
		t.Errorf("got %v", err)
	}
}
