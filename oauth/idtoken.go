package oauth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gosocial/social/secret"

	"github.com/go-jose/go-jose/v4"
)

// defaultAlgorithms are those whose key is public. With HS256 the client secret is
// the key, which an application has to allow by name.
var defaultAlgorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.PS256, jose.ES256,
	jose.RS384, jose.PS384, jose.ES384,
	jose.RS512, jose.PS512, jose.ES512,
	jose.EdDSA,
}

// algorithms turns the names that an application allows into go-jose's. Those that
// must never be allowed are an error.
func algorithms(names []string) ([]jose.SignatureAlgorithm, error) {
	if names == nil {
		return defaultAlgorithms, nil
	}
	if len(names) == 0 {
		return nil, errors.New("the list Algorithms is empty")
	}
	algs := make([]jose.SignatureAlgorithm, len(names))
	for i, name := range names {
		algs[i] = jose.SignatureAlgorithm(name)
		if algs[i] != jose.HS256 && !slices.Contains(defaultAlgorithms, algs[i]) {
			return nil, fmt.Errorf("the list Algorithms names %q, which is not supported", name)
		}
	}
	return algs, nil
}

// maxJWS limits what is parsed before it is verified.
const maxJWS = 64 << 10

var errTooLong = errors.New("the token is longer than 64 KiB")

// verifyToken checks the signature of an ID or logout token and parses its claims.
// It does not check them. The client's secrets are the keys for HS256.
func (c *oidcClient) verifyToken(ctx context.Context, s *resolved, raw secret.Text, client *registration[clientAuth]) (*claims, string, error) {
	if len(raw) > maxJWS {
		return nil, "", errTooLong
	}
	sig, err := jose.ParseSignedCompact(raw.Reveal(), c.algs)
	if err != nil {
		// The cause may quote the token.
		return nil, "", errors.New("the token is not a JWS with an allowed algorithm")
	}
	head := sig.Signatures[0].Protected
	if len(head.ExtraHeaders) > 0 && (head.ExtraHeaders["crit"] != nil || head.ExtraHeaders["b64"] != nil) {
		return nil, "", errors.New("the token's header names an extension that is not supported")
	}
	var payload []byte
	if head.Algorithm == string(jose.HS256) {
		payload, err = verifyHMAC(sig, client)
	} else {
		payload, err = c.verifySignature(ctx, s.keys, sig)
	}
	if err != nil {
		return nil, "", err
	}
	cl, err := parseClaims(payload)
	return cl, head.Algorithm, err
}

// minHMACKey is the length of a client secret that can be a key for HS256 (RFC 7518
// §3.2).
const minHMACKey = 32

// verifyHMAC checks a signature whose key is a client secret (OpenID Connect Core
// §10.1).
func verifyHMAC(sig *jose.JSONWebSignature, client *registration[clientAuth]) ([]byte, error) {
	for i := range client.proofs {
		if payload, err := sig.Verify([]byte(client.proofs[i].ClientSecret.Reveal())); err == nil {
			return payload, nil
		}
	}
	return nil, errSignature
}

// peekClaims reads the claims of an ID token without checking its signature, because
// it was checked before.
func peekClaims(raw secret.Text) (*claims, error) {
	payload, err := peekPayload(raw)
	if err != nil {
		return nil, err
	}
	return parseClaims(payload)
}

// peekPayload returns the payload of an ID token without checking its signature.
func peekPayload(raw secret.Text) ([]byte, error) {
	if len(raw) > maxJWS {
		return nil, errTooLong
	}
	parts := strings.Split(raw.Reveal(), ".")
	if len(parts) != 3 {
		return nil, errors.New("the ID token is not a JWS")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return nil, errors.New("the ID token is not base64url")
	}
	return payload, nil
}

// checkAccess compares at_hash, when the ID token has it, with the access token of
// the same answer, when there is one (OpenID Connect Core §3.1.3.6).
func (c *claims) checkAccess(alg string, access secret.Text) error {
	if c.AtHash == "" || access == "" {
		return nil
	}
	var sum []byte
	switch {
	case strings.HasSuffix(alg, "256"):
		h := sha256.Sum256([]byte(access))
		sum = h[:]
	case strings.HasSuffix(alg, "384"):
		h := sha512.Sum384([]byte(access))
		sum = h[:]
	default:
		h := sha512.Sum512([]byte(access))
		sum = h[:]
	}
	want := base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	if subtle.ConstantTimeCompare([]byte(want), []byte(c.AtHash)) != 1 {
		return errors.New("at_hash is not the access token's")
	}
	return nil
}

// isObject reports whether JSON text is an object.
func isObject(b []byte) bool {
	b = bytes.TrimLeft(b, " \t\r\n")
	return len(b) > 0 && b[0] == '{'
}
