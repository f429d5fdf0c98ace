package oauth_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// A client with several proofs shows one at a time: what the provider refused is not
// sent along with the next.
func TestSecurity12_OneProofAtATime(t *testing.T) {
	t.Parallel()
	key := secret.Text(pkcs8PEM(t, testEC))
	first := oauth.Credentials{ClientID: clientID, ClientSecret: "refused"}
	second := oauth.Credentials{ClientID: clientID, PrivateKey: key}
	for name, tc := range map[string]struct {
		list []oauth.Credentials
		how  oauth.TokenAuth
		want [][]string // the parameters of each request, and Authorization
	}{
		"a secret, then a key": {[]oauth.Credentials{first, second}, oauth.AuthPost, [][]string{
			{"client_id", "client_secret"}, {"client_assertion", "client_assertion_type", "client_id"},
		}},
		"a key, then a secret": {[]oauth.Credentials{second, first}, oauth.AuthPost, [][]string{
			{"client_assertion", "client_assertion_type", "client_id"}, {"client_id", "client_secret"},
		}},
		"a key, then a secret in the header": {[]oauth.Credentials{second, first}, "", [][]string{
			{"client_assertion", "client_assertion_type", "client_id"}, {"Authorization"},
		}},
	} {
		s := newStrictProvider(t)
		var got [][]string
		s.checkClient = func(r *http.Request) bool {
			var names []string
			for _, name := range []string{"client_assertion", "client_assertion_type", "client_id", "client_secret"} {
				if r.PostForm.Has(name) {
					names = append(names, name)
				}
			}
			if r.Header.Get("Authorization") != "" {
				names = append(names, "Authorization")
			}
			got = append(got, names)
			return len(got) == 2
		}
		d := s.provider()
		d.TokenAuth, d.Credentials = tc.how, tc.list
		logIn(t, s, s.open(t, d))
		if !slices.EqualFunc(got, tc.want, slices.Equal) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Assertions are signed by the algorithm of the key, and are JWTs by their type.
func TestSecurity12_AssertionsOfEachKey(t *testing.T) {
	t.Parallel()
	p384, p521 := newEC(elliptic.P384()), newEC(elliptic.P521())
	for alg, key := range map[jose.SignatureAlgorithm]struct{ private, public any }{
		jose.RS256: {testRSA, &testRSA.PublicKey},
		jose.ES256: {testEC, &testEC.PublicKey},
		jose.ES384: {p384, &p384.PublicKey},
		jose.ES512: {p521, &p521.PublicKey},
	} {
		s := newStrictProvider(t)
		s.checkClient = func(r *http.Request) bool {
			sig, err := jose.ParseSignedCompact(r.PostForm.Get("client_assertion"), []jose.SignatureAlgorithm{alg})
			if err != nil {
				t.Errorf("%s: %v", alg, err)
				return false
			}
			if kind := sig.Signatures[0].Protected.ExtraHeaders["typ"]; kind != "JWT" {
				t.Errorf("%s: typ %v", alg, kind)
			}
			_, err = sig.Verify(key.public)
			return err == nil
		}
		d := s.provider()
		d.Credentials = []oauth.Credentials{{ClientID: clientID, PrivateKey: secret.Text(pkcs8PEM(t, key.private))}}
		logIn(t, s, s.open(t, d))
	}
}

// A key that cannot be used is refused when the provider is opened, also where
// discovery may not choose it, and the error says what is wrong with it.
func TestSecurity12_KeysThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"canary": "PrivateKey is not PEM",
		"-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWtleQ==\n-----END PRIVATE KEY-----\n":         "PrivateKey is no private key that can be read",
		"-----BEGIN RSA PRIVATE KEY-----\nY2FuYXJ5LWtleQ==\n-----END RSA PRIVATE KEY-----\n": "PrivateKey is no private key that can be read",
		"-----BEGIN EC PRIVATE KEY-----\nY2FuYXJ5LWtleQ==\n-----END EC PRIVATE KEY-----\n":   "PrivateKey is no private key that can be read",
		pkcs8PEM(t, p224):   "PrivateKey is of a kind that is not supported",
		pkcs8PEM(t, x25519): "PrivateKey is of a kind that is not supported",
		pkcs8PEM(t, short):  "PrivateKey is an RSA key of less than 2048 bits",
	} {
		for _, how := range []oauth.TokenAuth{"", oauth.AuthPost, oauth.AuthPrivateKeyJWT} {
			d := newStrictProvider(t).provider()
			d.TokenAuth, d.Credentials[0].PrivateKey = how, secret.Text(key)
			if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%q: got %v, want %q", how, err, want)
			}
		}
	}
	d := newStrictProvider(t).provider()
	d.TokenAuth, d.Credentials[0].PrivateKey = oauth.AuthPrivateKeyJWT, ""
	if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "PrivateKey is missing") {
		t.Errorf("no key: %v", err)
	}
}

// A hook that makes the secret may need the key in a form of its own: it is not judged
// and signs no assertion. When the hook fails, nothing is sent.
func TestSecurity12_SecretsThatAreMade(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	s.checkClient = func(r *http.Request) bool {
		return r.PostForm.Get("client_secret") == "made of the hook's own key" && !r.PostForm.Has("client_assertion")
	}
	d := s.provider()
	d.TokenAuth, d.Credentials = oauth.AuthPost, []oauth.Credentials{{ClientID: clientID, PrivateKey: "the hook's own key"}}
	var broken error
	d.MakeSecret = func(c oauth.Credentials, _ time.Time) (secret.Text, error) { return "made of " + c.PrivateKey, broken }
	c := s.open(t, d)
	g := logIn(t, s, c)
	broken = errors.New("no more")
	requests := s.tokens
	_, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	if f := failure(t, err); f.Kind != oauth.Operator || !errors.Is(f, broken) {
		t.Errorf("got %v", err)
	}
	if s.tokens != requests {
		t.Error("a request was sent without the secret")
	}
}

// PKCE may be left out where the client has another proof (RFC 9700 §2.1.1).
func TestWithoutPKCENeedsAnotherProof(t *testing.T) {
	t.Parallel()
	made := func(oauth.Credentials, time.Time) (secret.Text, error) { return "made", nil }
	key := secret.Text(pkcs8PEM(t, testEC))
	for name, tc := range map[string]struct {
		one  oauth.Credentials
		how  oauth.TokenAuth
		make func(oauth.Credentials, time.Time) (secret.Text, error)
		ok   bool
	}{
		"nothing":               {oauth.Credentials{}, "", nil, false},
		"a secret":              {oauth.Credentials{ClientSecret: "s"}, "", nil, true},
		"a secret, by post":     {oauth.Credentials{ClientSecret: "s"}, oauth.AuthPost, nil, true},
		"a secret that stays":   {oauth.Credentials{ClientSecret: "s"}, oauth.AuthNone, nil, false},
		"a key":                 {oauth.Credentials{PrivateKey: key}, "", nil, true},
		"a secret that is made": {oauth.Credentials{}, "", made, true},
		"none, by post":         {oauth.Credentials{}, oauth.AuthPost, nil, false},
	} {
		d := newStrictProvider(t).provider()
		tc.one.ClientID = clientID
		d.Credentials, d.TokenAuth, d.MakeSecret, d.WithoutPKCE = []oauth.Credentials{tc.one}, tc.how, tc.make, true
		if _, err := d.Open(oauth.Env{}); (err == nil) != tc.ok || err != nil && !strings.Contains(err.Error(), "PKCE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
