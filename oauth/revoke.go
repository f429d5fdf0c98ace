package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"

	"github.com/gosocial/social/secret"
)

// A Revocation is how a provider ends tokens at Endpoints.Revoke. The zero value
// is RFC 7009: the client authenticates as at the token endpoint and posts a form
// with token and token_type_hint, for the refresh token first.
//
// Where Endpoints.Revoke holds {token}, the token goes there and not into the body.
type Revocation struct {
	// Method is POST when empty.
	Method string

	// Bearer signs the request with the access token, as any request to the API.
	// The client does not authenticate, and there is no body, unless Field is set.
	Bearer bool

	// Auth is the way of client authentication, when it is not that of the token
	// endpoint: AuthBasic, AuthPost or AuthNone.
	Auth TokenAuth

	// SecretScheme, in place of Auth, is the scheme of an Authorization header that has
	// the client's secret alone, as in "Bearer SECRET". The parameters have client_id.
	SecretScheme string

	// Field is the name of the token among the parameters; "" means token.
	Field string

	// Params are further parameters. Values may hold {token:NAME} and {callback:NAME}, as
	// those of UserInfoParams. One with the name of Field replaces the token.
	Params url.Values

	// JSON sends an object in place of a form, without token_type_hint.
	JSON bool

	// Only is "access_token" or "refresh_token" where the endpoint takes no other
	// token. With Bearer it takes access tokens.
	Only string

	// Gone recognises answers by which the provider says that there is no such token
	// (any more), besides those with an error code for it. A condition may be a
	// status alone.
	Gone []Condition

	// EndsGrant says that the whole grant ends, with all its tokens, whichever token
	// is shown.
	EndsGrant bool
}

// OfAPI reports whether the endpoint is part of the provider's API: its requests
// carry OAuth2.APIHeader, and it moves together with Endpoints.API.
func (r *Revocation) OfAPI() bool { return r.Bearer || r.JSON }

func (r *Revocation) check() error {
	switch r.Auth {
	case "", AuthBasic, AuthPost, AuthNone:
	default:
		return fmt.Errorf("Revocation.Auth cannot be %q", string(r.Auth))
	}
	switch r.Only {
	case "", hintAccess, hintRefresh:
	default:
		return fmt.Errorf("Revocation.Only cannot be %q", r.Only)
	}
	if _, err := http.NewRequest(r.Method, "", nil); err != nil {
		return fmt.Errorf("Revocation.Method cannot be %q", r.Method)
	}
	if r.SecretScheme != "" && (r.Auth != "" || r.Bearer) {
		return errors.New("field Revocation.SecretScheme is in place of Auth and Bearer")
	}
	return nil
}

// body is how the request carries its parameters.
func (r *Revocation) body() TokenBody {
	if r.JSON {
		return BodyJSON
	}
	return BodyForm
}

// Values of token_type_hint (RFC 7009 §2.1).
const (
	hintAccess  = "access_token"
	hintRefresh = "refresh_token"
)

// revokedPlaceholder is replaced by the token to revoke.
const revokedPlaceholder = "{token}"

// revokeAddress puts client and token into the address that ends the token.
func revokeAddress(address, clientID string, token secret.Text) string {
	path, query, _ := strings.Cut(address, "?")
	fill := func(text string, escape func(string) string) string {
		return strings.NewReplacer(clientIDPlaceholder, escape(clientID), revokedPlaceholder, escape(token.Reveal())).Replace(text)
	}
	if path = fill(path, url.PathEscape); query != "" {
		path += "?" + fill(query, url.QueryEscape)
	}
	return path
}

// Revoke ends the token in the provider's way.
func (c *oauth2Client) Revoke(ctx context.Context, t Token) error {
	if c.p.Endpoints.Revoke == "" {
		return c.failure(Rejected, opRevoke, errors.ErrUnsupported)
	}
	client, err := c.clients.of(t.ClientID, c.p.ID, opRevoke)
	if err != nil {
		return err
	}
	if c.p.Revocation.Bearer {
		return c.revokeByItself(ctx, client.id, t)
	}
	// The refresh token takes its access tokens along (RFC 7009 §2.1), but not
	// at every provider.
	for _, one := range [...]struct {
		token secret.Text
		hint  string
	}{{t.Refresh, hintRefresh}, {t.Access, hintAccess}} {
		if one.token == "" || c.p.Revocation.Only != "" && c.p.Revocation.Only != one.hint {
			continue
		}
		if err := c.revokeOne(ctx, client, t, one.token, one.hint); err != nil {
			return err
		}
	}
	return nil
}

