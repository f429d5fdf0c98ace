package providers

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/oauth"
)

// apply brings the settings into a provider without credentials.
func (s *Settings) apply(p oauth.Provider) error {
	switch p := p.(type) {
	case *oauth.OAuth1:
		return s.applyOAuth1(p)
	case *oauth.OAuth2:
		return s.applyOAuth2(p)
	case *oauth.OIDC:
		return s.applyOIDC(p)
	}
	return nil
}

func (s *Settings) applyOAuth2(p *oauth.OAuth2) error {
	if key := s.openIDOnly(); key != "" {
		return fmt.Errorf("%s needs a provider that speaks OpenID Connect", key)
	}
	if err := s.applyShared(p); err != nil {
		return err
	}
	if s.Issuer != "" {
		p.Issuer = s.Issuer
	}
	if s.ProfileFrom != "" {
		p.ProfileFromToken = s.ProfileFrom == fromToken
	}
	for _, needed := range []struct{ key, value string }{
		{"endpoints.authorize", p.Endpoints.Authorize}, {"endpoints.token", p.Endpoints.Token}, {"endpoints.userinfo", p.Endpoints.UserInfo},
	} {
		switch {
		case needed.value != "" || needed.key == "endpoints.userinfo" && p.ProfileFromToken:
		case needed.key == "endpoints.userinfo":
			return fmt.Errorf("%w; where the token answer says who the user is, set profile_from: token", missing(needed.key))
		default:
			return missing(needed.key)
		}
	}
	return nil
}

// applyOIDC brings the settings into an OpenID Connect provider.
func (s *Settings) applyOIDC(p *oauth.OIDC) error {
	if s.Issuer != "" && s.Issuer != p.Issuer {
		// Another issuer: what the catalog knows of the usual one is not true there.
		p.Issuer = s.Issuer
		p.Endpoints, p.APIHosts = oauth.Endpoints{}, nil
		p.Algorithms, p.MatchIssuer, p.DiscoveryURL = nil, nil, ""
	}
	if s.Profile.Subject != "" {
		return errors.New("profile.id is sub in OpenID Connect; name another claim of the ID token by subject")
	}
	if s.Algorithms != nil {
		p.Algorithms = s.Algorithms
	}
	if s.SubjectClaim != "" {
		p.SubjectClaim, p.SubjectOf = s.SubjectClaim, nil
	}
	// No entry has any of these.
	p.TrustedAudiences, p.ClockSkew = s.TrustedAudiences, s.ClockSkew
	p.LogoutAtProvider, p.LogoutWithoutExp = s.LogoutAtProvider, s.LogoutWithoutExp
	switch s.ProfileFrom {
	case fromToken:
		p.UserInfo = oauth.UserInfoNever
	case fromUserInfo:
		p.UserInfo = oauth.UserInfoAlways
	}
	if s.Profile != (oauth.Mapping{}) && p.Profile == (oauth.Mapping{}) {
		p.Profile = oauth.StandardClaims() // some of which are replaced
	}
	return s.applyShared(&p.OAuth2)
}

