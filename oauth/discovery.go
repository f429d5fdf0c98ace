package oauth

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

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
	m, err := ParseMetadata(body)
	if err != nil {
		return nil, 0, c.invalid(opDiscovery, err)
	}
	if m.Issuer != c.p.Issuer {
		return nil, 0, c.invalid(opDiscovery, fmt.Errorf("the discovery document is of issuer %q, not %q", m.Issuer, c.p.Issuer))
	}
	s, err := c.resolveWith(m, strings.HasPrefix(address, "https:"))
	if err != nil {
		return nil, 0, c.invalid(opDiscovery, err)
	}
	return s, ttl, nil
}

// resolveWith takes the endpoints that are not configured from the discovery
// document and opens the OAuth 2.0 client. An address by http is none in a document that
// came by https.
func (c *oidcClient) resolveWith(m *Metadata, byHTTPS bool) (*resolved, error) {
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
		{"authorization_endpoint", &e.Authorize, m.Endpoints.Authorize, true, false},
		{"token_endpoint", &e.Token, m.Endpoints.Token, true, false},
		{"jwks_uri", &e.Keys, m.Endpoints.Keys, c.publicKeys, false},
		{"userinfo_endpoint", &e.UserInfo, m.Endpoints.UserInfo, false, false},
		{"revocation_endpoint", &e.Revoke, m.Endpoints.Revoke, false, true},
		{"end_session_endpoint", &e.EndSession, m.Endpoints.EndSession, false, true},
		{"device_authorization_endpoint", &e.DeviceAuthorization, m.Endpoints.DeviceAuthorization, false, true},
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
		if err != nil || u.Host == "" || u.User != nil || strings.Contains(f.discovered, "#") || u.Scheme != "https" && (u.Scheme != "http" || byHTTPS) {
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
