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
)

// Description says what the fields say. E-mail counts as given where a path or
// CompleteProfile may find it.
func (p *OAuth2) Description() Description {
	name := p.Name
	if name == "" {
		name = p.ID
	}
	return Description{
		ID: p.ID, Name: name, Protocol: ProtocolOAuth2,
		Scopes: p.Scopes, ScopeAliases: p.ScopeAliases, UnnamedScopes: p.UnnamedScopes,
		FormPost: p.FormPost, TrustEmail: p.TrustEmail,
		Email:         p.Profile.Email != "" || p.CompleteProfile != nil,
		VerifiedEmail: p.Profile.EmailVerified != "" || p.CompleteProfile != nil,
		Refresh:       !p.NoRefresh,
		Revoke:        p.Endpoints.Revoke != "",
		EndsGrant:     p.Endpoints.Revoke != "" && p.Revocation.EndsGrant,
		RegisterURL:   p.RegisterURL,
	}
}

// Open checks the fields. The Client is a Refresher and a Revoker.
func (p *OAuth2) Open(env Env) (Client, error) {
	c, err := p.openClient(env.ready())
	if err == nil {
		err = checkAddress("Endpoints.UserInfo", p.Endpoints.UserInfo)
	}
	if err == nil && p.MapProfile == nil {
		err = p.Profile.check()
	}
	if err == nil && p.RequireIssuer && p.Issuer == "" {
		err = errors.New("RequireIssuer needs Issuer")
	}
	if err != nil {
		return nil, fmt.Errorf("oauth: provider %q: %w", p.ID, err)
	}
	return c, nil
}

// An oauth2Client speaks OAuth 2.0, for OAuth2 and as the part that OIDC has
// in common with it.
type oauth2Client struct {
	p       OAuth2
	env     Env
	about   Description
	clients registrations[clientAuth]
	hosts   hosts
	start   string // the authorization request as far as it is always the same
}

// openClient checks what every OAuth 2.0 flow needs. env must be ready.
func (p OAuth2) openClient(env Env) (*oauth2Client, error) {
	c := &oauth2Client{p: p, env: env, about: p.Description()}
	switch {
	case p.ID == "":
		return nil, errors.New("ID is missing")
	}
	if err := p.Revocation.check(); err != nil {
		return nil, err
	}
	if err := checkAddress("Endpoints.Token", p.Endpoints.Token); err != nil {
		return nil, err
	}
	if p.Endpoints.Revoke != "" {
		if err := checkAddress("Endpoints.Revoke", expandClientID(p.Endpoints.Revoke, "id")); err != nil {
			return nil, err
		}
	}
	for _, params := range []struct {
		name   string
		values url.Values
	}{{"AuthParams", p.AuthParams}, {"TokenParams", p.TokenParams}, {"RefreshParams", p.RefreshParams}} {
		if name := firstReserved(params.values); name != "" {
			return nil, fmt.Errorf("%s may not set %s", params.name, name)
		}
	}
	var err error
	if c.clients, err = newRegistrations(p.Credentials, p.clientAuth); err != nil {
		return nil, err
	}
	if c.start, err = startOf(&p); err != nil {
		return nil, err
	}
	c.hosts, err = hostsOf(p.Endpoints, p.APIHosts)
	return c, err
}

func (c *oauth2Client) Description() Description { return c.about }

// CallbackKey returns the state (RFC 6749 §4.1.2).
func (c *oauth2Client) CallbackKey(answer url.Values) string { return onlyValue(answer, "state") }

func (c *oauth2Client) Begin(ctx context.Context, r Request) (*Pending, error) {
	return c.begin(ctx, r, nil)
}

func (c *oauth2Client) Complete(ctx context.Context, p *Pending, answer url.Values) (*Grant, error) {
	code, err := c.checkCallback(p, answer)
	if err != nil {
		return nil, err
	}
	token, err := c.exchange(ctx, p, code, answer)
	if err != nil {
		return nil, err
	}
	profile, err := c.Profile(ctx, *token)
	if err != nil {
		return nil, err
	}
	return &Grant{ProviderID: c.p.ID, Profile: *profile, Token: *token, RequestedScopes: p.Scopes}, nil
}

