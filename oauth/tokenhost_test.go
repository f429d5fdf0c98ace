package oauth_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// hostOfTheCallback exchanges codes where the callback says.
func hostOfTheCallback(p *oauth.OAuth2) {
	p.Endpoints.Token, p.Endpoints.UserInfo, p.APIHosts = "https://{callback:host}/token", "https://{callback:host}/me", []string{".own.test"}
	p.Further = []oauth.FurtherCall{{Name: "more", Address: "https://{callback:host}/more/{id}"}}
}

func TestTokenEndpointOfTheCallback(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"POST https://eu.own.test/token": `{"access_token":"at","refresh_token":"rt"}`, "GET https://eu.own.test/me": `{"id":1}`, "GET https://eu.own.test/more/1": `{}`,
	}
	c, s := departing(t, hostOfTheCallback, answers)
	g, _, err := logsIn(t, c, url.Values{"host": {"eu.own.test"}})
	if err != nil {
		t.Fatal(err)
	}
	// The refresh token goes to the host that gave it, and stays with it.
	token := &g.Token
	for range 2 {
		if token, err = c.(oauth.Refresher).Refresh(t.Context(), *token); err != nil {
			t.Fatal(err)
		}
		if at := s.seen[len(s.seen)-1].at; at != "POST https://eu.own.test/token" {
			t.Errorf("refreshed by %s", at)
		}
	}
	sent := len(s.seen)
	var f *oauth.ProviderError
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "rt"}); !errors.As(err, &f) || f.Kind != oauth.Invalid || f.Op != "refresh" || len(s.seen) != sent {
		t.Errorf("a token of which no host is known: %v", err)
	}
	// Assertions are for the endpoint that is called.
	c, s = departing(t, func(p *oauth.OAuth2) {
		hostOfTheCallback(p)
		p.Credentials, p.TokenAuth = []oauth.Credentials{{ClientID: "key", PrivateKey: secret.Text(pkcs8PEM(t, testRSA))}}, oauth.AuthPrivateKeyJWT
	}, answers)
	if _, _, err := logsIn(t, c, url.Values{"host": {"eu.own.test"}}); err != nil {
		t.Fatal(err)
	}
	form, _ := url.ParseQuery(s.seen[0].body)
	_, payload, _ := strings.Cut(form.Get("client_assertion"), ".")
	payload, _, _ = strings.Cut(payload, ".")
	if claims, _ := base64.RawURLEncoding.DecodeString(payload); !strings.Contains(string(claims), `"aud":"https://eu.own.test/token"`) {
		t.Errorf("the assertion says %s", claims)
	}
	// Where refresh tokens have an address of their own, none of the callback is needed.
	c, s = departing(t, func(p *oauth.OAuth2) {
		hostOfTheCallback(p)
		p.Endpoints.Refresh = "https://own.test/refresh"
	}, map[string]string{"POST https://own.test/refresh": `{"access_token":"at"}`})
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "rt"}); err != nil || len(s.seen) != 1 {
		t.Errorf("refreshed elsewhere: %v", err)
	}
}

// Neither the code nor the client's secret goes to a host that the entry does not name.
func TestSecurity11_TokenEndpointOfTheCallbackIsTheProviders(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		endpoint string
		callback []string
	}{
		"missing":            {"https://{callback:host}/token", nil},
		"empty":              {"https://{callback:host}/token", []string{""}},
		"twice":              {"https://{callback:host}/token", []string{"eu.own.test", "us.own.test"}},
		"foreign":            {"https://{callback:host}/token", []string{"evil.test"}},
		"with a path":        {"https://{callback:host}/token", []string{"evil.test/.own.test"}},
		"with a user":        {"https://{callback:host}/token", []string{"eu.own.test@evil.test"}},
		"with a port":        {"https://{callback:host}/token", []string{"eu.own.test:8443"}},
		"look-alike":         {"https://{callback:host}/token", []string{"evilown.test"}},
		"a label with more":  {"https://{callback:host}.own.test/token", []string{"evil.test/x"}},
		"a label, query":     {"https://{callback:host}.own.test/token", []string{"evil.test?"}},
		"capitals":           {"https://{callback:host}/token", []string{"EU.own.test"}},
		"http":               {"http://{callback:host}/token", []string{"eu.own.test"}},
		"a base by http":     {"{callback:host}/token", []string{"http://eu.own.test"}},
		"a foreign base":     {"{callback:host}/token", []string{"https://evil.test"}},
		"a base with a path": {"{callback:host}/token", []string{"https://eu.own.test/else"}},
		"a base and a slash": {"{callback:host}/token", []string{"https://eu.own.test/"}},
		"a base in capitals": {"{callback:host}/token", []string{"https://EU.own.test"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := departing(t, func(p *oauth.OAuth2) { hostOfTheCallback(p); p.Endpoints.Token = tt.endpoint }, nil)
			_, _, err := logsIn(t, c, url.Values{"host": tt.callback})
			var refused *oauth.CallbackError
			if !errors.As(err, &refused) || len(s.seen) != 0 {
				t.Errorf("%v, and %d requests", err, len(s.seen))
			}
			for _, value := range tt.callback {
				if value != "" && strings.Contains(err.Error(), value) {
					t.Errorf("%v quotes the callback", err)
				}
			}
		})
	}
	bad := &oauth.OAuth2{
		ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}}, Profile: oauth.Mapping{Subject: "id"}, TokenParams: url.Values{"a": {"{token:host}"}},
		Endpoints: oauth.Endpoints{Authorize: "https://own.test/a", Token: "https://own.test/t", UserInfo: "https://own.test/me"},
	}
	if _, err := bad.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "a of TokenParams cannot have {token:NAME}") {
		t.Errorf("a parameter of the token: %v", err)
	}
	for endpoint, want := range map[string]string{
		"https://{token:host}/t": "there is no token yet", "https://x.test/{other}": "has braces that are not", "ftp://{callback:host}/t": "is not an http(s) address",
	} {
		p := &oauth.OAuth2{
			ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}}, Profile: oauth.Mapping{Subject: "id"},
			Endpoints: oauth.Endpoints{Authorize: "https://own.test/a", Token: endpoint, UserInfo: "https://own.test/me"},
		}
		if _, err := p.Open(oauth.Env{HTTP: http.DefaultClient}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