// revokeOne ends one token (RFC 7009 §2.1), of those of t.
func (c *oauth2Client) revokeOne(ctx context.Context, client *registration[clientAuth], t Token, token secret.Text, hint string) error {
	form, err := c.revocationForm(t, token, hint)
	if err != nil {
		return c.failure(Invalid, opRevoke, err)
	}
	address, err := c.endpointOf(t, "revocation endpoint", revokeAddress(c.p.Endpoints.Revoke, client.id, token))
	if err != nil {
		return c.failure(Invalid, opRevoke, err)
	}
	client.each(func(auth *clientAuth) bool {
		var req *http.Request
		if req, err = c.revocation(ctx, auth, address, maps.Clone(form)); err != nil {
			err = c.failure(Operator, opRevoke, err)
			return false
		}
		err = c.end(req)
		return clientRefused(err)
	})
	return err
}

// revocationForm has the parameters that end a token.
func (c *oauth2Client) revocationForm(t Token, token secret.Text, hint string) (url.Values, error) {
	r := &c.p.Revocation
	form := url.Values{}
	if !strings.Contains(c.p.Endpoints.Revoke, revokedPlaceholder) {
		form.Set(cmp.Or(r.Field, "token"), token.Reveal())
		if r.Field == "" && !r.JSON {
			form.Set("token_type_hint", hint)
		}
	}
	_, params, err := filledBy(t, "", r.Params)
	maps.Copy(form, params)
	return form, err
}

// revocation makes the request that ends one token.
func (c *oauth2Client) revocation(ctx context.Context, auth *clientAuth, address string, form url.Values) (*http.Request, error) {
	r := &c.p.Revocation
	other := *auth
	switch {
	case r.SecretScheme != "":
		other.how = AuthNone
	case r.Auth != "":
		other.how = r.Auth
	}
	req, err := c.proved(ctx, &other, address, form, r.body())
	if err != nil {
		return nil, err
	}
	if r.SecretScheme != "" {
		req.Header.Set("Authorization", r.SecretScheme+" "+auth.ClientSecret.Reveal())
	}
	if r.Method != "" {
		req.Method = r.Method
	}
	if r.OfAPI() {
		for name, values := range c.forClient(c.p.APIHeader, auth.Credentials) {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return req, nil
}

// revokeByItself ends an access token by a request that it signs.
func (c *oauth2Client) revokeByItself(ctx context.Context, clientID string, t Token) error {
	if t.Access == "" {
		return nil
	}
	r := &c.p.Revocation
	address, invalid := c.endpointOf(t, "revocation endpoint", revokeAddress(c.p.Endpoints.Revoke, clientID, t.Access))
	if invalid != nil {
		return c.failure(Invalid, opRevoke, invalid)
	}
	method := cmp.Or(r.Method, http.MethodPost)
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if r.Field != "" {
		form, invalid := c.revocationForm(t, t.Access, "")
		if invalid != nil {
			return c.failure(Invalid, opRevoke, invalid)
		}
		req, err = requestWith(ctx, address, form, r.body())
	}
	if err == nil {
		req.Method = method
		err = c.Sign(req, t)
	}
	if err != nil {
		return c.failure(Operator, opRevoke, errors.New("the address is not a URL"))
	}
	return c.end(req)
}

// end sends a revocation. A token that the provider does not know any more is
// ended.
func (c *oauth2Client) end(req *http.Request) error {
	a, err := c.env.call(req)
	if err != nil {
		return unanswered(c.p.ID, opRevoke, err)
	}
	if a.good() || c.words.gone.hold(a) {
		return nil
	}
	code := ""
	if json.Valid(a.body) {
		code = errorCode(at(a.body, "error"))
	}
	f := c.words.failed(a, c.p.ID, opRevoke, code, c.env.Now())
	if codes2[f.Code] == Rejected && a.status < 500 {
		return nil
	}
	return f
}
