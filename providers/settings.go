package providers

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"github.com/gosocial/social/oauth"
)

// Settings are an application's own values for a provider: its credentials, and what
// replaces the catalog's. Zero fields leave the catalog's.
type Settings struct {
	// Credentials: the first are for new flows; see oauth.Credentials.
	Credentials []oauth.Credentials

	// ID and Name, when set, replace the catalog's: two entries may be the same
	// provider with different credentials.
	ID, Name string

	Scopes []string

	// Endpoints: each non-empty field replaces the catalog's. Addresses below the
	// catalog's API move with it. When Token or UserInfo go to another host, the
	// catalog's API, Emails, Revoke and further hosts are dropped, unless they are
	// replaced too. Tokens go to the hosts of the resulting endpoints.
	Endpoints oauth.Endpoints

	// Issuer: an OpenID Connect provider is discovered there. For others, the value
	// that iss on the callback must have.
	Issuer string

	TokenAuth         oauth.TokenAuth         // how the client proves itself; AuthNone needs no secret
	AssertionAudience oauth.AssertionAudience // of AuthPrivateKeyJWT
	ResponseMode      string                  // "query" or "form_post"
	PKCE              *bool                   // false leaves it out

	// ProfileFrom: "userinfo", or "token", where the token answer (OpenID Connect: the ID
	// token) says who the user is and no user-info endpoint is asked.
	ProfileFrom string

	// Of OpenID Connect only; see the fields of oauth.OIDC.
	Algorithms       []string
	TrustedAudiences []string
	SubjectClaim     string // "sub" is the default
	ClockSkew        time.Duration
	LogoutWithoutExp bool

	Tenant string // Microsoft
	TeamID string // Apple

	// DeadRefresh: further answers by which the provider says that a refresh token
	// is dead.
	DeadRefresh []oauth.Condition

	TrustEmail       *bool // on the trust list for linking by e-mail
	LogoutAtProvider bool  // OpenID Connect

	Profile    oauth.Mapping // each non-empty field replaces
	AuthParams url.Values    // added to the authorization request's

	secretSigned bool // the provider takes a secret that a private key signs
}

// Values of Settings.ProfileFrom.
const (
	fromUserInfo = "userinfo"
	fromToken    = "token"
)

// openIDOnly names a setting that means nothing without an ID token, "" for none.
func (s *Settings) openIDOnly() string {
	for _, f := range []struct {
		key   string
		given bool
	}{
		{"logout_at_provider", s.LogoutAtProvider}, {"algorithms", s.Algorithms != nil}, {"trusted_audiences", s.TrustedAudiences != nil},
		{"subject", s.SubjectClaim != ""}, {"clock_skew", s.ClockSkew != 0}, {"logout_without_exp", s.LogoutWithoutExp},
	} {
		if f.given {
			return f.key
		}
	}
	return ""
}

// check checks what every provider needs.
func (s *Settings) check() error {
	if err := s.checkCredentials(); err != nil {
		return err
	}
	switch s.TokenAuth {
	case "", oauth.AuthBasic, oauth.AuthPost, oauth.AuthPrivateKeyJWT, oauth.AuthNone:
	default:
		return fmt.Errorf("token_auth must be basic, post, private_key_jwt or none, not %q", string(s.TokenAuth))
	}
	switch s.AssertionAudience {
	case "", oauth.AudienceToken, oauth.AudienceIssuer, oauth.AudienceEndpoint:
	default:
		return fmt.Errorf("assertion_audience must be token, issuer or endpoint, not %q", string(s.AssertionAudience))
	}
	switch s.ProfileFrom {
	case "", fromUserInfo, fromToken:
	default:
		return fmt.Errorf("profile_from must be userinfo or token, not %q", s.ProfileFrom)
	}
	switch s.ResponseMode {
	case "", "query", "form_post":
	default:
		return fmt.Errorf("response_mode must be query or form_post, not %q", s.ResponseMode)
	}
	if s.Tenant != "" {
		return errors.New("tenant is for microsoft only")
	}
	if s.TeamID != "" {
		return errors.New("team_id is for apple only")
	}
	return nil
}

