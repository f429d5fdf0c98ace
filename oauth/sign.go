package oauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// TokenUse is how a request to a provider's API carries the token.
type TokenUse struct {
	Scheme string // of the Authorization header; "" means Bearer
	Query  string // when set, the name of a query parameter used instead of the header
	Header string // when set, the name of a header of its own that has the token alone

	// Proof, when set, names a query parameter that proves beside the token that the
	// client sends the request: HMAC-SHA256 of the token under the client secret, in
	// hexadecimal.
	Proof string
}

// Sign carries the token as the provider's Use says (RFC 6750 §2.1, §2.3).
func (c *oauth2Client) Sign(req *http.Request, t Token) error {
	if t.Access == "" {
		return ErrNoToken
	}
	switch {
	case c.p.Use.Query != "":
		dropParam(req.URL, c.p.Use.Query)
		addParam(req.URL, c.p.Use.Query, t.Access.Reveal())
	case c.p.Use.Header != "":
		req.Header.Set(c.p.Use.Header, t.Access.Reveal())
	default:
		scheme := c.p.Use.Scheme
		if scheme == "" {
			scheme = "Bearer"
		}
		req.Header.Set("Authorization", scheme+" "+t.Access.Reveal())
	}
	if c.p.Use.Proof != "" {
		if err := c.proveToken(req.URL, t); err != nil {
			return err
		}
	}
	addParams(req.URL, url.Values(c.forClient(http.Header(c.p.APIParams), c.credentials(t.ClientID))))
	c.setUserAgent(req)
	for name, values := range c.forClient(c.p.APIHeader, c.credentials(t.ClientID)) {
		if name = http.CanonicalHeaderKey(name); len(req.Header[name]) == 0 {
			req.Header[name] = values
		}
	}
	return nil
}

// proveToken adds the parameter Use.Proof.
func (c *oauth2Client) proveToken(u *url.URL, t Token) error {
	client, err := c.clients.of(t.ClientID, c.p.ID, opSign)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, []byte(client.proof().ClientSecret.Reveal()))
	mac.Write([]byte(t.Access.Reveal()))
	dropParam(u, c.p.Use.Proof)
	addParam(u, c.p.Use.Proof, hex.EncodeToString(mac.Sum(nil)))
	return nil
}

// credentials are those of the client with the ID, which may have left the list.
func (c *oauth2Client) credentials(clientID string) Credentials {
	if client := c.clients.find(clientID); client != nil {
		return client.proof().Credentials
	}
	return Credentials{ClientID: clientID}
}

// forClient returns the header with the client's ID and secret in place of {client_id} and
// {client_secret}.
func (c *oauth2Client) forClient(header http.Header, client Credentials) http.Header {
	if !has(header, clientIDPlaceholder) && !has(header, clientSecretPlaceholder) {
		return header
	}
	fill := strings.NewReplacer(clientIDPlaceholder, client.ClientID, clientSecretPlaceholder, client.ClientSecret.Reveal())
	own := make(http.Header, len(header))
	for name, values := range header {
		for _, value := range values {
			own[name] = append(own[name], fill.Replace(value))
		}
	}
	return own
}

// needsSecret reports whether a header has the client's secret.
func (p *OAuth2) needsSecret() bool {
	return has(p.TokenHeader, clientSecretPlaceholder) || has(http.Header(p.APIParams), clientSecretPlaceholder) || has(p.APIHeader, clientSecretPlaceholder) || has(p.UserInfoHeader, clientSecretPlaceholder)
}

// setUserAgent names the application, where the provider wants it.
func (c *oauth2Client) setUserAgent(req *http.Request) { setUserAgent(req, c.p.UserAgent) }

func setUserAgent(req *http.Request, userAgent string) {
	if userAgent != "" && len(req.Header["User-Agent"]) == 0 {
		req.Header.Set("User-Agent", userAgent)
	}
}

// clientIDPlaceholder is replaced by the client's ID in addresses, headers and parameters of
// the API, clientSecretPlaceholder by its secret in the last two.
const (
	clientIDPlaceholder     = "{client_id}"
	clientSecretPlaceholder = "{client_secret}"
)

func has(header http.Header, placeholder string) bool {
	for _, values := range header {
		for _, value := range values {
			if strings.Contains(value, placeholder) {
				return true
			}
		}
	}
	return false
}

// Allows reports whether the URL is one of the provider's own.
func (c *oauth2Client) Allows(_ context.Context, u *url.URL) bool { return c.hosts.Allows(u) }

// addParams adds the parameters that the URL does not have yet. What the query has
// stays as the caller wrote it.
func addParams(u *url.URL, params url.Values) {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if hasParam(u, name) {
			continue
		}
		for _, value := range params[name] {
			addParam(u, name, value)
		}
	}
}

func addParam(u *url.URL, name, value string) {
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(value)
}

func hasParam(u *url.URL, name string) bool {
	for pair := range strings.SplitSeq(u.RawQuery, "&") {
		if isParam(pair, name) {
			return true
		}
	}
	return false
}

func dropParam(u *url.URL, name string) {
	if !hasParam(u, name) {
		return
	}
	pairs := strings.Split(u.RawQuery, "&")
	u.RawQuery = strings.Join(slices.DeleteFunc(pairs, func(pair string) bool { return isParam(pair, name) }), "&")
}

func isParam(pair, name string) bool {
	have, _, _ := strings.Cut(pair, "=")
	plain, _ := url.QueryUnescape(have) // "" for what is not encoded
	return plain == name
}

// SignatureHeader implements HeaderSigner. It reports false where the token or
// APIParams go into the URL of each request.
func (c *oauth2Client) SignatureHeader(t Token) (http.Header, bool) {
	if c.p.Use.Query != "" || c.p.Use.Proof != "" || len(c.p.APIParams) > 0 {
		return nil, false
	}
	req := http.Request{Header: http.Header{}}
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
