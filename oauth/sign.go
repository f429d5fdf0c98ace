package oauth

import (
	"errors"
	"net/http"
	"net/url"
)

var errNoToken = errors.New("oauth: the token is empty")

// Sign carries the token as the provider's Use says (RFC 6750 §2.1, §2.3).
func (c *oauth2Client) Sign(req *http.Request, t Token) error {
	if t.Access == "" {
		return errNoToken
	}
	if c.p.Use.Query != "" {
		q := req.URL.Query()
		q.Set(c.p.Use.Query, t.Access.Reveal())
		req.URL.RawQuery = q.Encode()
	} else {
		scheme := c.p.Use.Scheme
		if scheme == "" {
			scheme = "Bearer"
		}
		req.Header.Set("Authorization", scheme+" "+t.Access.Reveal())
	}
	addParams(req.URL, c.p.APIParams)
	for name, values := range c.p.APIHeader {
		if name = http.CanonicalHeaderKey(name); len(req.Header[name]) == 0 {
			req.Header[name] = values
		}
	}
	return nil
}

// Allows reports whether the URL is one of the provider's own.
func (c *oauth2Client) Allows(u *url.URL) bool { return c.hosts.allows(u) }

// addParams adds the parameters that the URL does not have yet.
func addParams(u *url.URL, params url.Values) {
	if len(params) == 0 {
		return
	}
	q := u.Query()
	for name, values := range params {
		if !q.Has(name) {
			q[name] = values
		}
	}
	u.RawQuery = q.Encode()
}

// SignatureHeader implements HeaderSigner: parameters in the URL have to be set
// on each request, headers have not.
func (c *oauth2Client) SignatureHeader(t Token) (http.Header, bool) {
	if c.p.Use.Query != "" || len(c.p.APIParams) > 0 {
		return nil, false
	}
	req := http.Request{URL: &url.URL{}, Header: http.Header{}}
	if err := c.Sign(&req, t); err != nil {
		return nil, false
	}
	return req.Header, true
}

// SignatureHeader implements HeaderSigner, once the provider is discovered.
func (c *oidcClient) SignatureHeader(t Token) (http.Header, bool) {
	if c.fixed != nil {
		return c.fixed.SignatureHeader(t)
	}
	s, ok := c.found.peek()
	if !ok {
		return nil, false
	}
	return s.SignatureHeader(t)
}
