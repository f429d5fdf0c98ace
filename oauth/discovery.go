package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// metadata is the part of a discovery document (OpenID Connect Discovery 1.0
// §3, RFC 8414 §2, RFC 9207 §3) that a client uses.
type metadata struct {
	Issuer, Authorize, Token, UserInfo, Keys, Revoke, EndSession string

	TokenAuths    []string // token_endpoint_auth_methods_supported
	SendsIssuer   bool     // authorization_response_iss_parameter_supported
	sourceIsHTTPS bool
}

// parseMetadata reads a discovery document. Names are case-sensitive, and a repeated
// one is an error. Of a member with a value of another type nothing is known: what is
// required is missed later, and what is optional must not lock everybody out.
func parseMetadata(body []byte) (*metadata, error) {
	var doc map[string]json.RawMessage
	if josejson.Unmarshal(body, &doc) != nil {
		return nil, errors.New("the discovery document is not the JSON it should be")
	}
	m := &metadata{}
	for name, field := range map[string]*string{
		"issuer": &m.Issuer, "authorization_endpoint": &m.Authorize, "token_endpoint": &m.Token,
		"userinfo_endpoint": &m.UserInfo, "jwks_uri": &m.Keys,
		"revocation_endpoint": &m.Revoke, "end_session_endpoint": &m.EndSession,
	} {
		if value := doc[name]; len(value) > 0 && value[0] == '"' {
			*field = unquote(value)
		}
	}
	m.TokenAuths = scopeList(doc["token_endpoint_auth_methods_supported"])
	m.SendsIssuer = string(doc["authorization_response_iss_parameter_supported"]) == "true"
	return m, nil
}

// A resolved provider has its endpoints and keys, configured or discovered.
type resolved struct {
	*oauth2Client
	keys *cached[keySet]
}

// resolve returns the provider with its endpoints. It discovers them first where
// they are not all configured.
func (c *oidcClient) resolve(ctx context.Context) (*resolved, error) {
	if c.fixed != nil {
		return c.fixed, nil
	}
	s, err := c.found.get(ctx)
	if err != nil {
		return nil, c.failure(opDiscovery, err)
	}
	return s, nil
}

// discover fetches and checks the discovery document.
func (c *oidcClient) discover(ctx context.Context) (*resolved, time.Duration, error) {
	address := c.p.DiscoveryURL
	if address == "" {
		address = strings.TrimSuffix(c.p.Issuer, "/") + "/.well-known/openid-configuration"
	}
	body, ttl, err := c.fetch(ctx, opDiscovery, address)
	if err != nil {
		return nil, 0, err
	}
	m, err := parseMetadata(body)
	if err != nil {
		return nil, 0, c.invalid(opDiscovery, err)
	}
	if m.Issuer != c.p.Issuer {
		return nil, 0, c.invalid(opDiscovery, fmt.Errorf("the discovery document is of issuer %q, not %q", m.Issuer, c.p.Issuer))
	}
	m.sourceIsHTTPS = strings.HasPrefix(address, "https:")
	s, err := c.resolveWith(m)
	if err != nil {
		return nil, 0, c.invalid(opDiscovery, err)
	}
	return s, ttl, nil
}

// resolveWith takes the endpoints that are not configured from the discovery
// document and opens the OAuth 2.0 client.
func (c *oidcClient) resolveWith(m *metadata) (*resolved, error) {
	inner := c.p.standard()
	e := &inner.Endpoints
	for _, f := range []struct {
		name       string
		have       *string
		discovered string
		needed     bool
		// dispensable: a bad address is as none.
		dispensable bool
	}{
		{"authorization_endpoint", &e.Authorize, m.Authorize, true, false},
		{"token_endpoint", &e.Token, m.Token, true, false},
		{"jwks_uri", &e.Keys, m.Keys, c.publicKeys, false},
		{"userinfo_endpoint", &e.UserInfo, m.UserInfo, false, false},
		{"revocation_endpoint", &e.Revoke, m.Revoke, false, true},
		{"end_session_endpoint", &e.EndSession, m.EndSession, false, true},
	} {
		if *f.have != "" {
			continue
		}
		if f.discovered == "" {
			if f.needed {
				return nil, fmt.Errorf("the discovery document lacks %s", f.name)
			}
			continue
		}
		u, err := url.Parse(f.discovered)
		if err != nil || u.Host == "" || u.User != nil || strings.Contains(f.discovered, "#") || u.Scheme != "https" && (u.Scheme != "http" || m.sourceIsHTTPS) {
			if f.dispensable {
				continue // people can log in all the same
			}
			return nil, fmt.Errorf("the discovery document's %s is not an https address", f.name)
		}
		*f.have = f.discovered
	}
	inner.RequireIssuer = inner.RequireIssuer || m.SendsIssuer
	if inner.TokenAuth == "" {
		inner.TokenAuth = chooseAuth(m.TokenAuths, inner.Credentials)
	}
	return c.open(inner)
}

// chooseAuth picks the way of client authentication from what the provider
// supports. A document that does not say means basic (OpenID Connect Discovery
// §3). An entry with a key alone uses that anyhow.
func chooseAuth(supported []string, list []Credentials) TokenAuth {
	lacksKey := slices.ContainsFunc(list, func(c Credentials) bool { return c.PrivateKey == "" })
	switch {
	case !lacksKey && slices.Contains(supported, "private_key_jwt"):
		return AuthPrivateKeyJWT
	case slices.Contains(supported, "client_secret_post") && !slices.Contains(supported, "client_secret_basic"):
		return AuthPost
	}
	return AuthBasic
}

// loadKeys fetches the key set at an address.
func (c *oidcClient) loadKeys(address string) func(context.Context) (keySet, time.Duration, error) {
	return func(ctx context.Context) (keySet, time.Duration, error) {
		body, ttl, err := c.fetch(ctx, opKeys, address)
		if err != nil {
			return nil, 0, err
		}
		set, err := parseKeySet(body)
		if err != nil {
			return nil, 0, c.invalid(opKeys, err)
		}
		return set, ttl, nil
	}
}

// fetch gets a public JSON document, and how long it may be kept.
func (c *oidcClient) fetch(ctx context.Context, op, address string) ([]byte, time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, err // never: the address was parsed before
	}
	req.Header.Set("Accept", "application/json, application/jwk-set+json")
	setUserAgent(req, c.p.UserAgent)
	a, err := c.env.call(req)
	if err != nil {
		return nil, 0, unanswered(c.p.ID, op, err)
	}
	if a.status != http.StatusOK {
		f := a.failure(kindOf(a.status, ""), c.p.ID, op, "", "", c.env.Now())
		if a.status == http.StatusNotFound || a.status >= 300 && a.status < 400 {
			f.Kind = Operator // the document is at another address
		}
		return nil, 0, f
	}
	return a.body, freshness(a.header), nil
}

// freshness reads max-age (RFC 9111 §5.2.2.1), within bounds: a key set must not
// be loaded all the time, nor kept for ever.
func freshness(h http.Header) time.Duration {
	for d := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		value, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(d)), "max-age=")
		if !ok {
			continue
		}
		if s, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 32); err == nil {
			return min(max(time.Duration(s)*time.Second, minFresh), maxFresh)
		}
	}
	return fresh
}
