package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gosocial/social/secret"
)

// A UserInfoMethod is how the user-info endpoint is asked.
type UserInfoMethod string

// Ways to ask for the user info.
const (
	UserInfoByGet  UserInfoMethod = "" // with the token as Use says
	UserInfoByPost UserInfoMethod = "post"
	// UserInfoByForm posts the access token (RFC 6750 §2.2) and the client ID as a form.
	UserInfoByForm UserInfoMethod = "form"
	// UserInfoByIntrospection says that the endpoint is one of token introspection (RFC
	// 7662): the client authenticates as at the token endpoint.
	UserInfoByIntrospection UserInfoMethod = "introspection"
)

func (m UserInfoMethod) check() error {
	switch m {
	case UserInfoByGet, UserInfoByPost, UserInfoByForm, UserInfoByIntrospection:
		return nil
	}
	return fmt.Errorf("UserInfoBy cannot be %q", string(m))
}

// userInfo fetches the user-info answer.
func (c *oauth2Client) userInfo(ctx context.Context, t Token) (json.RawMessage, error) {
	if c.p.UserInfoBy == UserInfoByIntrospection {
		return c.introspect(ctx, t)
	}
	r := infoRequest{method: http.MethodGet, address: c.p.Endpoints.UserInfo, params: c.p.UserInfoParams}
	switch c.p.UserInfoBy {
	case UserInfoByPost:
		r.method, r.body = http.MethodPost, c.p.UserInfoBody
	case UserInfoByForm:
		client, err := c.clients.of(t.ClientID, c.p.ID, opUserInfo)
		if err != nil {
			return nil, err
		}
		r.method, r.form = http.MethodPost, url.Values{"access_token": {t.Access.Reveal()}, "client_id": {client.id}}
	}
	return c.fetch(ctx, r, t)
}

// get fetches JSON from one of the provider's own addresses with the token.
func (c *oauth2Client) get(ctx context.Context, address string, t Token, params url.Values) (json.RawMessage, error) {
	return c.fetch(ctx, infoRequest{method: http.MethodGet, address: address, params: params}, t)
}

// An infoRequest asks for a part of a profile. Its address and the values of params may
// have placeholders of the token.
type infoRequest struct {
	method, address string
	params          url.Values
	body            string     // JSON
	form            url.Values // has the token
}

func (c *oauth2Client) fetch(ctx context.Context, r infoRequest, t Token) (json.RawMessage, error) {
	address, params, err := filledBy(t, r.address, r.params)
	if err != nil {
		return nil, c.failure(Invalid, opUserInfo, err)
	}
	body := r.body
	if r.form != nil {
		body = r.form.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, strings.NewReader(body))
	if err != nil {
		return nil, c.failure(Operator, opUserInfo, errors.New("the address is not a URL"))
	}
	if !c.hosts.Allows(req.URL) {
		return nil, c.failure(Operator, opUserInfo, fmt.Errorf("%s is not a host of the provider", req.URL.Host))
	}
	addParams(req.URL, params)
	for name, values := range c.forClient(c.p.UserInfoHeader, c.credentials(t.ClientID)) {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if req.Header.Get("Accept") == "" && len(c.p.APIHeader["Accept"]) == 0 {
		req.Header.Set("Accept", "application/json")
	}
	switch {
	case r.form != nil:
		c.setUserAgent(req)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if t.Access == "" {
			return nil, c.failure(Rejected, opUserInfo, ErrNoToken)
		}
	default:
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		if err := c.Sign(req, t); err != nil {
			return nil, c.failure(Rejected, opUserInfo, err)
		}
	}
	a, err := c.env.call(req)
	if err != nil {
		return nil, unanswered(c.p.ID, opUserInfo, err)
	}
	if failure := c.judgeInfo(a); failure != nil {
		return nil, failure
	}
	return a.body, nil
}

// introspect asks what the provider knows of the token (RFC 7662 §2).
func (c *oauth2Client) introspect(ctx context.Context, t Token) (body json.RawMessage, err error) {
	if t.Access == "" {
		return nil, c.failure(Rejected, opUserInfo, ErrNoToken)
	}
	client, err := c.clients.of(t.ClientID, c.p.ID, opUserInfo)
	if err != nil {
		return nil, err
	}
	client.each(func(auth *clientAuth) bool {
		body, err = c.introspectAs(ctx, auth, t.Access)
		return clientRefused(err)
	})
	return body, err
}

func (c *oauth2Client) introspectAs(ctx context.Context, auth *clientAuth, access secret.Text) (json.RawMessage, error) {
	form := url.Values{"token": {access.Reveal()}, "token_type_hint": {hintAccess}}
	req, err := c.post(ctx, auth, c.p.Endpoints.UserInfo, form)
	if err != nil {
		return nil, c.failure(Operator, opUserInfo, err)
	}
	a, err := c.env.call(req)
	if err != nil {
		return nil, unanswered(c.p.ID, opUserInfo, err)
	}
	f := c.judgeInfo(a)
	switch {
	case f != nil:
		if a.status == http.StatusUnauthorized {
			f.Kind = Operator // the client is refused
		}
		return nil, f
	case string(at(a.body, "active")) != "true":
		return nil, c.failure(Rejected, opUserInfo, errors.New("the token is not active"))
	}
	return a.body, nil
}

// judgeInfo returns nil for an answer that is a profile, or the failure that it
// reports. Some providers refuse with status 200 and an error in the body.
func (c *oauth2Client) judgeInfo(a *answer) *ProviderError {
	var code string
	var refused bool
	valid := json.Valid(a.body)
	if valid {
		code = errorCode(at(a.body, "error"))
		kind, known := codes2[c.words.codes.meaning(code)]
		refused = c.words.refused.hold(a) || known && kind != Operator
	}
	if a.good() && (valid && !refused || c.openID && isJWT(a.header)) {
		return nil
	}
	f := c.words.failed(a, c.p.ID, opUserInfo, code, c.env.Now())
	if a.good() && !valid {
		f.Err = errProfileJSON
		if isJWT(a.header) {
			f.Kind, f.Err = Invalid, errSignedProfile // OpenID Connect Core §5.3.2
		}
	}
	if a.status == http.StatusUnauthorized {
		f.Kind = Rejected // the token is refused, not the client
	}
	return f
}

func isJWT(h http.Header) bool {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return kind == "application/jwt"
}
