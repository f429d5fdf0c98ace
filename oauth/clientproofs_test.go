package oauth_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"slices"
	"testing"

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
		want [][]string // the parameters of each request, and Authorization
	}{
		"a secret, then a key": {[]oauth.Credentials{first, second}, [][]string{
			{"client_id", "client_secret"}, {"client_assertion", "client_assertion_type", "client_id"},
		}},
		"a key, then a secret": {[]oauth.Credentials{second, first}, [][]string{
			{"client_assertion", "client_assertion_type", "client_id"}, {"client_id", "client_secret"},
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
		d.TokenAuth, d.Credentials = oauth.AuthPost, tc.list
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

	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]any{"P-224": p224, "X25519": x25519} {
		d := newStrictProvider(t).provider()
		d.Credentials = []oauth.Credentials{{ClientID: clientID, PrivateKey: secret.Text(pkcs8PEM(t, key))}}
		if _, err := d.Open(oauth.Env{}); err == nil {
			t.Errorf("a key of %s is taken", name)
		}
	}
}
