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
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/gosocial/social/secret"

	"github.com/go-jose/go-jose/v4"
)

// A clientAuth proves who the client is at the token and revocation endpoint.
type clientAuth struct {
	how       TokenAuth
	id        string
	basic     string // the ready header
	secret    secret.Text
	secretNow func(time.Time) (secret.Text, error)
	issuer    string
	signer    jose.Signer
}

func newClientAuth(p *OAuth2) (clientAuth, error) {
	a := clientAuth{how: p.TokenAuth, id: p.Credentials.ID, secret: p.Secret, secretNow: p.ClientSecret, issuer: p.Issuer}
	switch a.how {
	case "":
		a.how = AuthBasic
	case AuthBasic, AuthPost:
	case AuthPrivateKeyJWT:
		var err error
		a.signer, err = newSigner(p.PrivateKey, p.KeyID)
		return a, err
	default:
		return a, fmt.Errorf("TokenAuth %q is not known", string(a.how))
	}
	if a.how == AuthBasic && a.secret != "" {
		a.basic = basicHeader(a.id, a.secret)
	}
	return a, nil
}

// basicHeader form-encodes both halves (RFC 6749 §2.3.1).
func basicHeader(id string, secret secret.Text) string {
	pair := url.QueryEscape(id) + ":" + url.QueryEscape(secret.Reveal())
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// prove adds the client's proof to the form of a request to address, or returns
// it as the Authorization header.
func (a *clientAuth) prove(form url.Values, address string, now time.Time) (header string, err error) {
	if a.how == AuthPrivateKeyJWT {
		assertion, err := a.assert(address, now)
		if err != nil {
			return "", err
		}
		form.Set("client_id", a.id)
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
		return "", nil
	}
	secret := a.secret
	if a.secretNow != nil {
		if secret, err = a.secretNow(now); err != nil {
			return "", fmt.Errorf("making the client secret: %w", err)
		}
	}
	switch {
	case secret == "": // a public client says who it is (RFC 6749 §3.2.1)
		form.Set("client_id", a.id)
	case a.how == AuthPost:
		form.Set("client_id", a.id)
		form.Set("client_secret", secret.Reveal())
	case a.secretNow != nil:
		return basicHeader(a.id, secret), nil
	default:
		return a.basic, nil
	}
	return "", nil
}

// assert signs an assertion (RFC 7523 §3). Its audience is the very address it
// goes to, so that nobody else can use it.
func (a *clientAuth) assert(address string, now time.Time) (string, error) {
	payload, err := json.Marshal(struct {
		Issuer   string `json:"iss"`
		Subject  string `json:"sub"`
		Audience string `json:"aud"`
		ID       string `json:"jti"`
		Issued   int64  `json:"iat"`
		Expiry   int64  `json:"exp"`
	}{a.id, a.id, address, rand.Text(), now.Unix(), now.Add(time.Minute).Unix()})
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
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: private, KeyID: keyID}}, options)
	if err != nil {
		return nil, errors.New("PrivateKey cannot sign")
	}
	return signer, nil
}

// parsePrivateKey reads a PEM key and picks the algorithm that goes with it.
func parsePrivateKey(key secret.Text) (crypto.PrivateKey, jose.SignatureAlgorithm, error) {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return nil, "", errors.New("PrivateKey is not PEM")
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
