package oauth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gosocial/social/internal/pemkey"
	"github.com/gosocial/social/secret"

	"github.com/go-jose/go-jose/v4"
)

// TokenAuth is how a client proves itself at the token endpoint.
type TokenAuth string

// The ways of client authentication (RFC 6749 §2.3.1, RFC 7523 §2.2).
const (
	AuthBasic         TokenAuth = "basic" // both halves form-encoded
	AuthPost          TokenAuth = "post"
	AuthPrivateKeyJWT TokenAuth = "private_key_jwt"
	AuthNone          TokenAuth = "none" // of a public client: client_id alone
)

// AssertionAudience says for whom the assertions of AuthPrivateKeyJWT are (RFC 7523 §3).
type AssertionAudience string

// The audiences of an assertion.
const (
	AudienceToken    AssertionAudience = "token"    // the token endpoint, also for revocation
	AudienceIssuer   AssertionAudience = "issuer"   // the issuer, as FAPI 2 wants it
	AudienceEndpoint AssertionAudience = "endpoint" // the very address that is called
)

// A clientAuth proves the client's identity at the token and revocation
// endpoint with one secret or key.
type clientAuth struct {
	Credentials
	how    TokenAuth
	make   func(Credentials, time.Time) (secret.Text, error)
	signer jose.Signer
	// audience of assertions, "" for the address that is called.
	audience string
}

func (p *OAuth2) clientAuth(c Credentials) (clientAuth, error) {
	a := clientAuth{Credentials: c, how: p.TokenAuth, make: p.MakeSecret}
	if c.PrivateKey != "" && c.ClientSecret == "" && a.make == nil {
		a.how = AuthPrivateKeyJWT
	}
	switch a.how {
	case "", AuthBasic, AuthPost, AuthPrivateKeyJWT, AuthNone:
	default:
		return a, fmt.Errorf("TokenAuth %q is not known", string(a.how))
	}
	var err error
	if a.audience, err = p.assertionAudience(); err != nil {
		return a, err
	}
	switch {
	case a.how == AuthPrivateKeyJWT:
		a.signer, err = newSigner(c.PrivateKey, c.KeyID)
	case c.PrivateKey != "" && a.make == nil:
		// Discovery may choose it later.
		_, _, err = parsePrivateKey(c.PrivateKey)
	}
	return a, err
}

func (p *OAuth2) assertionAudience() (string, error) {
	switch p.AssertionAudience {
	case "", AudienceToken:
		if strings.Contains(p.Endpoints.Token, "{") {
			return "", nil // the address that is called
		}
		return p.Endpoints.Token, nil
	case AudienceIssuer:
		if p.Issuer == "" {
			return "", errors.New("AssertionAudience issuer needs Issuer")
		}
		return p.Issuer, nil
	case AudienceEndpoint:
		return "", nil
	}
	return "", fmt.Errorf("AssertionAudience %q is not token, issuer or endpoint", string(p.AssertionAudience))
}

// basicHeader form-encodes both halves (RFC 6749 §2.3.1).
func basicHeader(id string, secret secret.Text) string {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret.Reveal())
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// proofParams are the parameters that prove sets.
var proofParams = [...]string{"client_id", "client_secret", "client_assertion_type", "client_assertion"}

// prove adds the client's proof to the form of a request to address, in place of
// any other, or returns it as the Authorization header.
func (a *clientAuth) prove(form url.Values, address string, now time.Time) (header string, err error) {
	for _, name := range proofParams {
		delete(form, name)
	}
	if a.how == AuthPrivateKeyJWT {
		assertion, err := a.assert(address, now)
		if err != nil {
			return "", err
		}
		form.Set("client_id", a.ClientID)
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		return "", nil
	}
	secret := a.ClientSecret
	if a.make != nil {
		if secret, err = a.make(a.Credentials, now); err != nil {
			return "", fmt.Errorf("making the client secret: %w", err)
		}
	}
	switch {
	case secret == "", a.how == AuthNone: // a public client says who it is (RFC 6749 §3.2.1)
		form.Set("client_id", a.ClientID)
	case a.how == AuthPost:
		form.Set("client_id", a.ClientID)
		form.Set("client_secret", secret.Reveal())
	default:
		header = basicHeader(a.ClientID, secret)
	}
	return header, nil
}

// assert signs an assertion (RFC 7523 §3) for a request to address.
func (a *clientAuth) assert(address string, now time.Time) (string, error) {
	audience := a.audience
	if audience == "" {
		audience = address
	}
	payload, err := json.Marshal(struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
		ID       string `json:"jti"`
		Issued   int64  `json:"iat"`
		Expiry   int64  `json:"exp"`
	}{a.ClientID, a.ClientID, audience, rand.Text(), now.Unix(), now.Add(time.Minute).Unix()})
	if err != nil {
		return "", err
	}
	signed, err := a.signer.Sign(payload)
	if err != nil {
		return "", errors.New("signing the client assertion failed")
	}
	return signed.CompactSerialize()
}

func newSigner(key secret.Text, keyID string) (jose.Signer, error) {
	if key == "" {
		return nil, errors.New("PrivateKey is missing")
	}
	private, alg, err := parsePrivateKey(key)
	if err != nil {
		return nil, err
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	return jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: private, KeyID: keyID}}, options)
}

// parsePrivateKey reads a PEM key and picks the algorithm that goes with it.
func parsePrivateKey(key secret.Text) (crypto.PrivateKey, jose.SignatureAlgorithm, error) {
	block := pemkey.Decode(key.Reveal())
	if block == nil {
		return nil, "", errors.New("PrivateKey is not PEM: want the whole text from -----BEGIN to -----END")
	}
	var private crypto.PrivateKey
	var err error
	switch block.Type {
	case "RSA PRIVATE KEY":
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "EC PRIVATE KEY":
		private, err = x509.ParseECPrivateKey(block.Bytes)
	default:
		private, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, "", errors.New("PrivateKey is no private key that can be read") // the cause may quote it
	}
	switch k := private.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < minRSA {
			return nil, "", fmt.Errorf("PrivateKey is an RSA key of less than %d bits (RFC 7518 §3.3)", minRSA)
		}
		return k, jose.RS256, nil
	case ed25519.PrivateKey:
		return k, jose.EdDSA, nil
	case *ecdsa.PrivateKey:
		switch k.Curve.Params().BitSize {
		case 256:
			return k, jose.ES256, nil
		case 384:
			return k, jose.ES384, nil
		case 521:
			return k, jose.ES512, nil
		}
	}
	return nil, "", errors.New("PrivateKey is of a kind that is not supported")
}

// isPublic reports whether the client proves itself by nothing (RFC 6749 §2.1).
func isPublic(a *clientAuth) bool {
	return a.how == AuthNone || a.make == nil && a.signer == nil && a.ClientSecret == ""
}
