// Package discover finds out what a host speaks from its name alone: whether it is an OpenID
// provider, an OAuth 2.0 server that publishes its metadata (RFC 8414), a Mastodon, GitLab,
// Gitea, Forgejo or Nextcloud, or a resource such as an MCP server that names its
// authorization server (RFC 9728).
//
// [Host] asks, and changes nothing. Show the result to a person before you use it: it is
// what the operator of the host claims. [Register] then registers the application there,
// where the server allows that without an account (RFC 7591).
package discover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

// ErrNothing: the host does not say that it speaks OAuth.
var ErrNothing = errors.New("discover: nothing found")

// ErrUnreachable: the host does not answer.
var ErrUnreachable = errors.New("cannot be reached")

// Found is what a host speaks, and how to use it.
type Found struct {
	// Software is what the server calls itself, with its version: "Mastodon 4.5.2". It is
	// empty where the server does not say.
	Software string

	// Type and Settings are for providers.Custom: an entry of the catalog, "oidc" or
	// "oauth2", and what it needs in addition to an ID and credentials.
	Type     string
	Settings providers.Settings

	// Scopes are those that the server lists.
	Scopes []string

	// Registration is where applications register themselves, "" where they do not.
	Registration string
	// ClientIDMetadata says that the client ID may be the address of a document about the
	// application; see Client.Document.
	ClientIDMetadata bool

	// Documents are the addresses of what was read.
	Documents []string

	mastodon   bool // registers in its own way
	tokenAuths []string
}

// Missing returns the settings that the provider needs and the host does not publish, by
// their names in the configuration.
func (f *Found) Missing() []string {
	var keys []string
	if f.Type == "oauth2" && f.Settings.Endpoints.UserInfo == "" {
		keys = append(keys, "endpoints.userinfo")
	}
	return keys
}

// Provider makes the provider that was found. Its errors are those of providers.Custom.
func (f *Found) Provider(id string, credentials ...oauth.Credentials) (oauth.Provider, error) {
	s := f.Settings
	s.ID, s.Credentials = id, credentials
	return providers.Custom(f.Type, s)
}

// A Finder asks hosts. The zero value is ready. It is safe for concurrent use.
type Finder struct {
	// HTTP is the client to ask with. nil means that of oauth.NewHTTPClient, which reaches
	// only public addresses, and only by https. Another one should limit time and size as
	// that one does. Redirects are not followed.
	HTTP *http.Client
}

// Host asks with the zero Finder.
func Host(ctx context.Context, host string) (*Found, error) { return new(Finder).Host(ctx, host) }

// Host finds out what a host speaks. host is a name, with a port where it has one, or the
// address of what is there: "social.example.org", "https://git.example.org/forge",
// "https://mcp.example.org/mcp". The error is ErrNothing where nothing was found,
// ErrUnreachable where nothing answers, and otherwise says what is wrong with the host's
// documents.
func (f *Finder) Host(ctx context.Context, host string) (*Found, error) {
	base, err := parseHost(host)
	if err != nil {
		return nil, err
	}
	known := inCatalog(base)
	if known != nil && base.Path == "" {
		return known, nil
	}
	s := f.ask(ctx, base) // a known host too: below it may be a resource, such as an MCP server
	for _, recognise := range []func() (*Found, error){s.software, s.resource, s.openID, s.authorizationServer} {
		found, err := recognise()
		if err != nil {
			return nil, fmt.Errorf("discover: %s: %w", base.Host, err)
		}
		if found != nil {
			return found, nil
		}
	}
	if known != nil {
		return known, nil
	}
	if err := s.unreachable(); err != nil {
		return nil, fmt.Errorf("discover: %s %w: %w", base.Host, ErrUnreachable, err)
	}
	if to := s.elsewhere(); to != "" {
		return nil, fmt.Errorf("%w: %s leads to %s: ask for that one", ErrNothing, base.Host, to)
	}
	return nil, fmt.Errorf("%w: %s publishes no metadata of OAuth 2.0 or OpenID Connect, and is no server that the catalog knows", ErrNothing, base.Host)
}

// parseHost reads a host name or an address.
func parseHost(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Hostname() == "":
		return nil, errors.New("discover: that is neither a host name nor an address")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("discover: an address begins with https://, not %s://", u.Scheme)
	case u.User != nil, u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("discover: the address has more than host and path")
	case !isPlain(u.Host):
		return nil, errors.New("discover: write the host in ASCII, as xn--…, so that no look-alike is asked")
	}
	u.Host = fold.ASCII(u.Host)
	u.Path = strings.TrimRight(u.Path, "/")
	return u, nil
}

// inCatalog returns the entry whose servers the host belongs to, nil without exactly one.
func inCatalog(base *url.URL) *Found {
	if base.Port() != "" {
		return nil // not the server of the entry
	}
	host := base.Hostname()
	var at *providers.Entry
	var within []string // entries with a server below the host
	for _, e := range providers.All() {
		// Without a parameter that is in their hosts some have no address, and are not made.
		made, _ := e.New(providers.Settings{Credentials: []oauth.Credentials{{ClientID: "x", ClientSecret: "x"}}, Parameters: besideHosts(e.Parameters)})
		for _, server := range servers(made) {
			if server == host {
				at = &e // of several entries for one host the last one, which speaks the newer protocol
			}
			if strings.HasSuffix(server, "."+host) {
				within = append(within, e.ID)
			}
		}
	}
	if at == nil {
		if within = slices.Compact(within); len(within) != 1 {
			return nil
		}
		e, _ := providers.Find(within[0])
		at = &e
	}
	return &Found{Software: at.Name, Type: at.ID}
}

// besideHosts returns examples of the parameters that are in no host.
func besideHosts(list []providers.Parameter) map[string]string {
	examples := map[string]string{}
	for _, p := range list {
		if p.Kind == providers.Line || p.Kind == providers.Segment {
			examples[p.Name] = p.Example
		}
	}
	return examples
}

// servers are the hosts that a provider's people and tokens go to.
func servers(p oauth.Provider) []string {
	var addresses []string
	switch p := p.(type) {
	case *oauth.OAuth1:
		addresses = []string{p.Endpoints.Authorize, p.Endpoints.API}
	case *oauth.OAuth2:
		addresses = []string{p.Endpoints.Authorize, p.Endpoints.API}
	case *oauth.OIDC:
		addresses = []string{p.Issuer, p.Endpoints.Authorize}
	}
	var hosts []string
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil {
			hosts = append(hosts, u.Hostname())
		}
	}
	return hosts
}
