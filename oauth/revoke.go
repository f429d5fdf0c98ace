package oauth

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gosocial/social/secret"
)

// A Revocation is how a provider ends tokens at Endpoints.Revoke. The zero value
// is RFC 7009: the client authenticates as at the token endpoint and posts a form
// with token and token_type_hint, for the refresh token first.
type Revocation struct {
	// Method is POST when empty.
	Method string

	// Bearer signs the request with the access token, as any request to the API.
	// The client does not authenticate, and there is no body.
	Bearer bool

	// Auth is the way of client authentication, when it is not that of the token
	// endpoint: AuthBasic, AuthPost or AuthNone.
	Auth TokenAuth

	// Field is the name of the token in the body; "" means token.
	Field string

	// Params are further parameters of the form.
	Params url.Values

	// JSON sends an object with Field alone instead of a form.
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
	if r.JSON && r.Auth != AuthBasic {
		return errors.New("field Revocation.JSON needs Auth to be AuthBasic")
	}
	return nil
}

// Values of token_type_hint (RFC 7009 §2.1).
const (
	hintAccess  = "access_token"
	hintRefresh = "refresh_token"
)

func expandClientID(address, clientID string) string {
	return strings.ReplaceAll(address, clientIDPlaceholder, url.PathEscape(clientID))
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
	address := expandClientID(c.p.Endpoints.Revoke, client.id)
	if c.p.Revocation.Bearer {
		return c.revokeByItself(ctx, address, t)
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
		if err := c.revokeOne(ctx, client, address, one.token, one.hint); err != nil {
			return err
		}
	}
	return nil
}

// revokeOne ends one token (RFC 7009 §2.1).
func (c *oauth2Client) revokeOne(ctx context.Context, client *registration[clientAuth], address string, token secret.Text, hint string) (err error) {
	client.each(func(auth *clientAuth) bool {
		var req *http.Request
		if req, err = c.revocation(ctx, auth, address, token, hint); err != nil {
			err = c.failure(Operator, opRevoke, err)
			return false
		}
		err = c.end(req)
		return clientRefused(err)
	})
	return err
}

// revocation makes the request that ends one token.
func (c *oauth2Client) revocation(ctx context.Context, auth *clientAuth, address string, token secret.Text, hint string) (*http.Request, error) {
	r := &c.p.Revocation
	if r.Auth != "" {
		other := *auth
		other.how = r.Auth
		auth = &other
	}
	field := r.Field
	if field == "" {
		field = "token"
	}
	var req *http.Request
	var err error
	if r.JSON {
		req, err = jsonRequest(ctx, address, field, token)
	} else {
		form := url.Values{field: {token.Reveal()}}
		if r.Field == "" {
			form.Set("token_type_hint", hint)
		}
		for name, values := range r.Params {
			form[name] = values
		}
		req, err = c.post(ctx, auth, address, form)
	}
	if err != nil {
		return nil, err
	}
	if r.JSON {
		req.Header.Set("Authorization", basicHeader(auth.ClientID, auth.ClientSecret))
	}
	if r.Method != "" {
		req.Method = r.Method
	}
	if r.OfAPI() {
		for name, values := range c.forClient(c.p.APIHeader, auth.ClientID) {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return req, nil
}

func jsonRequest(ctx context.Context, address, field string, token secret.Text) (*http.Request, error) {
	body, _ := json.Marshal(map[string]string{field: token.Reveal()}) // texts have a JSON form
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address is not a URL")
	}
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

// revokeByItself ends an access token by a request that it signs.
func (c *oauth2Client) revokeByItself(ctx context.Context, address string, t Token) error {
	if t.Access == "" {
		return nil
	}
	method := c.p.Revocation.Method
	if method == "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err == nil {
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
