package oauth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/secret"
)

// minState is the length of 128 bits in base64.
const minState = 22

// isReserved reports whether the protocol itself sets a parameter. Servers that
// ignore case exist.
func isReserved(name string) bool {
	switch strings.ToLower(name) {
	case "response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "max_age",
		"code_challenge", "code_challenge_method", "request", "request_uri",
		"grant_type", "code", "code_verifier", "refresh_token", "client_secret", "client_assertion", "client_assertion_type":
		return true
	}
	return false
}

func firstReserved(params url.Values, but ...string) string {
	for name := range params {
		if isReserved(name) && !slices.Contains(but, name) {
			return name
		}
	}
	return ""
}

// takeRedirect takes from the parameters what goes in place of the redirect URI, "" where
// the URI goes itself. Both requests have to have the same (RFC 6749 §4.1.3).
func (p *OAuth2) takeRedirect() string {
	const name = "redirect_uri"
	value := p.AuthParams[name]
	if len(value) != 1 || !slices.Equal(value, p.TokenParams[name]) {
		return ""
	}
	p.AuthParams, p.TokenParams = maps.Clone(p.AuthParams), maps.Clone(p.TokenParams)
	delete(p.AuthParams, name)
	delete(p.TokenParams, name)
	return value[0]
}

// startOf writes the part of the authorization request that is the same in every
// flow, and returns its fragment, which ends the address.
func startOf(p *OAuth2) (start, fragment string, err error) {
	start, fragment, _ = strings.Cut(p.Endpoints.Authorize, "#")
	if err := checkAddress("Endpoints.Authorize", start); err != nil {
		return "", "", err
	}
	u, _ := url.Parse(start) // RFC 6749 §3.1: it may have a query
	if name := firstReserved(u.Query()); name != "" {
		return "", "", fmt.Errorf("Endpoints.Authorize may not set %s", name)
	}
	if fragment != "" {
		fragment = "#" + fragment
	}
	switch {
	case u.RawQuery != "":
		start += "&"
	case !strings.HasSuffix(start, "?"):
		start += "?"
	}
	start += "response_type=code&" + url.QueryEscape(p.name("client_id")) + "=" + url.QueryEscape(p.Credentials[0].ClientID)
	if p.FormPost {
		start += "&response_mode=form_post"
	}
	return start, fragment, nil
}

// begin starts a flow. extra are parameters of a protocol above, such as nonce.
func (c *oauth2Client) begin(_ context.Context, r Request, extra url.Values) (*Pending, error) {
	if name := firstReserved(r.Params); name != "" {
		return nil, fmt.Errorf("oauth: %s: Params may not set %s", c.p.ID, name)
	}
	if len(r.State) < minState {
		return nil, fmt.Errorf("oauth: %s: State is shorter than %d characters", c.p.ID, minState)
	}
	if err := checkRedirect(r.RedirectURI); err != nil {
		return nil, fmt.Errorf("oauth: %s: %w", c.p.ID, err)
	}
	scopes := r.Scopes
	if scopes == nil {
		scopes = c.p.Scopes
	}
	p := &Pending{ClientID: c.clients[0].id, State: r.State, RedirectURI: r.RedirectURI, Scopes: slices.Clone(scopes)}

	var b strings.Builder
	b.Grow(len(c.start) + 512)
	b.WriteString(c.start)
	write := func(name, value string) {
		b.WriteByte('&')
		b.WriteString(url.QueryEscape(name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(value))
	}
	write(c.p.name("redirect_uri"), cmp.Or(c.redirect, r.RedirectURI))
	if len(scopes) > 0 {
		write(c.p.name("scope"), c.p.joinScopes(scopes))
	}
	write("state", r.State)
	if !c.p.WithoutPKCE {
		p.Verifier = secret.Text(rand.Text() + rand.Text()) // 52 characters, 256 bits (RFC 7636 §4.1)
		sum := sha256.Sum256([]byte(p.Verifier))
		write("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
		write("code_challenge_method", "S256")
	}
	for _, params := range [...]url.Values{extra, hinted(c.p.AuthParams, &r, c.p.Hints, c.p.Consent, c.p.ChooseAccount, c.p.Reauthenticate)} {
		for name, values := range params {
			for _, value := range values {
				write(name, value)
			}
		}
	}
	b.WriteString(c.fragment)
	p.URL = b.String()
	return p, nil
}

// checkRedirect accepts what RFC 8252 does too: loopback addresses and
// private-use schemes.
func checkRedirect(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil, !u.IsAbs(), u.Fragment != "", u.User != nil:
		return errors.New("RedirectURI is not an absolute address without a fragment")
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host == "":
		return errors.New("RedirectURI has no host")
	}
	return nil
}