func (s *Settings) applyShared(p *oauth.OAuth2) error {
	given := *s
	if given.TokenAuth == "" && p.TokenAuth == oauth.AuthNone && !secretInHeader(p) {
		given.TokenAuth = oauth.AuthNone // the entry's clients have no secret
	}
	if err := given.check(); err != nil {
		return err
	}
	p.Credentials = s.Credentials
	if s.ID != "" {
		p.ID, p.Mark = s.ID, p.ID
	}
	if s.Name != "" {
		p.Name = s.Name
	}
	if s.Scopes != nil {
		p.Scopes = s.Scopes
	}
	s.moveCalls(p)
	s.moveEndpoints(&p.Endpoints, &p.APIHosts, p.Revocation.OfAPI())
	if s.TokenAuth != "" {
		p.TokenAuth = s.TokenAuth
	}
	p.AssertionAudience = s.AssertionAudience // no entry has one
	if s.PKCE != nil {
		p.WithoutPKCE = !*s.PKCE
	}
	if s.ResponseMode != "" {
		p.FormPost = s.ResponseMode == "form_post"
	}
	for _, c := range s.DeadRefresh {
		if err := c.Check(); err != nil {
			return fmt.Errorf("dead_refresh: %w", err)
		}
	}
	p.DeadRefresh = slices.Concat(p.DeadRefresh, s.DeadRefresh)
	if s.TrustEmail != nil {
		p.TrustEmail = *s.TrustEmail
	}
	if s.Profile != (oauth.Mapping{}) {
		p.MapProfile = nil
		replaceMapping(&p.Profile, s.Profile)
	}
	p.AuthParams = withParams(p.AuthParams, s.AuthParams)
	if s.Resource != "" {
		resource := url.Values{"resource": {s.Resource}}
		p.AuthParams, p.TokenParams, p.RefreshParams = withParams(p.AuthParams, resource), withParams(p.TokenParams, resource), withParams(p.RefreshParams, resource)
	}
	return nil
}

// secretInHeader reports whether the provider wants the client's secret in a header.
func secretInHeader(p *oauth.OAuth2) bool {
	for _, header := range []http.Header{p.TokenHeader, p.APIHeader} {
		for _, values := range header {
			if strings.Contains(strings.Join(values, " "), "{client_secret}") {
				return true
			}
		}
	}
	return false
}

// withParams returns the parameters with more of them, which replace those of the same
// name.
func withParams(params, more url.Values) url.Values {
	if len(more) == 0 {
		return params
	}
	all := url.Values{}
	maps.Copy(all, params)
	maps.Copy(all, more)
	return all
}

// applyOAuth1 brings the settings into an OAuth 1.0a provider.
func (s *Settings) applyOAuth1(p *oauth.OAuth1) error {
	if err := s.check(); err != nil {
		return err
	}
	if key := s.openIDOnly(); key != "" {
		return fmt.Errorf("%s means nothing to a provider that speaks OAuth 1.0a", key)
	}
	for _, foreign := range []struct {
		key   string
		given bool
	}{
		{"assertion_audience", s.AssertionAudience != ""}, {"pkce", s.PKCE != nil},
		{"scopes", s.Scopes != nil}, {"issuer", s.Issuer != ""}, {"token_auth", s.TokenAuth != ""},
		{"response_mode", s.ResponseMode == "form_post"},
		{"private_key", slices.ContainsFunc(s.Credentials, func(c oauth.Credentials) bool { return c.PrivateKey != "" })},
		{"dead_refresh", len(s.DeadRefresh) > 0}, {"resource", s.Resource != ""}, {"auth_params", len(s.AuthParams) > 0},
	} {
		if foreign.given {
			return fmt.Errorf("%s means nothing to a provider that speaks OAuth 1.0a", foreign.key)
		}
	}
	p.Credentials = s.Credentials
	if s.ID != "" {
		p.ID, p.Mark = s.ID, p.ID
	}
	if s.Name != "" {
		p.Name = s.Name
	}
	s.moveEndpoints(&p.Endpoints, &p.APIHosts, true)
	if s.TrustEmail != nil {
		p.TrustEmail = *s.TrustEmail
	}
	replaceMapping(&p.Profile, s.Profile)
	if s.ProfileFrom != "" {
		p.ProfileFromToken = s.ProfileFrom == fromToken
	}
	for _, needed := range []struct{ key, value string }{
		{"endpoints.request_token", p.Endpoints.RequestToken}, {"endpoints.authorize", p.Endpoints.Authorize},
		{"endpoints.token", p.Endpoints.Token}, {"endpoints.userinfo", p.Endpoints.UserInfo},
	} {
		if needed.value == "" && !(needed.key == "endpoints.userinfo" && p.ProfileFromToken) {
			return missing(needed.key)
		}
	}
	return nil
}
