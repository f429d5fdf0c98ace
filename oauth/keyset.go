package oauth

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
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
		switch key := k.Key.(type) {
		case *rsa.PublicKey:
			if key.N.BitLen() < 2048 { // RFC 7518 §3.3
				continue
			}
		case *ecdsa.PublicKey, ed25519.PublicKey:
		default:
			continue
		}
		set = append(set, k)
	}
	return set, nil
}

// keyMembers are those that a public key consists of and is found by. What the others
// say of it (x5c, x5t, x5u, key_ops and private extensions, RFC 7517 §4) is neither
// needed nor trusted, and often odd.
var keyMembers = [...]string{"kty", "use", "kid", "alg", "crv", "n", "e", "x", "y"}

// essential returns a key with its keyMembers alone.
func essential(key json.RawMessage) json.RawMessage {
	if !isObject(key) {
		return key
	}
	kept := make(map[string]json.RawMessage, len(keyMembers))
	for _, name := range keyMembers {
		if value := child(trimLeft(key), name); value != nil {
			kept[name] = value[:valueEnd(value)]
		}
	}
	out, err := json.Marshal(kept)
	if err != nil {
		return key
	}
	return out
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
