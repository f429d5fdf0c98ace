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

// endpoints are the members of metadata that are addresses which are used.
var endpoints = []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "revocation_endpoint", "registration_endpoint"}

// openID recognises an OpenID provider whose issuer the host is.
func (s *survey) openID() (*Found, error) {
	return s.openIDAt(s.base, func(issuer string) bool { return strings.TrimRight(issuer, "/") == s.base.String() })
}

func (s *survey) openIDAt(base *url.URL, isIssuer func(string) bool) (*Found, error) {
	address := base.String() + "/.well-known/" + openIDConfiguration
	doc := s.get(address)
	if doc.text("authorization_endpoint") == "" || doc.text("jwks_uri") == "" {
		return nil, nil
	}
	return s.described("oidc", base, address, doc, isIssuer)
}

// authorizationServer recognises a server with the metadata of RFC 8414.
func (s *survey) authorizationServer() (*Found, error) {
	return s.authorizationServerAt(s.base, func(issuer string) bool { return strings.TrimRight(issuer, "/") == s.base.String() })
}

func (s *survey) authorizationServerAt(base *url.URL, isIssuer func(string) bool) (*Found, error) {
	for _, name := range []string{authorizationServer, openIDConfiguration} {
		address := wellKnown(base, name)
		if doc := s.get(address); doc.text("authorization_endpoint") != "" {
			return s.described("oauth2", base, address, doc, isIssuer)
		}
	}
	return nil, nil
}

// described is what a metadata document says. Its issuer has to be the one that was asked
// for (RFC 8414 §3.3): a server describes only itself.
func (s *survey) described(kind string, base *url.URL, address string, doc answer, isIssuer func(string) bool) (*Found, error) {
	issuer := doc.text("issuer")
	if !isIssuer(issuer) {
		if isAddress(issuer, false) {
			return nil, fmt.Errorf("its metadata is of %s: ask for that one", issuer)
		}
		return nil, errors.New("its metadata has no issuer")
	}
	if doc.text("token_endpoint") == "" {
		return nil, errors.New("its metadata has no token_endpoint")
	}
	if err := checkAddresses(base, doc, endpoints...); err != nil {
		return nil, err
	}
	found := &Found{
		Type: kind, Settings: providers.Settings{Issuer: issuer}, Documents: []string{address},
		Scopes: doc.scopes(), Registration: doc.text("registration_endpoint"),
		ClientIDMetadata: doc.says("client_id_metadata_document_supported"), tokenAuths: doc.list("token_endpoint_auth_methods_supported"),
	}
	if kind == "oauth2" {
		found.Settings.Endpoints = oauth.Endpoints{
			Authorize: doc.text("authorization_endpoint"), Token: doc.text("token_endpoint"), Revoke: doc.text("revocation_endpoint"), UserInfo: doc.text("userinfo_endpoint"),
		}
		if !doc.says("authorization_response_iss_parameter_supported") {
			found.Settings.Issuer = "" // nothing to compare with
		}
	}
	if methods := doc.list("code_challenge_methods_supported"); kind == "oauth2" && len(methods) > 0 && !slices.Contains(methods, "S256") {
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
	if scopes := doc.scopes(); scopes != nil {
		found.Scopes = scopes
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
