package oauth_test

import (
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/oauth"
)

func TestSecurity16_UnknownKeyIsFetchedOnce(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	mustLogin(t, op, c)
	if n := op.count("/keys"); n != 1 {
		t.Fatalf("key set fetched %d times for the first log-in", n)
	}

	op.bend(func() {
		op.keys = func() any { return jwks(jose.JSONWebKey{Key: &otherRSA.PublicKey, KeyID: "rsa-2"}) }
		op.sign = signer(jose.RS256, otherRSA, "rsa-2", nil)
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := op.login(t, c, oauth.Request{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := op.count("/keys"); n != 2 {
		t.Errorf("key set fetched %d times after one rotation, want 2 in all", n)
	}

	op.bend(func() { op.sign = signer(jose.RS256, otherRSA, "unknown", nil) })
	for range 3 {
		_, err := op.login(t, c, oauth.Request{})
		wantKind(t, err, oauth.Invalid)
	}
	if n := op.count("/keys"); n != 2 {
		t.Errorf("unknown keys within the cool-down fetched the key set again (%d)", n)
	}
	op.bend(func() { op.now = op.now.Add(time.Minute) })
	_, err := op.login(t, c, oauth.Request{})
	wantKind(t, err, oauth.Invalid)
	if n := op.count("/keys"); n != 3 {
		t.Errorf("after the cool-down the key set was fetched %d times, want 3", n)
	}

	// A key that is known and did not sign is no reason to ask again.
	op.bend(func() {
		op.now = op.now.Add(time.Minute)
		op.sign = signer(jose.RS256, testRSA, "rsa-2", nil)
	})
	_, err = op.login(t, c, oauth.Request{})
	wantKind(t, err, oauth.Invalid)
	if n := op.count("/keys"); n != 3 {
		t.Errorf("after a forged signature the key set was fetched %d times, want 3", n)
	}
}

func TestSecurity16_OddKeysAreSkipped(t *testing.T) {
	t.Parallel()
	good := jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1"}
	encryption := jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1", Use: "enc"}
	p384 := jose.JSONWebKey{Key: &newEC(elliptic.P384()).PublicKey}
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	odd := []any{
		map[string]any{"kty": "OKP", "crv": "X448", "x": "AAAA", "kid": "rsa-1"},
		map[string]any{"kty": "EC", "crv": "secp256k1", "x": "AAAA", "y": "AAAA"},
		map[string]any{"kty": "LATTICE"},
		map[string]any{"kty": "oct", "k": "AAAA", "kid": "rsa-1"},
		map[string]any{}, 7, nil, "key",
		jose.JSONWebKey{Key: &otherRSA.PublicKey, KeyID: "old"}, p384,
	}
	for name, tt := range map[string]struct {
		keys []any
		sign func([]byte) string
		ok   bool
	}{
		"odd beside the right one":    {append(odd[:len(odd):len(odd)], good), signer(jose.RS256, testRSA, "rsa-1", nil), true},
		"no key ID, one fits":         {[]any{p384, good}, signer(jose.RS256, testRSA, "", nil), true},
		"no key ID, several fit":      {append(odd[:len(odd):len(odd)], good), signer(jose.RS256, testRSA, "", nil), true},
		"no key ID, key without name": {[]any{jose.JSONWebKey{Key: &testRSA.PublicKey}}, signer(jose.RS256, testRSA, "", nil), true},
		"no key ID, none fits":        {odd, signer(jose.RS256, testRSA, "", nil), false},
		"for encryption":              {[]any{encryption}, signer(jose.RS256, testRSA, "rsa-1", nil), false},
		"of another algorithm":        {[]any{jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1", Algorithm: "PS256"}}, signer(jose.RS256, testRSA, "rsa-1", nil), false},
		"too short":                   {[]any{jose.JSONWebKey{Key: &short.PublicKey, KeyID: "rsa-1"}}, signer(jose.RS256, short, "rsa-1", nil), false},
		"empty set":                   {[]any{}, signer(jose.RS256, testRSA, "rsa-1", nil), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.keys = func() any { return jwks(tt.keys...) }
			op.sign = tt.sign
			_, err := op.login(t, op.open(t, op.provider()), oauth.Request{})
			if tt.ok {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantKind(t, err, oauth.Invalid)
		})
	}
}
