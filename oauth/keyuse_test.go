package oauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

// A key of a name that cannot be used with the token's algorithm (RFC 7518 §3.1) is
// not its key: the provider may have put another one in its place.
func TestSecurity16_KeysAreUsedWithTheirAlgorithms(t *testing.T) {
	t.Parallel()
	ed, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, p521 := newEC(elliptic.P384()), newEC(elliptic.P521())
	for name, tt := range map[string]struct {
		before any // public
		alg    jose.SignatureAlgorithm
		after  any // private
		public any
	}{
		"RSA, then P-256":       {&testRSA.PublicKey, jose.ES256, testEC, &testEC.PublicKey},
		"P-256, then RSA":       {&testEC.PublicKey, jose.RS256, testRSA, &testRSA.PublicKey},
		"P-384, then P-256":     {&p384.PublicKey, jose.ES256, testEC, &testEC.PublicKey},
		"P-256, then P-384":     {&testEC.PublicKey, jose.ES384, p384, &p384.PublicKey},
		"P-256, then P-521":     {&testEC.PublicKey, jose.ES512, p521, &p521.PublicKey},
		"Ed25519, then P-256":   {ed, jose.ES256, testEC, &testEC.PublicKey},
		"RSA, then Ed25519":     {&testRSA.PublicKey, jose.EdDSA, edKey, ed},
		"no name":               {nil, jose.RS256, otherRSA, &otherRSA.PublicKey},
		"RSA for PS256 by name": {jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "k", Algorithm: "PS256"}, jose.RS256, testRSA, &testRSA.PublicKey},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.claims = without("at_hash")
			kid, keys := "k", []any{jose.JSONWebKey{Key: tt.before, KeyID: "k"}, jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "first"}}
			switch before := tt.before.(type) {
			case nil:
				kid, keys = "", keys[1:]
			case jose.JSONWebKey:
				keys[0] = before
			}
			op.keys = func() any { return jwks(keys...) }
			op.sign = signer(jose.RS256, testRSA, "first", nil)
			c := op.open(t, op.provider())
			mustLogin(t, op, c)
			op.bend(func() {
				op.keys = func() any { return jwks(jose.JSONWebKey{Key: tt.public, KeyID: kid}) }
				op.sign = signer(tt.alg, tt.after, kid, nil)
			})
			mustLogin(t, op, c)
			if n := op.count("/keys"); n != 2 {
				t.Errorf("the key set was fetched %d times", n)
			}
		})
	}
}

// ES384 and ES512 are of their curves: a key of a smaller one can make signatures of
// that length, too.
func TestSecurity15_CurvesBelongToAlgorithms(t *testing.T) {
	t.Parallel()
	p384 := newEC(elliptic.P384())
	sign := func(key *ecdsa.PrivateKey, size int, hash func([]byte) []byte) func([]byte) []byte {
		return func(input []byte) []byte {
			r, s, err := ecdsa.Sign(rand.Reader, key, hash(input))
			if err != nil {
				t.Error(err)
			}
			sig := make([]byte, 2*size)
			r.FillBytes(sig[:size])
			s.FillBytes(sig[size:])
			return sig
		}
	}
	sum384 := func(b []byte) []byte { sum := sha512.Sum384(b); return sum[:] }
	sum512 := func(b []byte) []byte { sum := sha512.Sum512(b); return sum[:] }
	for name, tt := range map[string]struct {
		alg  string
		key  *ecdsa.PrivateKey
		sign func([]byte) []byte
		ok   bool
	}{
		"ES384 by P-384": {"ES384", p384, sign(p384, 48, sum384), true},
		"ES384 by P-256": {"ES384", testEC, sign(testEC, 48, sum384), false},
		"ES512 by P-384": {"ES512", p384, sign(p384, 66, sum512), false},
		"ES512 by P-256": {"ES512", testEC, sign(testEC, 66, sum512), false},
	} {
		for _, kid := range []string{"k", ""} {
			op := newOpenIDProvider(t)
			op.claims = without("at_hash")
			op.keys = func() any { return jwks(jose.JSONWebKey{Key: &tt.key.PublicKey, KeyID: "k"}) }
			header := `{"alg":"` + tt.alg + `"}`
			if kid != "" {
				header = `{"alg":"` + tt.alg + `","kid":"` + kid + `"}`
			}
			op.sign = rawJWS(header, tt.sign)
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
			if tt.ok {
				if err != nil {
					t.Errorf("%s, key ID %q: %v", name, kid, err)
				}
				continue
			}
			wantKind(t, err, oauth.Invalid)
		}
	}
}

// Without the key set no log-in succeeds, and that is not the ID token's fault. It is
// not asked for again at once.
func TestSecurity16_KeySetThatCannotBeHad(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	op.fail["/keys"] = http.StatusServiceUnavailable
	for range 2 {
		_, err := op.login(t, c, oauth.Request{})
		var f *oauth.ProviderError
		if !errors.As(err, &f) || f.Kind != oauth.Transient || f.Op != "keys" || f.Status != http.StatusServiceUnavailable {
			t.Errorf("got %v", err)
		}
	}
	if n := op.count("/keys"); n != 1 {
		t.Errorf("the key set was asked for %d times", n)
	}
	// The same when it is needed anew.
	op.bend(func() { delete(op.fail, "/keys"); op.now = op.now.Add(time.Minute) })
	mustLogin(t, op, c)
	op.bend(func() {
		op.fail["/keys"] = http.StatusServiceUnavailable
		op.sign = signer(jose.RS256, otherRSA, "rsa-2", nil)
	})
	_, err := op.login(t, c, oauth.Request{})
	wantKind(t, err, oauth.Transient)

	for body, want := range map[string]string{
		"<html>":     "the key set is not JSON",
		`{"keys":1}`: "the key set is not JSON",
		`[]`:         "the key set is not JSON",
		`{}`:         "no key for the ID token's signature",
	} {
		op := newOpenIDProvider(t)
		op.keys = func() any { return body }
		_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
		wantKind(t, err, oauth.Invalid)
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Coordinates of the larger curves may have a zero too many in front, too.
func TestSecurity16_CoordinatesOfLargerCurves(t *testing.T) {
	t.Parallel()
	for curve, tt := range map[string]struct {
		key  *ecdsa.PrivateKey
		alg  jose.SignatureAlgorithm
		size int
	}{"P-384": {newEC(elliptic.P384()), jose.ES384, 48}, "P-521": {newEC(elliptic.P521()), jose.ES512, 66}} {
		long := func(n *big.Int) string {
			return base64.RawURLEncoding.EncodeToString(n.FillBytes(make([]byte, tt.size+1)))
		}
		op := newOpenIDProvider(t)
		op.claims = without("at_hash")
		op.keys = func() any {
			return jwks(map[string]any{"kty": "EC", "crv": curve, "kid": "k", "x": long(tt.key.X), "y": long(tt.key.Y)})
		}
		op.sign = signer(tt.alg, tt.key, "k", nil)
		if _, err := op.login(t, op.open(t, op.provider()), oauth.Request{}); err != nil {
			t.Errorf("%s: %v", curve, err)
		}
	}
}
