package oauth

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Description implements Provider.
func (p *OIDC) Description() Description {
	shared := p.standard()
	d := shared.Description()
	d.Protocol = ProtocolOIDC
	d.Scopes = withOpenID(d.Scopes)
	// What they ask for shows otherwise: as an ID token and as a refresh token
	// (OpenID Connect Core §3.1.2.1, §11).
	d.UnnamedScopes = append([]string{"openid", "offline_access"}, d.UnnamedScopes...)
	standard := p.Profile == (Mapping{}) || p.MapProfile != nil
	// A provider's own mapping also counts where openid is the only scope: such providers
	// settle at registration what they give.
	d.Email = slices.Contains(d.Scopes, "email") && standard || p.Profile.Email != "" && (slices.Contains(d.Scopes, "email") || len(d.Scopes) == 1)
	d.VerifiedEmail = d.Email && (standard || p.Profile.EmailVerified != "")
	d.LogoutAtProvider = p.LogoutAtProvider
	return d
}

// standard returns what OpenID Connect shares with OAuth 2.0, with its own defaults.
func (p *OIDC) standard() OAuth2 {
	o := p.OAuth2
	if o.Hints == nil {
		o.Hints = openIDHints
	}
	if o.Consent == nil {
		o.Consent = url.Values{"prompt": {"consent"}}
	}
	if o.ChooseAccount == nil {
		o.ChooseAccount = url.Values{"prompt": {"select_account"}}
	}
	if o.Reauthenticate == nil {
		o.Reauthenticate = url.Values{"prompt": {"login"}}
	}
	return o
}

// Open implements Provider. It makes no request: what has to be discovered is
// discovered when it is first needed.
func (p *OIDC) Open(env Env) (Client, error) {
	c := &oidcClient{p: p, about: p.Description(), env: env.ready()}
	fail := func(err error) (Client, error) { return nil, fmt.Errorf("oauth: provider %q: %w", p.ID, err) }
	var err error
	issuer, err := url.Parse(p.Issuer)
	if err != nil || issuer.Host == "" || issuer.Scheme != "https" && issuer.Scheme != "http" || issuer.User != nil || issuer.RawQuery != "" || issuer.Fragment != "" {
		return fail(fmt.Errorf("field Issuer %q is not an https address without query", p.Issuer))
	}
	if strings.Contains(issuer.Path, "/.well-known/") {
		return fail(fmt.Errorf("field Issuer %q is the address of a discovery document: the issuer is what stands before /.well-known", p.Issuer))
	}
	if p.DiscoveryURL != "" {
		if err := checkAddress("DiscoveryURL", p.DiscoveryURL); err != nil {
			return fail(err)
		}
	}
	if c.algs, err = algorithms(p.Algorithms); err != nil {
		return fail(err)
	}
	if slices.Contains(c.algs, jose.HS256) && slices.ContainsFunc(p.Credentials, func(c Credentials) bool { return len(c.ClientSecret) < minHMACKey }) {
		return fail(fmt.Errorf("the list Algorithms names HS256, which needs a client secret of at least %d bytes (RFC 7518 §3.2)", minHMACKey))
	}
	if p.ClockSkew < 0 || p.ClockSkew > maxSkew {
		return fail(fmt.Errorf("field ClockSkew is not between 0 and %v", maxSkew))
	}
	if c.skew = p.ClockSkew; c.skew == 0 {
		c.skew = defaultSkew
	}
	if len(p.Further) > 0 {
		return fail(errors.New("field Further is of OAuth 2.0: what OpenID Connect knows is in the ID token and the user info"))
	}
	if p.SubjectClaim != "" && p.SubjectOf != nil {
		return fail(errors.New("field SubjectOf replaces SubjectClaim"))
	}
	m := p.OAuth2.Profile
	m.Subject = standardClaims.Subject // of the ID token, whatever Profile says
	if err := m.check(); err != nil {
		return fail(err)
	}
	if p.SubjectClaim != "" {
		if err := (Mapping{Subject: p.SubjectClaim}).check(); err != nil {
			return fail(errors.New(strings.ReplaceAll(err.Error(), "Profile.Subject", "SubjectClaim")))
		}
	}
	c.publicKeys = slices.ContainsFunc(c.algs, func(a jose.SignatureAlgorithm) bool { return a != jose.HS256 })
	c.trusted = slices.Clone(p.TrustedAudiences)
	if err := p.checkShared(c.env); err != nil {
		return fail(err)
	}
	e := p.Endpoints
	if e.Authorize != "" && e.Token != "" && (e.Keys != "" || !c.publicKeys) {
		if c.fixed, err = c.resolveWith(&Metadata{}, true); err != nil {
			return fail(err)
		}
		return c, nil
	}
	c.found = &cached[*resolved]{load: c.discover, now: c.env.Now}
	return c, nil
}

// checkShared checks all that discovery cannot mend, with the issuer's address in
// place of what is discovered.
func (p *OIDC) checkShared(env Env) error {
	shared := p.standard()
	e := &shared.Endpoints
	for _, endpoint := range [...]struct {
		field   string
		address *string
		needed  bool
	}{
		{"Authorize", &e.Authorize, true}, {"Token", &e.Token, true},
		{"Keys", &e.Keys, false}, {"UserInfo", &e.UserInfo, false}, {"EndSession", &e.EndSession, false},
	} {
		if *endpoint.address == "" {
			if endpoint.needed {
				*endpoint.address = p.Issuer
			}
		} else if err := checkAddress("Endpoints."+endpoint.field, *endpoint.address); err != nil {
			return err
		}
	}
	_, err := shared.openClient(env)
	return err
}
