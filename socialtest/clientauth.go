package socialtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
)

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// client finds out which application sent a request (RFC 6749 §2.3.1, RFC 7523
// §2.2). v are the parameters that may hold its credentials. why is empty when
// it proved itself.
func (p *Provider) client(r *http.Request, v url.Values) (app *App, why string) {
	header := r.Header.Get("Authorization")
	secret, assertion := v.Get("client_secret"), v.Get("client_assertion")
	ways := 0
	for _, used := range []bool{header != "", secret != "", assertion != ""} {
		if used {
			ways++
		}
	}
	if ways > 1 {
		return nil, "the client authenticates in two ways at once (RFC 6749 §2.3)"
	}
	switch {
	case header != "":
		return p.basicClient(header, v.Get("client_id"))
	case assertion != "":
		return p.assertedClient(v)
	case secret != "":
		app = p.app(v.Get("client_id"))
		if app == nil {
			return nil, "client_id is not registered"
		}
		if app.TokenAuth != "" && app.TokenAuth != oauth.AuthPost {
			return nil, "the application is registered for client authentication by " + string(app.TokenAuth)
		}
		if !app.knows(secret) {
			return nil, "client_secret is wrong"
		}
		return app, ""
	}
	return nil, "client authentication is missing"
}

func (p *Provider) basicClient(header, param string) (app *App, why string) {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return nil, "the Authorization header is not Basic"
	}
	if p.dialect.postOnly {
		return nil, "basic client authentication is not supported: send client_id and client_secret as parameters"
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, "basic credentials are not base64"
	}
	rawID, rawSecret, _ := strings.Cut(string(raw), ":")
	id, err := url.QueryUnescape(rawID)
	secret, err2 := url.QueryUnescape(rawSecret)
	if err != nil || err2 != nil {
		return nil, "basic credentials are not form-encoded (RFC 6749 §2.3.1)"
	}
	if param != "" && param != id {
		return nil, "client_id differs from the Authorization header"
	}
	app = p.app(id)
	if app == nil {
		return nil, "the client ID in the Authorization header is not registered"
	}
	if app.TokenAuth != "" && app.TokenAuth != oauth.AuthBasic {
		return nil, "the application is registered for client authentication by " + string(app.TokenAuth)
	}
	if !app.knows(secret) {
		return nil, "the client secret in the Authorization header is wrong; both halves have to be form-encoded (RFC 6749 §2.3.1)"
	}
	return app, ""
}

// assertedClient verifies private_key_jwt.
func (p *Provider) assertedClient(v url.Values) (app *App, why string) {
	if v.Get("client_assertion_type") != jwtBearer {
		return nil, "client_assertion_type is not " + jwtBearer
	}
	part := strings.Split(v.Get("client_assertion"), ".")
	if len(part) != 3 {
		return nil, "client_assertion is not a signed JWT"
	}
	var header struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Iss string          `json:"iss"`
		Sub string          `json:"sub"`
		Aud json.RawMessage `json:"aud"`
		Exp int64           `json:"exp"`
		JTI string          `json:"jti"`
	}
	if decodePart(part[0], &header) != nil || decodePart(part[1], &claims) != nil {
		return nil, "client_assertion is not a signed JWT"
	}
	app = p.app(claims.Iss)
	if app == nil || claims.Sub != claims.Iss {
		return nil, "iss and sub of client_assertion are not both a registered client ID"
	}
	if app.TokenAuth != oauth.AuthPrivateKeyJWT || app.PublicKey == nil {
		return nil, "the application is not registered for private_key_jwt with a public key"
	}
	if id := v.Get("client_id"); id != "" && id != app.ClientID {
		return nil, "client_id differs from client_assertion"
	}
	if err := verifyJWS(app.PublicKey, header.Alg, part); err != nil {
		return nil, "client_assertion: " + err.Error()
	}
	var audience []string
	var single string
	if json.Unmarshal(claims.Aud, &single) == nil {
		audience = []string{single}
	} else if json.Unmarshal(claims.Aud, &audience) != nil {
		return nil, "aud of client_assertion is neither a string nor a list"
	}
	if !slices.Contains(audience, p.Endpoints().Token) && !slices.Contains(audience, p.URL()) {
		return nil, "aud of client_assertion names neither the token endpoint nor the issuer"
	}
	now := p.srv.now()
	if exp := time.Unix(claims.Exp, 0); !now.Before(exp) || exp.Sub(now) > time.Hour {
		return nil, "exp of client_assertion has passed, or is more than an hour away"
	}
	if claims.JTI == "" || !p.once("jti "+claims.JTI) {
		return nil, "jti of client_assertion is missing or was used before"
	}
	return app, ""
}

// once claims a value that may be used once. It is forgotten after an hour.
func (p *Provider) once(value string) bool {
	now := p.srv.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, used := p.nonces[value]; used {
		return false
	}
	if len(p.nonces) >= 10_000 {
		for old, at := range p.nonces {
			if now.Sub(at) > time.Hour {
				delete(p.nonces, old)
			}
		}
	}
	p.nonces[value] = now
	return true
}

func decodePart(s string, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

func verifyJWS(key crypto.PublicKey, alg string, part []string) error {
	sig, err := base64.RawURLEncoding.DecodeString(part[2])
	if err != nil {
		return errors.New("the signature is not base64url")
	}
	digest := sha256.Sum256([]byte(part[0] + "." + part[1]))
	switch key := key.(type) {
	case *rsa.PublicKey:
		if alg == "RS256" && rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], sig) == nil {
			return nil
		}
	case *ecdsa.PublicKey:
		if alg == "ES256" && len(sig) == 64 &&
			ecdsa.Verify(key, digest[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])) {
			return nil
		}
	}
	return fmt.Errorf("the signature (alg %q) does not verify with the registered key", alg)
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
