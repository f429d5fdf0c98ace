// Package origin judges which site a request comes from: from this one, from one that
// is trusted, or from another.
package origin

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ErrSyntax: a text is no origin.
var ErrSyntax = errors.New("want scheme and host only, such as https://spa.example.com")

// Parse returns an origin as browsers write it (RFC 6454 §6.2): in lower case, without
// the scheme's own port. A slash at the end is left out.
func Parse(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" ||
		u.Opaque != "" || u.Path != "" && u.Path != "/" || strings.ContainsAny(u.Host, "*,%") {
		return "", ErrSyntax
	}
	for i := 0; i < len(u.Host); i++ {
		if u.Host[i] <= ' ' || u.Host[i] >= 0x7f { // browsers send the ASCII form
			return "", ErrSyntax
		}
	}
	host := strings.ToLower(u.Host)
	switch u.Scheme {
	case "https":
		host = strings.TrimSuffix(host, ":443")
	case "http":
		host = strings.TrimSuffix(host, ":80")
	default:
		return "", ErrSyntax
	}
	return u.Scheme + "://" + strings.TrimSuffix(host, ":"), nil
}

// A Policy says from where requests may come that change something, and who may read
// answers besides this site. It is safe for concurrent use.
type Policy struct {
	app        string
	trusted    []string
	protection *http.CrossOriginProtection
}

// New returns the policy of the site at app, which trusts further origins, all as
// Parse returns them.
func New(app string, trusted []string) (*Policy, error) {
	p := &Policy{app, slices.Clone(trusted), http.NewCrossOriginProtection()}
	for _, origin := range append([]string{app}, trusted...) {
		if err := p.protection.AddTrustedOrigin(origin); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Check returns an error for a request that may change something and that a browser
// sends from a page of another site. A request that says nothing of where it is from
// is no browser's.
func (p *Policy) Check(r *http.Request) error { return p.protection.Check(r) }

// Share lets pages of the trusted origins read the answer, with the user's cookies
// (Fetch §3.2, CORS). It reports whether it has answered the request, which asked for
// nothing more.
func (p *Policy) Share(w http.ResponseWriter, r *http.Request) (answered bool) {
	if len(p.trusted) == 0 {
		return false
	}
	h := w.Header()
	vary(h, "Origin")
	origins := r.Header["Origin"]
	if len(origins) != 1 || !slices.Contains(p.trusted, origins[0]) {
		return false
	}
	h.Set("Access-Control-Allow-Origin", origins[0])
	h.Set("Access-Control-Allow-Credentials", "true")
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PATCH, DELETE")
	if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
		vary(h, "Access-Control-Request-Headers")
		h.Set("Access-Control-Allow-Headers", asked)
	}
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// vary names a header of the request that the answer depends on, once.
func vary(h http.Header, name string) {
	if !slices.Contains(h["Vary"], name) {
		h.Add("Vary", name)
	}
}

// Local reports whether a host, without a port, is this machine.
func Local(host string) bool {
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}

// And returns the policy with more origins that are trusted, p where there are none.
func (p *Policy) And(more []string) *Policy {
	if len(more) == 0 {
		return p
	}
	other := &Policy{p.app, slices.Concat(p.trusted, more), http.NewCrossOriginProtection()}
	for _, origin := range append([]string{p.app}, other.trusted...) {
		if err := other.protection.AddTrustedOrigin(origin); err != nil {
			return p // they are no origins: none is trusted
		}
	}
	return other
}
