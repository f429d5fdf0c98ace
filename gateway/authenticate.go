package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/gosocial/social/vault"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	// assertionMax is for how long an assertion may be valid, and how long its jti is kept.
	assertionMax = 5 * time.Minute
	clockSkew    = 30 * time.Second
)

// algorithms of assertions. Those with a shared secret are not among them.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// errInvalidClient: a client is unknown, or did not prove that it is the client.
var errInvalidClient = errors.New("gateway: the client is unknown, or its secret or assertion is wrong")

// authenticate returns the client that a request to the token endpoint comes from (RFC 6749
// §2.3, RFC 7523 §2.2). It returns errInvalidClient, *tokenError, or an error of the store;
// id is the client's as the request gives it.
func (g *Gateway) authenticate(ctx context.Context, r *http.Request, form url.Values) (c *Client, id string, err error) {
	user, password, basic := r.BasicAuth()
	assertion := form.Get("client_assertion")
	ways := 0
	for _, used := range []bool{basic, form.Has("client_secret"), form.Has("client_assertion")} {
		if used {
			ways++
		}
	}
	switch {
	case ways > 1:
		return nil, "", invalidRequest("the client authenticates in more than one way")
	case basic:
		// RFC 6749 §2.3.1 has both encoded as in a form.
		id, err = url.QueryUnescape(user)
		if err == nil {
			password, err = url.QueryUnescape(password)
		}
		if err != nil || form.Has("client_id") && form.Get("client_id") != id {
			return nil, id, errInvalidClient
		}
	case form.Has("client_assertion"):
		if form.Get("client_assertion_type") != assertionType {
			return nil, "", invalidRequest("client_assertion_type is not " + assertionType)
		}
		return g.byAssertion(ctx, form.Get("client_id"), assertion)
	default:
		id, password = form.Get("client_id"), form.Get("client_secret")
	}
	c, err = g.client(ctx, id)
	if err != nil {
		return nil, id, err
	}
	if !c.hasSecret(password) { // of no client too, so that it takes as long
		return nil, id, errInvalidClient
	}
	return c, id, nil
}

// client returns a client as it is now, or nil for none.
func (g *Gateway) client(ctx context.Context, id string) (*Client, error) {
	if id == "" || len(id) > longestID {
		return nil, nil
	}
	c, err := g.Client(ctx, id)
	if errors.Is(err, ErrNoClient) {
		return nil, nil
	}
	return c, err
}

// byAssertion authenticates a client by private_key_jwt (OpenID Connect Core 1.0 §9, RFC 7523
// §3).
func (g *Gateway) byAssertion(ctx context.Context, id, assertion string) (*Client, string, error) {
	claims, c, err := g.assertion(ctx, assertion)
	if err != nil || claims.Subject != c.ID || id != "" && id != c.ID {
		return nil, id, errors.Join(err, errInvalidClient)
	}
	if err := g.once(ctx, c, claims); err != nil {
		return nil, c.ID, err
	}
	return c, c.ID, nil
}

// Claims of an assertion.
type assertionClaims struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	Expires   float64  `json:"exp"`
	NotBefore float64  `json:"nbf"`
	IssuedAt  float64  `json:"iat"`
	ID        string   `json:"jti"`
	Tenant    string   `json:"tenant"`
}

// An audience is a text, or several.
type audience []string

// UnmarshalJSON reads a text or a list of texts.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// errAssertion: an assertion is malformed, expired, for another server, or not signed by a
// key of its client.
var errAssertion = errors.New("gateway: the assertion is malformed, has expired, is for another server, or is not signed by a key of the client")

// assertion verifies a JWT that a client has signed, all but its subject and that it is used
// once: see once.
func (g *Gateway) assertion(ctx context.Context, text string) (assertionClaims, *Client, error) {
	var claims assertionClaims
	if len(text) > 16<<10 {
		return claims, nil, errAssertion
	}
	signed, err := jose.ParseSignedCompact(text, algorithms)
	if err != nil {
		return claims, nil, errAssertion
	}
	// The issuer says whose key it has to be; it is believed once the signature is verified.
	if json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims) != nil {
		return claims, nil, errAssertion
	}
	c, err := g.client(ctx, claims.Issuer)
	if err != nil {
		return claims, nil, err
	}
	if c == nil || !verifies(signed, c.Keys) {
		return claims, nil, errAssertion
	}
	now := g.now()
	expires, skew := unix(claims.Expires), clockSkew
	switch {
	case claims.Subject == "", claims.ID == "", len(claims.ID) > longestID,
		!slices.ContainsFunc(claims.Audience, func(a string) bool { return slices.Contains(g.audiences, a) }),
		!expires.After(now.Add(-skew)), expires.After(now.Add(assertionMax + skew)),
		claims.NotBefore != 0 && unix(claims.NotBefore).After(now.Add(skew)),
		claims.IssuedAt != 0 && unix(claims.IssuedAt).After(now.Add(skew)):
		return claims, nil, errAssertion
	}
	return claims, c, nil
}

// verifies reports whether one of the keys made the signature: the one that it names, if it
// names one. A key in the header of the assertion is not looked at.
func verifies(signed *jose.JSONWebSignature, keys []jose.JSONWebKey) bool {
	if len(signed.Signatures) != 1 {
		return false
	}
	header := signed.Signatures[0].Protected
	for i := range keys {
		k := &keys[i]
		if header.KeyID != "" && k.KeyID != "" && header.KeyID != k.KeyID || k.Use != "" && k.Use != "sig" ||
			k.Algorithm != "" && k.Algorithm != header.Algorithm {
			continue
		}
		if _, err := signed.Verify(k.Key); err == nil {
			return true
		}
	}
	return false
}

// once claims an assertion's jti: errAssertion when it has been used.
func (g *Gateway) once(ctx context.Context, c *Client, claims assertionClaims) error {
	err := g.claim(ctx, unix(claims.Expires).Add(clockSkew), "assertion", c.ID, claims.ID)
	if errors.Is(err, vault.ErrClaimed) {
		return errors.Join(errAssertion, errInvalidClient)
	}
	return err
}

func unix(seconds float64) time.Time {
	if !(seconds > 0 && seconds < 1<<40) {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}