// checkCredentials names what is missing as the configuration calls it.
func (s *Settings) checkCredentials() error {
	list := s.Credentials
	if len(list) == 0 {
		list = []oauth.Credentials{{}}
	}
	for i, c := range list {
		key := ""
		byKey := s.secretSigned || s.TokenAuth == oauth.AuthPrivateKeyJWT || s.TokenAuth == "" && c.PrivateKey != "" && c.ClientSecret == ""
		switch {
		case c.ClientID == "":
			key = "consumer_key"
		case s.secretSigned && c.KeyID == "":
			key = "key_id"
		case byKey && c.PrivateKey == "":
			key = "private_key"
		case !byKey && c.ClientSecret == "" && s.TokenAuth != oauth.AuthNone:
			return credentialsAt(i, len(list), fmt.Errorf("%w; for a public client set token_auth: none", missing("consumer_secret")))
		default:
			continue
		}
		return credentialsAt(i, len(list), missing(key))
	}
	return nil
}

// credentialsAt says which entry of several an error is about.
func credentialsAt(i, of int, err error) error {
	if of > 1 {
		return fmt.Errorf("credentials %d: %w", i+1, err)
	}
	return err
}

// provider applies the settings to a provider without credentials.
func (s *Settings) provider(p oauth.Provider) (oauth.Provider, error) {
	id := p.Description().ID
	var err error
	switch p := p.(type) {
	case *oauth.OAuth1:
		err = s.applyOAuth1(p)
	case *oauth.OAuth2:
		err = s.apply(p)
	case *oauth.OIDC:
		err = s.applyOIDC(p)
	}
	if err != nil {
		return nil, named(id, err)
	}
	return p, nil
}

// apply brings the settings into an OAuth 2.0 provider.
func (s *Settings) apply(p *oauth.OAuth2) error {
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
		p.Algorithms, p.MatchIssuer = nil, nil
	}
	p.LogoutAtProvider = p.LogoutAtProvider || s.LogoutAtProvider
	if s.Profile.Subject != "" {
		return errors.New("profile.id is sub in OpenID Connect; name another claim of the ID token by subject")
	}
	if s.Algorithms != nil {
		p.Algorithms = s.Algorithms
	}
	if s.TrustedAudiences != nil {
		p.TrustedAudiences = s.TrustedAudiences
	}
	if s.SubjectClaim != "" {
		p.SubjectClaim, p.SubjectOf = s.SubjectClaim, nil
	}
	if s.ClockSkew != 0 {
		p.ClockSkew = s.ClockSkew
	}
	p.LogoutWithoutExp = p.LogoutWithoutExp || s.LogoutWithoutExp
	switch s.ProfileFrom {
	case fromToken:
		p.UserInfo = oauth.UserInfoNever
	case fromUserInfo:
		p.UserInfo = oauth.UserInfoAlways
	}
	if s.Profile != (oauth.Mapping{}) && p.Profile == (oauth.Mapping{}) {
		p.Profile = oauth.StandardClaims()
	}
	return s.applyShared(&p.OAuth2)
}

func (s *Settings) applyShared(p *oauth.OAuth2) error {
	if err := s.check(); err != nil {
		return err
	}
	p.Credentials = s.Credentials
	if s.ID != "" {
		p.ID = s.ID
	}
	if s.Name != "" {
		p.Name = s.Name
	}
	if s.Scopes != nil {
		p.Scopes = s.Scopes
	}
	s.moveEndpoints(&p.Endpoints, &p.APIHosts, p.Revocation.OfAPI())
	if s.TokenAuth != "" {
		p.TokenAuth = s.TokenAuth
	}
	if s.AssertionAudience != "" {
		p.AssertionAudience = s.AssertionAudience
	}
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
	if len(s.AuthParams) > 0 {
		params := maps.Clone(p.AuthParams)
		if params == nil {
			params = url.Values{}
		}
		maps.Copy(params, s.AuthParams)
		p.AuthParams = params
	}
	return nil
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
		{"dead_refresh", len(s.DeadRefresh) > 0}, {"auth_params", len(s.AuthParams) > 0},
	} {
		if foreign.given {
			return fmt.Errorf("%s means nothing to a provider that speaks OAuth 1.0a", foreign.key)
		}
	}
	p.Credentials = s.Credentials
	if s.ID != "" {
		p.ID = s.ID
	}
	if s.Name != "" {
		p.Name = s.Name
	}
	s.moveEndpoints(&p.Endpoints, &p.APIHosts, true)
	if s.TrustEmail != nil {
		p.TrustEmail = *s.TrustEmail
	}
	if s.Profile != (oauth.Mapping{}) {
		p.MapProfile = nil
		replaceMapping(&p.Profile, s.Profile)
	}
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