func (c *oauth2Client) Profile(ctx context.Context, t Token) (*Profile, error) {
	raw, err := c.userInfo(ctx, t)
	if err != nil {
		return nil, err
	}
	var p Profile
	if c.p.MapProfile != nil {
		p, err = c.p.MapProfile(raw)
	} else {
		p, err = c.p.Profile.profile(raw)
	}
	if err != nil {
		return nil, c.failure(Invalid, "user info", err)
	}
	if !validSubject(p.Subject) {
		return nil, c.failure(Invalid, "user info", errNoSubject)
	}
	p.Raw = raw
	if err := c.complete(ctx, &p, t); err != nil {
		return nil, err
	}
	return &p, nil
}

// complete makes the provider's second call, where it has one, and tidies what
// the hooks made.
func (c *oauth2Client) complete(ctx context.Context, p *Profile, t Token) error {
	defer p.tidy()
	if c.p.CompleteProfile == nil {
		return nil
	}
	subject := p.Subject
	err := c.p.CompleteProfile(ctx, p, func(ctx context.Context, address string) (json.RawMessage, error) {
		return c.get(ctx, address, t, nil)
	})
	var failure *ProviderError
	switch {
	case errors.As(err, &failure):
		return failure
	case err != nil:
		return c.failure(Invalid, "user info", err)
	case p.Subject != subject:
		return c.failure(Invalid, "user info", errors.New("CompleteProfile changed the subject"))
	}
	return nil
}

// userInfo fetches the user-info answer.
func (c *oauth2Client) userInfo(ctx context.Context, t Token) (json.RawMessage, error) {
	if c.p.UserInfoPost {
		client, err := c.clients.of(t.ClientID, c.p.ID, "user info")
		if err != nil {
			return nil, err
		}
		form := url.Values{"access_token": {t.Access.Reveal()}, "client_id": {client.id}}
		return c.fetch(ctx, http.MethodPost, c.p.Endpoints.UserInfo, form, t, c.p.UserInfoParams)
	}
	return c.get(ctx, c.p.Endpoints.UserInfo, t, c.p.UserInfoParams)
}

// get fetches JSON from one of the provider's own addresses with the token.
func (c *oauth2Client) get(ctx context.Context, address string, t Token, params url.Values) (json.RawMessage, error) {
	return c.fetch(ctx, http.MethodGet, address, nil, t, params)
}

func (c *oauth2Client) fetch(ctx context.Context, method, address string, form url.Values, t Token, params url.Values) (json.RawMessage, error) {
	const op = "user info"
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, c.failure(Operator, op, errors.New("the address is not a URL"))
	}
	if !c.hosts.allows(req.URL) {
		return nil, c.failure(Operator, op, fmt.Errorf("%s is not a host of the provider", req.URL.Host))
	}
	addParams(req.URL, params)
	for name, values := range c.p.UserInfoHeader {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if req.Header.Get("Accept") == "" && len(c.p.APIHeader["Accept"]) == 0 {
		req.Header.Set("Accept", "application/json")
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if t.Access == "" {
			return nil, c.failure(Rejected, op, ErrNoToken)
		}
	} else if err := c.Sign(req, t); err != nil {
		return nil, c.failure(Rejected, op, err)
	}
	a, err := c.env.call(req)
	if err != nil {
		return nil, unanswered(c.p.ID, op, err)
	}
	if failure := c.judgeInfo(a, op); failure != nil {
		return nil, failure
	}
	return a.body, nil
}

// judgeInfo tells a refused token from a failing provider. Some providers
// refuse with status 200 and an error in the body.
func (c *oauth2Client) judgeInfo(a *answer, op string) *ProviderError {
	code, refused := "", false
	valid := json.Valid(a.body)
	if valid {
		code = errorCode(at(a.body, "error"))
		refused = string(at(a.body, "ok")) == "false" || rejected[code] || transient[code]
	}
	good := a.status >= 200 && a.status < 300
	if good && valid && !refused {
		return nil
	}
	f := a.failed(c.p.ID, op, code, c.env.Now())
	if good && !valid {
		f.Err = errProfileJSON
		if kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type")); kind == "application/jwt" {
			f.Kind, f.Err = Invalid, errSignedProfile // OpenID Connect Core §5.3.2
		}
	}
	if a.status == http.StatusUnauthorized {
		f.Kind = Rejected // here it speaks of the token, not of the client
	}
	return f
}

func (c *oauth2Client) failure(kind Kind, op string, err error) *ProviderError {
	return &ProviderError{Kind: kind, ProviderID: c.p.ID, Op: op, Err: err}
}
