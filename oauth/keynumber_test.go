package oauth_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"net/http"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

// shortEC makes a key whose x begins with a zero byte: every 256th is one.
func shortEC() *ecdsa.PrivateKey {
	for {
		if k := newEC(elliptic.P256()); k.X.BitLen() <= 248 {
			return k
		}
	}
}

// shortEd25519 makes a key that begins with a zero byte, likewise.
func shortEd25519(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	for {
		public, private, err := ed25519.GenerateKey(nil)
		if err != nil {
			t.Fatal(err)
		}
		if public[0] == 0 {
			return private
		}
	}
}

// Servers write the numbers of good keys in other forms than RFC 7518 has: it must not
// lock everybody out.
func TestSecurity16_NumbersOfKeys(t *testing.T) {
	t.Parallel()
	n, std, raw := testRSA.N.Bytes(), base64.StdEncoding.EncodeToString, base64.RawURLEncoding.EncodeToString
	ec, ed := shortEC(), shortEd25519(t)
	x, y := ec.X.FillBytes(make([]byte, 32)), ec.Y.FillBytes(make([]byte, 32))
	for name, tt := range map[string]struct {
		key map[string]any
		ok  bool
	}{
		"RSA, base64":                   {map[string]any{"kty": "RSA", "n": std(n), "e": "AQAB"}, true},
		"RSA, padded":                   {map[string]any{"kty": "RSA", "n": base64.URLEncoding.EncodeToString(n), "e": "AQAB"}, true},
		"RSA, e padded":                 {map[string]any{"kty": "RSA", "n": raw(n), "e": "AQAB===="}, true},
		"RSA, a zero in front":          {map[string]any{"kty": "RSA", "n": raw(append([]byte{0}, n...)), "e": "AQAB"}, true},
		"RSA, members of another type":  {map[string]any{"kty": "RSA", "n": raw(n), "e": "AQAB", "crv": 5, "x": []int{}, "y": nil}, true},
		"RSA, no base64":                {map[string]any{"kty": "RSA", "n": "-----BEGIN", "e": "AQAB"}, false},
		"RSA, a remark after e":         {map[string]any{"kty": "RSA", "n": raw(n), "e": "AQAB!"}, false},
		"RSA, e a number":               {map[string]any{"kty": "RSA", "n": raw(n), "e": 65537}, false},
		"EC":                            {map[string]any{"kty": "EC", "crv": "P-256", "x": raw(x), "y": raw(y)}, true},
		"EC, base64":                    {map[string]any{"kty": "EC", "crv": "P-256", "x": std(x), "y": std(y)}, true},
		"EC, a zero too few":            {map[string]any{"kty": "EC", "crv": "P-256", "x": raw(x[1:]), "y": raw(y)}, true},
		"EC, a zero too many":           {map[string]any{"kty": "EC", "crv": "P-256", "x": raw(append([]byte{0}, x...)), "y": raw(append([]byte{0}, y...))}, true},
		"EC, too long":                  {map[string]any{"kty": "EC", "crv": "P-256", "x": raw(append([]byte{1}, x...)), "y": raw(y)}, false},
		"EC, no such curve":             {map[string]any{"kty": "EC", "crv": "P-512", "x": raw(x), "y": raw(y)}, false},
		"EC, not on the curve":          {map[string]any{"kty": "EC", "crv": "P-256", "x": raw(y), "y": raw(x)}, false},
		"EC, members of another type":   {map[string]any{"kty": "EC", "crv": "P-256", "x": raw(x), "y": raw(y), "n": 5, "e": "!"}, true},
		"Ed25519, a zero in front":      {map[string]any{"kty": "OKP", "crv": "Ed25519", "x": raw(ed.Public().(ed25519.PublicKey))}, true},
		"a type that nobody knows (x5)": {map[string]any{"kty": "LATTICE", "n": raw(n), "e": "AQAB"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			tt.key["kid"] = "k"
			op.keys = func() any { return jwks(tt.key) }
			switch tt.key["kty"] {
			case "EC":
				op.sign = signer(jose.ES256, ec, "k", nil)
			case "OKP":
				op.sign = signer(jose.EdDSA, ed, "k", nil)
				op.claims = without("at_hash") // which is of another hash
			default:
				op.sign = signer(jose.RS256, testRSA, "k", nil)
			}
			c := op.open(t, op.provider())
			if _, err := op.login(t, c, oauth.Request{}); (err == nil) != tt.ok {
				t.Error(err)
			}
			want := 0
			if tt.ok {
				want = 1
			}
			if usable, err := c.(oauth.KeyCounter).CountKeys(t.Context()); usable != want || err != nil {
				t.Errorf("%d keys, %v", usable, err)
			}
		})
	}
}

func TestSecurity16_CountedKeys(t *testing.T) {
	t.Parallel()
	rsa, ec := jose.JSONWebKey{Key: &testRSA.PublicKey}, jose.JSONWebKey{Key: &testEC.PublicKey}
	for name, tt := range map[string]struct {
		keys       []any
		algorithms []string
		count      int
	}{
		"two types":               {[]any{rsa, ec}, nil, 2},
		"one algorithm":           {[]any{rsa, ec}, []string{"ES256"}, 1},
		"none of the algorithm":   {[]any{rsa}, []string{"ES256"}, 0},
		"for encryption":          {[]any{jose.JSONWebKey{Key: &testRSA.PublicKey, Use: "enc"}, rsa}, nil, 1},
		"of an algorithm for it":  {[]any{jose.JSONWebKey{Key: &testRSA.PublicKey, Algorithm: "RSA-OAEP"}}, nil, 0},
		"odd ones":                {[]any{nil, 5, map[string]any{"kty": 5}, rsa}, nil, 1},
		"HS256 beside the others": {[]any{rsa}, []string{"HS256", "RS256"}, 1},
	} {
		op := newOpenIDProvider(t)
		op.keys = func() any { return jwks(tt.keys...) }
		p := op.provider()
		p.Algorithms, p.Credentials[0].ClientSecret = tt.algorithms, "a secret of more than thirty-two bytes"
		if n, err := op.open(t, p).(oauth.KeyCounter).CountKeys(t.Context()); n != tt.count || err != nil {
			t.Errorf("%s: %d, %v", name, n, err)
		}
	}
	op := newOpenIDProvider(t)
	p := op.provider()
	p.Algorithms, p.Credentials[0].ClientSecret = []string{"HS256"}, "a secret of more than thirty-two bytes"
	_, err := op.open(t, p).(oauth.KeyCounter).CountKeys(t.Context())
	if f := failure(t, err); f.Kind != oauth.Operator || f.ProviderID != p.ID || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("with HS256 alone: %v", err)
	}
	op = newOpenIDProvider(t)
	op.keys = func() any { return "no JSON" }
	_, err = op.open(t, op.provider()).(oauth.KeyCounter).CountKeys(t.Context())
	wantKind(t, err, oauth.Invalid)
	// Nor is there a key set where nothing is discovered.
	op = newOpenIDProvider(t)
	op.fail["/.well-known/openid-configuration"] = http.StatusInternalServerError
	_, err = op.open(t, op.provider()).(oauth.KeyCounter).CountKeys(t.Context())
	wantKind(t, err, oauth.Transient)
}
