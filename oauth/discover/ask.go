package discover

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/gosocial/social/oauth"
)

// maxDocument bounds what is read of an answer.
const maxDocument = 1 << 20

func (f *Finder) client() *http.Client {
	if f.HTTP == nil {
		return oauth.NewHTTPClient(oauth.HTTPOptions{})
	}
	client := *f.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// A survey is what one host has answered.
type survey struct {
	ctx  context.Context
	http *http.Client
	base *url.URL

	mu      sync.Mutex
	answers map[string]answer // by address
}

// An answer is the JSON object at an address, or why there is none.
type answer struct {
	object map[string]json.RawMessage // nil where there is none
	server oauth.Metadata             // what it says of a server
	header http.Header
	moved  *url.URL // where the address redirects to
	err    error    // no answer at all
}

// Paths of software below the base address.
const (
	pathMastodon  = "/api/v2/instance"
	pathGitea     = "/api/v1/version"
	pathForgejo   = "/api/forgejo/v1/version"
	pathNextcloud = "/status.php"
	pathNodeInfo  = "/.well-known/nodeinfo"
)

// Names of metadata documents: OpenID Connect Discovery 1.0 §4, RFC 8414 §3, RFC 9728 §3.
const (
	openIDConfiguration = "openid-configuration"
	authorizationServer = "oauth-authorization-server"
	protectedResource   = "oauth-protected-resource"
)

// ask asks for everything that may be at the host, side by side.
func (f *Finder) ask(ctx context.Context, base *url.URL) *survey {
	s := &survey{ctx: ctx, http: f.client(), base: base, answers: map[string]answer{}}
	addresses := []string{
		s.below(pathMastodon), s.below(pathGitea), s.below(pathForgejo), s.below(pathNextcloud),
		s.below("/.well-known/" + openIDConfiguration), wellKnown(base, openIDConfiguration), // the same without a path
		wellKnown(base, authorizationServer), wellKnown(base, protectedResource),
	}
	var wg sync.WaitGroup
	for _, address := range slices.Compact(addresses) {
		wg.Go(func() { s.get(address) })
	}
	wg.Wait()
	return s
}

func (s *survey) below(path string) string { return s.base.String() + path }

// wellKnown puts the name of a document between host and path (RFC 8414 §3.1), which has
// no slash at its end.
func wellKnown(issuer *url.URL, name string) string {
	u := *issuer
	u.Path = "/.well-known/" + name + u.Path
	return u.String()
}

// get returns the answer of an address, which is asked once.
func (s *survey) get(address string) answer {
	s.mu.Lock()
	known, ok := s.answers[address]
	s.mu.Unlock()
	if ok {
		return known
	}
	a := s.fetch(address)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[address] = a
	return a
}

func (s *survey) fetch(address string) answer {
	req, err := http.NewRequestWithContext(s.ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{err: err}
	}
	req.Header.Set("Accept", "application/json")
	resp, err := s.http.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument))
	if err != nil {
		return answer{err: err}
	}
	a := answer{header: resp.Header}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))                                 // some servers send a byte order mark (RFC 8259 §8.1)
	if resp.StatusCode == http.StatusOK && json.Unmarshal(body, &a.object) == nil { // anything but an object is as none
		if m, err := oauth.ParseMetadata(body); err == nil {
			a.server = *m
		}
	}
	if resp.StatusCode/100 == 3 {
		a.moved, _ = resp.Location()
	}
	return a
}

// text returns a member that is a text.
func (a answer) text(name string) string {
	var text string
	json.Unmarshal(a.object[name], &text)
	return text
}

// says reports whether a member is true.
func (a answer) says(name string) bool {
	var is bool
	json.Unmarshal(a.object[name], &is)
	return is
}

// scopes returns the scopes of a list, without what cannot be one.
func scopes(list []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(scope string) bool { return !isScope(scope) })
}

// list returns a member that is a list of texts.
func (a answer) list(name string) []string {
	var list []string
	json.Unmarshal(a.object[name], &list)
	return list
}

// unreachable returns why the host did not answer at all, nil where it did.
func (s *survey) unreachable() error {
	var first error
	for _, a := range s.answers {
		if a.err == nil {
			return nil
		}
		first = a.err
	}
	var cause *url.Error
	if errors.As(first, &cause) {
		first = cause.Err // without the address, which is one of several and not the caller's
	}
	return first
}

// elsewhere returns the other host that this one redirects to, "" where it does not.
func (s *survey) elsewhere() string {
	for _, address := range slices.Sorted(maps.Keys(s.answers)) {
		if to := s.answers[address].moved; to != nil && isAddress(to.String(), s.base.Scheme == "http") && to.Host != s.base.Host {
			return to.Host
		}
	}
	return ""
}

// checkAddresses judges the addresses of a document: https, or http where the document
// itself came by it, and nothing that hides a host.
func checkAddresses(source *url.URL, m *oauth.Metadata) error {
	for _, of := range []struct{ name, address string }{
		{"authorization_endpoint", m.Endpoints.Authorize}, {"token_endpoint", m.Endpoints.Token}, {"userinfo_endpoint", m.Endpoints.UserInfo},
		{"jwks_uri", m.Endpoints.Keys}, {"revocation_endpoint", m.Endpoints.Revoke}, {"registration_endpoint", m.Registration},
	} {
		if of.address != "" && !isAddress(of.address, source.Scheme == "http") {
			return fmt.Errorf("%s of its metadata is not an https address", of.name)
		}
	}
	return nil
}
