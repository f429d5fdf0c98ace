package socialtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// A signingKey signs tokens (RFC 7515): RS256, ES256, HS256, or none.
type signingKey struct {
	id, alg string
	rsa     *rsa.PrivateKey
	ec      *ecdsa.PrivateKey
	secret  []byte
}

func newSigningKey(alg string) (*signingKey, error) {
	k := &signingKey{id: alg + "-" + random(6), alg: alg}
	var err error
	switch alg {
	case "RS256":
		k.rsa, err = rsa.GenerateKey(rand.Reader, 2048)
	case "ES256":
		k.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		err = fmt.Errorf("socialtest: no key can be made for %q", alg)
	}
	return k, err
}

// jwk returns the public half (RFC 7517).
func (k *signingKey) jwk() map[string]any {
	m := map[string]any{"kid": k.id, "alg": k.alg, "use": "sig"}
	if k.rsa != nil {
		m["kty"] = "RSA"
		m["n"] = b64(k.rsa.N.Bytes())
		m["e"] = "AQAB"
		return m
	}
	point, _ := k.ec.PublicKey.Bytes() // 0x04, then x and y of 32 bytes each
	m["kty"], m["crv"] = "EC", "P-256"
	m["x"], m["y"] = b64(point[1:33]), b64(point[33:65])
	return m
}

// A jws is a token about to be signed.
type jws struct {
	header map[string]any
	claims map[string]any
	key    *signingKey
	broken bool
}

func (t *jws) sign() (string, error) {
	t.header["alg"] = t.key.alg
	header, err := json.Marshal(t.header)
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(t.claims)
	if err != nil {
		return "", err
	}
	input := b64(header) + "." + b64(claims)
	digest := sha256.Sum256([]byte(input))
	var sig []byte
	switch t.key.alg {
	case "RS256":
		sig, err = rsa.SignPKCS1v15(rand.Reader, t.key.rsa, crypto.SHA256, digest[:])
	case "ES256":
		r, s, e := ecdsa.Sign(rand.Reader, t.key.ec, digest[:])
		if err = e; err == nil {
			sig = make([]byte, 64)
			r.FillBytes(sig[:32])
			s.FillBytes(sig[32:])
		}
	case "HS256":
		mac := hmac.New(sha256.New, t.key.secret)
		mac.Write([]byte(input))
		sig = mac.Sum(nil)
	}
	if err != nil {
		return "", err
	}
	if t.broken && len(sig) > 0 {
		sig[len(sig)/2] ^= 0xff
	}
	return input + "." + b64(sig), nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// RotateKeys replaces the keys that sign ID tokens; the old ones leave the key
// set.
func (p *Provider) RotateKeys() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = nil
}

// keysLocked returns the provider's keys, making them when they are needed for
// the first time: an RSA key costs a tenth of a second.
func (p *Provider) keysLocked() ([]*signingKey, error) {
	if p.keys == nil {
		for _, alg := range []string{"RS256", "ES256"} {
			k, err := newSigningKey(alg)
			if err != nil {
				return nil, err
			}
			p.keys = append(p.keys, k)
		}
	}
	return p.keys, nil
}

// keyFor returns the key that signs an application's ID tokens.
func (p *Provider) keyFor(app *App) (*signingKey, error) {
	alg := app.Algorithm
	if alg == "" {
		alg = p.dialect.alg
	}
	if alg == "HS256" {
		return &signingKey{alg: alg, secret: []byte(app.ClientSecret.Reveal())}, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	keys, err := p.keysLocked()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.alg == alg {
			return k, nil
		}
	}
	return nil, fmt.Errorf("socialtest: %s signs no ID token with %q", p.ID(), alg)
}

// public returns the public half, nil when there is none.
func (k *signingKey) public() crypto.PublicKey {
	switch {
	case k.rsa != nil:
		return &k.rsa.PublicKey
	case k.ec != nil:
		return &k.ec.PublicKey
	}
	return nil
}
