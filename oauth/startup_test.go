package oauth_test

import (
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

func pkcs8PEM(t testing.TB, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// A provider that is discovered says at once what it could say later, at the first
// log-in, as if it were the provider's fault.
func TestWhatStartUpCanTell(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*oauth.OIDC){
		"AuthParams may not set max_age":   func(p *oauth.OIDC) { p.AuthParams = url.Values{"max_age": {"0"}} },
		"TokenParams may not set code":     func(p *oauth.OIDC) { p.TokenParams = url.Values{"code": {"x"}} },
		"RefreshParams may not set scope":  func(p *oauth.OIDC) { p.RefreshParams = url.Values{"scope": {"x"}} },
		"PrivateKey is not PEM":            func(p *oauth.OIDC) { p.Credentials[0].PrivateKey = "hello" }, // discovery may choose it
		"PrivateKey is missing":            func(p *oauth.OIDC) { p.TokenAuth = oauth.AuthPrivateKeyJWT },
		"HS256, which needs a client secr": func(p *oauth.OIDC) { p.Algorithms = []string{"HS256"} },
		"making the client secret: no key": func(p *oauth.OIDC) {
			p.MakeSecret = func(oauth.Credentials, time.Time) (secret.Text, error) { return "", errors.New("no key") }
		},
		"Credentials: ClientID is missing": func(p *oauth.OIDC) { p.Credentials[0].ClientID = "" },
		"ID is missing":                    func(p *oauth.OIDC) { p.ID = "" },
		"Endpoints.Authorize is not":       func(p *oauth.OIDC) { p.Endpoints.Authorize = "/authorize" },
		"Endpoints.Token is not":           func(p *oauth.OIDC) { p.Endpoints.Token = "token" },
		"Endpoints.Revoke is not":          func(p *oauth.OIDC) { p.Endpoints.Revoke = "revoke" },
		"Endpoints.EndSession is not":      func(p *oauth.OIDC) { p.Endpoints.EndSession = "/logout" },
		"Endpoints.Keys is not":            func(p *oauth.OIDC) { p.Endpoints.Keys = "keys.test" },
		"Endpoints.UserInfo is not":        func(p *oauth.OIDC) { p.Endpoints.UserInfo = "ftp://op.test/me" },
		"Issuer":                           func(p *oauth.OIDC) { p.Issuer = "https://user:pw@op.test" },
		"ClockSkew":                        func(p *oauth.OIDC) { p.ClockSkew = time.Hour },
		"SubjectOf replaces SubjectClaim": func(p *oauth.OIDC) {
			p.SubjectClaim, p.SubjectOf = "oid", func(map[string]any) (string, error) { return "1", nil }
		},
		`SubjectClaim, "tid oid"`:   func(p *oauth.OIDC) { p.SubjectClaim = "tid oid" },
		"before /.well-known":       func(p *oauth.OIDC) { p.Issuer += "/.well-known/openid-configuration" },
		"quotes of Profile.Email":   func(p *oauth.OIDC) { p.Profile.Email = `"https://x.test/email` },
		"AssertionAudience":         func(p *oauth.OIDC) { p.AssertionAudience = "everybody" },
		"WithoutPKCE needs":         func(p *oauth.OIDC) { p.WithoutPKCE, p.TokenAuth = true, oauth.AuthNone },
		"DeadRefresh":               func(p *oauth.OIDC) { p.DeadRefresh = []oauth.Condition{"no"} },
		"APIHosts":                  func(p *oauth.OIDC) { p.APIHosts = []string{".com"} },
		"Algorithms names \"none\"": func(p *oauth.OIDC) { p.Algorithms = []string{"none"} },
	} {
		p := &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "x", Issuer: "https://op.test", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "canary"}},
		}}
		change(p)
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// The issuer is a name: what is called are the endpoints, which the document writes as
// hosts are written.
func TestIssuersInAnyScript(t *testing.T) {
	t.Parallel()
	p := providerAt("https://bücher.test")
	if _, err := p.Open(oauth.Env{}); err != nil {
		t.Error(err)
	}
}

// A hook that fails now and then fails Open: no client comes of it that cannot work.
func TestSecretsThatAreMadeNowAndThen(t *testing.T) {
	t.Parallel()
	for working := range 4 {
		p := providerAt("https://op.test")
		p.Endpoints = oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", Keys: "https://op.test/k"} // no discovery
		calls := 0
		p.MakeSecret = func(oauth.Credentials, time.Time) (secret.Text, error) {
			if calls++; calls > working {
				return "", errors.New("no key")
			}
			return "made", nil
		}
		c, err := p.Open(oauth.Env{})
		switch {
		case (err == nil) != (calls <= working):
			t.Errorf("%d calls, %d of them good: %v", calls, working, err)
		case err == nil:
			begin(t, c, oauth.Request{})
		}
	}
}

// Environment variables and JSON files hold keys with line ends in two characters.
func TestKeysWithWrittenLineEnds(t *testing.T) {
	t.Parallel()
	text := pkcs8PEM(t, newEC(elliptic.P256()))
	for name, key := range map[string]string{
		"as it is": text, "LF": strings.ReplaceAll(text, "\n", `\n`), "CR LF": strings.ReplaceAll(text, "\n", `\r\n`),
	} {
		p := &oauth.OIDC{OAuth2: oauth.OAuth2{
			ID: "x", Issuer: "https://op.test", TokenAuth: oauth.AuthPrivateKeyJWT,
			Credentials: []oauth.Credentials{{ClientID: "id", PrivateKey: secret.Text(key)}},
		}}
		if _, err := p.Open(oauth.Env{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHS256TakesASecretOf32Bytes(t *testing.T) {
	t.Parallel()
	for length, good := range map[int]bool{0: false, 31: false, 32: true} {
		p := &oauth.OIDC{
			OAuth2: oauth.OAuth2{
				ID: "x", Issuer: "https://op.test",
				Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: secret.Text(strings.Repeat("s", length))}},
			},
			Algorithms: []string{"HS256"},
		}
		if _, err := p.Open(oauth.Env{}); (err == nil) != good {
			t.Errorf("a secret of %d bytes: %v", length, err)
		}
	}
}
