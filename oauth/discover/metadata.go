package discover

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// openID recognises an OpenID provider whose issuer the host is.
func (s *survey) openID() (*Found, error) {
	return s.openIDAt(s.base, func(issuer string) bool { return strings.TrimRight(issuer, "/") == s.base.String() })
}

func (s *survey) openIDAt(base *url.URL, isIssuer func(string) bool) (*Found, error) {
	address := base.String() + "/.well-known/" + openIDConfiguration
	m := s.get(address).server
	if m.Endpoints.Authorize == "" || m.Endpoints.Keys == "" {
		return nil, nil
	}
	return described("oidc", base, address, &m, isIssuer)
}

// authorizationServer recognises a server with the metadata of RFC 8414.
func (s *survey) authorizationServer() (*Found, error) {
	return s.authorizationServerAt(s.base, func(issuer string) bool { return strings.TrimRight(issuer, "/") == s.base.String() })
}

func (s *survey) authorizationServerAt(base *url.URL, isIssuer func(string) bool) (*Found, error) {
	for _, name := range []string{authorizationServer, openIDConfiguration} {
		address := wellKnown(base, name)
		if m := s.get(address).server; m.Endpoints.Authorize != "" {
			return described("oauth2", base, address, &m, isIssuer)
		}
	}
	return nil, nil
}

// described is what a metadata document says. Its issuer has to be the one that was asked
// for (RFC 8414 §3.3): a server describes only itself.
func described(kind string, base *url.URL, address string, m *oauth.Metadata, isIssuer func(string) bool) (*Found, error) {
	if !isIssuer(m.Issuer) {
		if isAddress(m.Issuer, false) {
			return nil, fmt.Errorf("its metadata is of %s: ask for that one", m.Issuer)
		}
		return nil, errors.New("its metadata has no issuer")
	}
	if m.Endpoints.Token == "" {
		return nil, errors.New("its metadata has no token_endpoint")
	}
	if err := checkAddresses(base, m); err != nil {
		return nil, err
	}
	found := &Found{
		Type: kind, Settings: providers.Settings{Issuer: m.Issuer}, Documents: []string{address},
		Scopes: scopes(m.Scopes), Registration: m.Registration, ClientIDMetadata: m.ClientIDMetadata, tokenAuths: m.TokenAuths,
	}
	if kind == "oidc" {
		return found, nil
	}
	e := &m.Endpoints
	found.Settings.Endpoints = oauth.Endpoints{Authorize: e.Authorize, Token: e.Token, Revoke: e.Revoke, UserInfo: e.UserInfo}
	if !m.SendsIssuer {
		found.Settings.Issuer = "" // nothing to compare with
	}
	if methods := m.CodeChallengeMethods; len(methods) > 0 && !slices.Contains(methods, "S256") {
		return nil, errors.New("it does not take PKCE by S256 (RFC 7636 §4.2)")
	}
	return found, nil
}

// resource recognises a protected resource, such as an MCP server, by its metadata or
// by its answer to a request without a token (RFC 9728 §3, §5.1).
func (s *survey) resource() (*Found, error) {
	address := wellKnown(s.base, protectedResource)
	doc := s.get(address)
	if doc.object == nil {
		if address = s.named(); address == "" {
			return nil, nil
		}
		doc = s.get(address)
	}
	if doc.object == nil {
		return nil, nil
	}
	resource, _ := url.Parse(doc.text("resource"))
	if !isAddress(doc.text("resource"), true) || !covers(resource, s.base) {
		return nil, fmt.Errorf("%s is the metadata of another resource, %q", address, doc.text("resource"))
	}
	servers := doc.list("authorization_servers")
	if len(servers) == 0 {
		return nil, nil // it may be its own
	}
	server, err := url.Parse(servers[0])
	if err != nil || server.RawQuery != "" || !isAddress(servers[0], s.base.Scheme == "http") {
		return nil, fmt.Errorf("its authorization server %q is not an https address", servers[0])
	}
	exact := func(issuer string) bool { return issuer == servers[0] }
	server.Path = strings.TrimRight(server.Path, "/")
	found, err := s.openIDAt(server, exact)
	if found == nil && err == nil {
		found, err = s.authorizationServerAt(server, exact)
	}
	if err != nil {
		return nil, fmt.Errorf("its authorization server %s: %w", servers[0], err)
	}
	if found == nil {
		return nil, fmt.Errorf("its authorization server %s publishes no metadata", servers[0])
	}
	found.Settings.Resource = doc.text("resource")
	if list := scopes(doc.list("scopes_supported")); list != nil {
		found.Scopes = list
	}
	found.Documents = append([]string{address}, found.Documents...)
	return found, nil
}

// covers reports whether an address is at or below a resource.
func covers(resource, address *url.URL) bool {
	return resource.Scheme == address.Scheme && resource.Host == address.Host &&
		strings.HasPrefix(address.Path+"/", strings.TrimRight(resource.Path, "/")+"/")
}

var resourceMetadata = regexp.MustCompile(`(?i)\bresource_metadata="(https?://[^"\s]+)"`)

// named returns where a refusal says that the resource's metadata is, on the same host.
func (s *survey) named() string {
	for _, challenge := range s.get(s.base.String()).header.Values("WWW-Authenticate") {
		if found := resourceMetadata.FindStringSubmatch(challenge); found != nil {
			if u, err := url.Parse(found[1]); err == nil && u.Scheme == s.base.Scheme && u.Host == s.base.Host {
				return found[1]
			}
		}
	}
	return ""
}
