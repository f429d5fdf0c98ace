package oauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

func TestSecurity12_ClientAuthentication(t *testing.T) {
	t.Parallel()
	t.Run("basic form-encodes both halves", func(t *testing.T) {
		t.Parallel()
		s := newStrictProvider(t) // compares with the encoded halves
		logIn(t, s, s.open(t, s.provider()))
		if id, secret, _ := s.last.BasicAuth(); id != "cli%3Aent+id" || secret != "s3cr%2Bt%2F+%25" {
			t.Errorf("got %q %q", id, secret)
		}
	})
	t.Run("post", func(t *testing.T) {
		t.Parallel()
		s := newStrictProvider(t)
		s.checkClient = func(r *http.Request) bool {
			return r.Header.Get("Authorization") == "" && r.PostForm.Get("client_id") == clientID && r.PostForm.Get("client_secret") == clientSecret
		}
		d := s.provider()
		d.TokenAuth = oauth.AuthPost
		logIn(t, s, s.open(t, d))
	})
	t.Run("public client", func(t *testing.T) {
		t.Parallel()
		s := newStrictProvider(t)
		s.checkClient = func(r *http.Request) bool {
			return r.Header.Get("Authorization") == "" && r.PostForm.Get("client_id") == clientID && !r.PostForm.Has("client_secret")
		}
		d := s.provider()
		d.Credentials[0].ClientSecret = ""
		logIn(t, s, s.open(t, d))
	})
	t.Run("secret made anew", func(t *testing.T) {
		t.Parallel()
		s := newStrictProvider(t)
		now := time.Unix(1_800_000_000, 0)
		s.checkClient = func(r *http.Request) bool { _, secret, _ := r.BasicAuth(); return secret == "made+at+1800000000" }
		d := s.provider()
		d.MakeSecret = func(c oauth.Credentials, at time.Time) (secret.Text, error) {
			if c.ClientID != clientID {
				t.Errorf("made for %+v", c)
			}
			return secret.Text(fmt.Sprint("made at ", at.Unix())), nil
		}
		c, err := d.Open(oauth.Env{HTTP: s.Client(), Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		logIn(t, s, c)
	})
	t.Run("a name of its own", func(t *testing.T) {
		t.Parallel()
		s := newStrictProvider(t)
		s.checkClient = func(r *http.Request) bool {
			return r.PostForm.Get("client_key") == clientID && !r.PostForm.Has("client_id")
		}
		d := s.provider()
		d.TokenAuth = oauth.AuthPost
		d.TokenNames = map[string]string{"client_id": "client_key"}
		logIn(t, s, s.open(t, d))
	})
}

func TestSecurity12_PrivateKeyJWT(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	pkcs8 := func(key any) secret.Text {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return secret.Text(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	sec1, _ := x509.MarshalECPrivateKey(p256)
	for name, tc := range map[string]struct {
		key    secret.Text
		public any
		alg    jose.SignatureAlgorithm
	}{
		"RSA":        {pkcs8(rsaKey), rsaKey.Public(), jose.RS256},
		"RSA PKCS 1": {secret.Text(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(rsaKey)})), rsaKey.Public(), jose.RS256},
		"P-256":      {pkcs8(p256), p256.Public(), jose.ES256},
		"SEC 1":      {secret.Text(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: sec1})), p256.Public(), jose.ES256},
		"P-384":      {pkcs8(p384), p384.Public(), jose.ES384},
		"Ed25519":    {pkcs8(ed), ed.Public(), jose.EdDSA},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictProvider(t)
			now := time.Unix(1_800_000_000, 0)
			seen := map[string]bool{}
			s.checkClient = func(r *http.Request) bool {
				form := r.PostForm
				if r.Header.Get("Authorization") != "" || form.Has("client_secret") || form.Get("client_id") != clientID ||
					form.Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
					return false
				}
				sig, err := jose.ParseSignedCompact(form.Get("client_assertion"), []jose.SignatureAlgorithm{tc.alg})
				if err != nil || sig.Signatures[0].Header.KeyID != "key-1" {
					t.Errorf("assertion: %v", err)
					return false
				}
				payload, err := sig.Verify(tc.public)
				if err != nil {
					t.Error(err)
					return false
				}
				var claims struct {
					Iss, Sub, Aud, Jti string
					Iat, Exp           int64
				}
				if err := json.Unmarshal(payload, &claims); err != nil {
					t.Error(err)
				}
				once := claims.Jti != "" && !seen[claims.Jti]
				seen[claims.Jti] = true
				return once && claims.Iss == clientID && claims.Sub == clientID && claims.Aud == s.URL+"/token" &&
					claims.Iat == now.Unix() && claims.Exp > now.Unix() && claims.Exp <= now.Add(5*time.Minute).Unix()
			}
			d := s.provider()
			d.TokenAuth, d.Credentials = oauth.AuthPrivateKeyJWT, []oauth.Credentials{{ClientID: clientID, PrivateKey: tc.key, KeyID: "key-1"}}
			c, err := d.Open(oauth.Env{HTTP: s.Client(), Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			g := logIn(t, s, c)
			if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
				t.Error(err)
			}
		})
	}
	p224, _ := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	for name, key := range map[string]secret.Text{
		"none": "", "not PEM": "canary-key", "not a key": "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWtleQ==\n-----END PRIVATE KEY-----\n", "P-224": pkcs8(p224),
	} {
		d := newStrictProvider(t).provider()
		d.TokenAuth, d.Credentials[0].PrivateKey = oauth.AuthPrivateKeyJWT, key
		if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "PrivateKey") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOAuth2OpenSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*oauth.OAuth2){
		"ID is missing":                    func(p *oauth.OAuth2) { p.ID = "" },
		"Credentials is empty":             func(p *oauth.OAuth2) { p.Credentials = nil },
		"Credentials: ClientID is missing": func(p *oauth.OAuth2) { p.Credentials[0].ClientID = "" },
		"Credentials 2: ClientID is missing": func(p *oauth.OAuth2) {
			p.Credentials = append(p.Credentials, oauth.Credentials{ClientSecret: "canary"})
		},
		"Endpoints.Authorize is missing":      func(p *oauth.OAuth2) { p.Endpoints.Authorize = "" },
		"Endpoints.Token is missing":          func(p *oauth.OAuth2) { p.Endpoints.Token = "" },
		"Endpoints.UserInfo is missing":       func(p *oauth.OAuth2) { p.Endpoints.UserInfo = "" },
		"Endpoints.Token is not":              func(p *oauth.OAuth2) { p.Endpoints.Token = "op.test/token" },
		"Endpoints.Authorize is not":          func(p *oauth.OAuth2) { p.Endpoints.Authorize = "javascript:alert(1)" },
		"Endpoints.Revoke is not":             func(p *oauth.OAuth2) { p.Endpoints.Revoke = "https://user:pw@op.test/" },
		"Profile.Subject is missing":          func(p *oauth.OAuth2) { p.Profile.Subject = "" },
		"Profile.ImageURL":                    func(p *oauth.OAuth2) { p.Profile.ImageURL = "https://x.test/{id" },
		"Profile.Subject":                     func(p *oauth.OAuth2) { p.Profile.Subject = "tid oid" },
		"TokenAuth":                           func(p *oauth.OAuth2) { p.TokenAuth = "magic" },
		"TokenParams may not set code":        func(p *oauth.OAuth2) { p.TokenParams = url.Values{"code": {"x"}} },
		"Revocation.Auth":                     func(p *oauth.OAuth2) { p.Revocation.Auth = "magic" },
		"ErrorCodes":                          func(p *oauth.OAuth2) { p.ErrorCodes = map[string]string{"mine": "yours"} },
		"Denied":                              func(p *oauth.OAuth2) { p.Denied = []oauth.Condition{"400 error=no"} },
		"Refused":                             func(p *oauth.OAuth2) { p.Refused = []oauth.Condition{"no"} },
		"DeadRefresh":                         func(p *oauth.OAuth2) { p.DeadRefresh = []oauth.Condition{"400"} },
		"Revocation.Gone":                     func(p *oauth.OAuth2) { p.Revocation.Gone = []oauth.Condition{"999"} },
		"Revocation.Gone: the condition \"\"": func(p *oauth.OAuth2) { p.Revocation.Gone = []oauth.Condition{""} },
		"Endpoints.UserInfo: ":                func(p *oauth.OAuth2) { p.Endpoints.UserInfo = "https://api.g\u0130thub.test/me" },
		"Endpoints.Emails: ":                  func(p *oauth.OAuth2) { p.Endpoints.Emails = "https://api.g\u0130thub.test/me" },
		"Endpoints.API: ":                     func(p *oauth.OAuth2) { p.Endpoints.API = "https://api.g\u0130thub.test/" },
		"Revocation.Only":                     func(p *oauth.OAuth2) { p.Revocation.Only = "id_token" },
		"Revocation.SecretScheme":             func(p *oauth.OAuth2) { p.Revocation.SecretScheme, p.Revocation.Bearer = "Client", true },
		"APIHosts":                            func(p *oauth.OAuth2) { p.APIHosts = []string{".com"} },
	} {
		p := &oauth.OAuth2{
			ID: "x", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "canary"}},
			Endpoints: oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", UserInfo: "https://op.test/u"},
			Profile:   oauth.Mapping{Subject: "id"},
		}
		if _, err := p.Open(oauth.Env{}); err != nil {
			t.Fatal(err)
		}
		change(p)
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}
