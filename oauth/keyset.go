package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// A keySet is the document at jwks_uri: the public keys that may have signed an
// ID token.
type keySet []jose.JSONWebKey

// parseKeySet reads a key set (RFC 7517 §5). Keys of a type, curve or use that
// cannot sign an ID token are skipped, and so are broken ones: one odd key must
// not stop all log-ins.
func parseKeySet(body []byte) (keySet, error) {
	var doc struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, errors.New("the key set is not JSON")
	}
	set := make(keySet, 0, len(doc.Keys))
	for _, raw := range doc.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(essential(raw)) != nil || k.Use != "" && k.Use != "sig" {
			continue
		}
		if key, ok := k.Key.(*rsa.PublicKey); ok && key.N.BitLen() < minRSA {
			continue
		}
		set = append(set, k)
	}
	return set, nil
}

// minRSA is the least size of an RSA key, in bits (RFC 7518 §3.3).
const minRSA = 2048

// keyMembers are those that a key is found by, and by its type those that it consists
// of. What the others say of it (x5c, x5t, x5u, key_ops and private extensions, RFC 7517
// §4) is neither needed nor trusted, and often odd.
var keyMembers = map[string][]string{
	"":    {"kty", "use", "kid", "alg"},
	"RSA": {"n", "e"},
	"EC":  {"crv", "x", "y"},
	"OKP": {"crv", "x"},
}

// coordinateSizes are the bytes of a coordinate by curve (RFC 7518 §6.2.1.2).
var coordinateSizes = map[string]int{"P-256": 32, "P-384": 48, "P-521": 66}

// essential returns a key with its keyMembers alone, its numbers in the form of the
// standard.
func essential(key json.RawMessage) json.RawMessage {
	kept := map[string]json.RawMessage{}
	for _, group := range [...]string{"", plainText(at(key, "kty"))} {
		for _, name := range keyMembers[group] {
			kept[name] = at(key, name)
		}
	}
	size := coordinateSizes[plainText(kept["crv"])]
	for _, name := range [...]string{"n", "e", "x", "y"} {
		if value := kept[name]; len(value) > 0 && value[0] == '"' {
			kept[name] = number(value, size)
		}
	}
	out, _ := json.Marshal(kept) // as valid as the document
	return out
}

// number returns a number of a key as RFC 7518 §2 and §6.2.1.2 have it: base64url without
// padding, and of size bytes unless size is 0. Servers write base64, padding, and
// coordinates of an elliptic curve with a zero too many or too few in front.
func number(value []byte, size int) json.RawMessage {
	text := strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(unquote(value)), "=")
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return value
	}
	for size > 0 && len(bytes) > size && bytes[0] == 0 {
		bytes = bytes[1:]
	}
	for len(bytes) < size {
		bytes = append([]byte{0}, bytes...)
	}
	return json.RawMessage(`"` + base64.RawURLEncoding.EncodeToString(bytes) + `"`)
}

// errNoKey: the key set has no key for the signature.
var errNoKey = errors.New("the provider's key set has no key for the ID token's signature")

// errSignature: the key for it did not make the signature.
var errSignature = errors.New("the ID token's signature does not verify")

// verify returns the payload of a signature made by one of the keys: with a key
// ID by one of that name, else by any that can be used with the algorithm.
func (s keySet) verify(sig *jose.JSONWebSignature) ([]byte, error) {
	head := sig.Signatures[0].Header
	tried := false
	for i := range s {
		k := &s[i]
		if head.KeyID != "" && k.KeyID != head.KeyID || !usable(k, head.Algorithm) {
			continue
		}
		// The bare key: a JSONWebKey would be matched by its name again.
		if payload, err := sig.Verify(k.Key); err == nil {
			return payload, nil
		}
		tried = true
	}
	if tried && head.KeyID != "" {
		return nil, errSignature
	}
	return nil, errNoKey
}

// usable reports whether the key may be used with the algorithm (RFC 7518 §3.1).
func usable(k *jose.JSONWebKey, alg string) bool {
	if k.Algorithm != "" && k.Algorithm != alg {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(alg, "RS") || strings.HasPrefix(alg, "PS")
	case *ecdsa.PublicKey:
		switch alg {
		case "ES256":
			return key.Curve == elliptic.P256()
		case "ES384":
			return key.Curve == elliptic.P384()
		case "ES512":
			return key.Curve == elliptic.P521()
		}
	case ed25519.PublicKey:
		return alg == "EdDSA"
	}
	return false
}

// verifySignature checks a signature against the key set and, when that has no key
// for it, against a new one: the provider may have rotated its keys.
func (c *oidcClient) verifySignature(ctx context.Context, keys *cached[keySet], sig *jose.JSONWebSignature) ([]byte, error) {
	set, err := keys.get(ctx)
	if err != nil {
		return nil, err
	}
	payload, err := set.verify(sig)
	if !errors.Is(err, errNoKey) {
		return payload, err
	}
	if set, err = keys.force(ctx); err != nil {
		return nil, err
	}
	return set.verify(sig)
}

// A KeyCounter is a Client that verifies ID tokens.
type KeyCounter interface {
	// CountKeys loads the provider's key set anew and returns how many of its keys can
	// verify an ID token. Without algorithms that need the key set the error wraps
	// errors.ErrUnsupported; else it is a *ProviderError.
	CountKeys(context.Context) (int, error)
}

// CountKeys implements KeyCounter.
func (c *oidcClient) CountKeys(ctx context.Context) (int, error) {
	if !c.publicKeys {
		return 0, &ProviderError{Kind: Operator, ProviderID: c.p.ID, Op: opKeys, Err: errors.ErrUnsupported}
	}
	s, err := c.resolve(ctx)
	if err != nil {
		return 0, err
	}
	set, err := s.keys.force(ctx)
	if err != nil {
		return 0, c.failure(opKeys, err)
	}
	count := 0
	for i := range set {
		if slices.ContainsFunc(c.algs, func(alg jose.SignatureAlgorithm) bool { return usable(&set[i], string(alg)) }) {
			count++
		}
	}
	return count, nil
}
