package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/gosocial/social/internal/hosts"
)

// Description implements Provider. Email is set where a path may find an address.
func (p *OAuth2) Description() Description {
	return Description{
		ID: p.ID, Name: cmp.Or(p.Name, p.ID), Mark: cmp.Or(p.Mark, p.ID), Protocol: ProtocolOAuth2,
		Scopes: p.Scopes, ScopeAliases: p.ScopeAliases, UnnamedScopes: p.UnnamedScopes, ScopeTexts: p.ScopeTexts,
		Hints:    hintNames(p.Hints),
		FormPost: p.FormPost, TrustEmail: p.TrustEmail,
		Email:          p.Profile.Email != "",
		VerifiedEmail:  p.Profile.EmailVerified != "",
		Refresh:        !p.NoRefresh,
		Revoke:         p.Endpoints.Revoke != "",
		EndsGrant:      p.Endpoints.Revoke != "" && p.Revocation.EndsGrant,
		LateRefresh:    p.LateRefresh,
		SignedRequests: p.SignedRequests,
		RegisterURL:    p.RegisterURL,
		API:            p.Endpoints.API,
	}
}

// Open implements Provider. The Client is a Refresher and a Revoker.
func (p *OAuth2) Open(env Env) (Client, error) {
	c, err := p.openClient(env.ready())
	if err == nil && !p.ProfileFromToken {
		_, err = checkFilled("Endpoints.UserInfo", p.Endpoints.UserInfo)
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

// An oauth2Client speaks OAuth 2.0, for OAuth2 and within an oidcClient.
type oauth2Client struct {
	p       OAuth2
	env     Env
	about   Description
	clients registrations[clientAuth]
	words   words
	hosts   hosts.Set
	needed  []string // of the token's values
	mapped  []string // those of them in the mapping
	// Of the authorization request: the part that is always the same, what ends the address,
	// and what goes in place of the redirect URI.
	start, fragment, redirect string

	openID    bool // OpenID Connect: an ID token is an answer, too
	anyIssuer bool // iss on the callback is judged there
}

// openClient checks what every OAuth 2.0 flow needs. env must be ready.
func (p OAuth2) openClient(env Env) (*oauth2Client, error) {
	redirect := p.takeRedirect()
	c := &oauth2Client{p: p, env: env, about: p.Description(), redirect: redirect}
	switch {
	case p.ID == "":
		return nil, errors.New("ID is missing")
	}
	if err := p.Revocation.check(); err != nil {
		return nil, err
	}
	if err := checkTokenEndpoint(&p); err != nil {
		return nil, err
	}
	for name, address := range map[string]string{"Endpoints.Revoke": sample(p.Endpoints.Revoke), "Endpoints.Refresh": p.Endpoints.Refresh, "Endpoints.DeviceAuthorization": p.Endpoints.DeviceAuthorization} {
		if address == "" {
			continue
		}
		if err := checkAddress(name, address); err != nil {
			return nil, err
		}
	}
	if err := p.TokenBody.check(); err != nil {
		return nil, err
	}
	switch p.RefreshAuth {
	case "", AuthBasic, AuthPost:
	default:
		return nil, fmt.Errorf("RefreshAuth cannot be %q", string(p.RefreshAuth))
	}
	if err := p.checkRepeats(); err != nil {
		return nil, err
	}
	if err := p.LongLived.check(&p.Endpoints); err != nil {
		return nil, err
	}
	for _, params := range []struct {
		name   string
		values url.Values
		but    string
	}{
		{"AuthParams", p.AuthParams, ""}, {"Consent", p.Consent, ""}, {"ChooseAccount", p.ChooseAccount, ""}, {"Reauthenticate", p.Reauthenticate, ""},
		{"TokenParams", p.TokenParams, "state"}, {"RefreshParams", p.RefreshParams, "state"}, // of the authorization request alone
	} {
		if name := firstReserved(params.values, params.but); name != "" {
			return nil, fmt.Errorf("%s may not set %s", params.name, name)
		}
	}
	for hint, parameter := range p.Hints {
		if isReserved(parameter) {
			return nil, fmt.Errorf("the hint %s of Hints may not set %s", hint, parameter)
		}
	}
	var err error
	if c.clients, err = newRegistrations(p.Credentials, p.clientAuth); err != nil {
		return nil, err
	}
	for _, client := range c.clients {
		if p.WithoutPKCE && isPublic(&client.proofs[0]) {
			return nil, errors.New("WithoutPKCE needs a client secret or key: without any of them PKCE is the client's only proof (RFC 9700 §2.1.1)")
		}
		for _, proof := range client.proofs {
			if proof.ClientSecret == "" && p.needsSecret() {
				return nil, errors.New("a header or a parameter has {client_secret}, and ClientSecret is missing")
			}
			if proof.make == nil {
				continue
			}
			if _, err := proof.make(proof.Credentials, env.Now()); err != nil {
				return nil, fmt.Errorf("making the client secret: %w", err)
			}
		}
	}
	if c.words, err = wordsOf(&p); err != nil {
		return nil, err
	}
	if c.start, c.fragment, err = startOf(&p); err != nil {
		return nil, err
	}
	if err := p.UserInfoBy.check(); err != nil {
		return nil, err
	}
	for i := range p.Further {
		if err := p.Further[i].check(&p.Endpoints); err != nil {
			return nil, err
		}
	}
	c.needed = valuesOfToken(&p)
	for _, path := range c.p.Profile.paths() {
		c.mapped = append(c.mapped, placeholdersIn(*path)...)
		*path = tokenPlaceholder.ReplaceAllStringFunc(*path, quotedPlaceholder)
	}
	known := p.Endpoints
	if later, err := checkFilled("Endpoints.UserInfo", known.UserInfo); err == nil && later {
		known.UserInfo = "" // whatever the token says: APIHosts have to allow it
	}
	c.hosts, err = tokenHosts(known, p.APIHosts)
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
	token, body, err := c.exchange(ctx, p, code, answer)
	if err != nil {
		return nil, err
	}
	return c.grantOf(ctx, token, body, p.Scopes)
}

// grantOf makes the grant of a token, whose answer is body.
func (c *oauth2Client) grantOf(ctx context.Context, t *Token, body []byte, requested []string) (*Grant, error) {
	var profile *Profile
	var err error
	if c.p.ProfileFromToken {
		profile, err = c.profileOf(ctx, c.p.withoutTokens(body), *t)
	} else {
		profile, err = c.Profile(ctx, *t)
	}
	if err != nil {
		return nil, err
	}
	return &Grant{ProviderID: c.p.ID, Profile: *profile, Token: *t, RequestedScopes: requested}, nil
}

func (c *oauth2Client) Profile(ctx context.Context, t Token) (*Profile, error) {
	if c.p.ProfileFromToken {
		return nil, c.failure(Operator, opUserInfo, errors.ErrUnsupported)
	}
	raw, err := c.userInfo(ctx, t)
	if err != nil {
		return nil, err
	}
	return c.profileOf(ctx, raw, t)
}

// profileOf makes the profile of a user-info answer.
func (c *oauth2Client) profileOf(ctx context.Context, raw json.RawMessage, t Token) (*Profile, error) {
	raw, err := c.further(ctx, raw, t)
	if err != nil {
		return nil, err
	}
	var p Profile
	if c.p.MapProfile != nil {
		p, err = c.p.MapProfile(raw)
	} else {
		p, err = c.p.Profile.profile(c.withValues(raw, t))
	}
	if err != nil {
		return nil, c.failure(Invalid, opUserInfo, err)
	}
	if err := checkSubject(p.Subject); err != nil {
		return nil, c.failure(Invalid, opUserInfo, err)
	}
	p.EmailVerified = p.EmailVerified && c.p.Authority.covers(raw, p.Email)
	p.Raw = raw
	p.tidy()
	return &p, nil
}

func (c *oauth2Client) failure(kind Kind, op string, err error) *ProviderError {
	return &ProviderError{Kind: kind, ProviderID: c.p.ID, Op: op, Err: err}
}
