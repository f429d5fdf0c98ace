package oauth

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// An oidcClient is a Client, IDTokenRefresher, Revoker, DeviceAuthorizer, LogoutStarter,
// LogoutVerifier and SignalVerifier.
type oidcClient struct {
	p          *OIDC
	about      Description
	env        Env
	algs       []jose.SignatureAlgorithm
	publicKeys bool // some algorithm needs the key set
	trusted    []string
	skew       time.Duration

	fixed *resolved          // when every endpoint is configured
	found *cached[*resolved] // else
}

// open opens a provider whose endpoints are known. The key set stays when a renewed
// discovery document names the same address.
func (c *oidcClient) open(inner OAuth2) (*resolved, error) {
	client, err := inner.openClient(c.env)
	if err != nil {
		return nil, err
	}
	client.openID, client.anyIssuer = true, c.p.MatchIssuer != nil
	s := &resolved{oauth2Client: client}
	if c.found != nil {
		old, ok := c.found.peek()
		if ok {
			s.clients.remember(old.clients)
		}
		if ok && old.p.Endpoints.Keys == inner.Endpoints.Keys {
			s.keys = old.keys
			return s, nil
		}
	}
	s.keys = &cached[keySet]{load: c.loadKeys(inner.Endpoints.Keys), now: c.env.Now}
	return s, nil
}

// Description implements Client. Revoke is true until discovery shows that there is
// no revocation endpoint.
func (c *oidcClient) Description() Description {
	d := c.about
	if c.found != nil {
		s, known := c.found.peek()
		d.Revoke = !known || s.p.Endpoints.Revoke != ""
	}
	return d
}

// CallbackKey returns the state (RFC 6749 §4.1.2).
func (c *oidcClient) CallbackKey(answer url.Values) string { return onlyValue(answer, "state") }

func (c *oidcClient) Begin(ctx context.Context, r Request) (*Pending, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if r.Scopes == nil {
		r.Scopes = c.p.Scopes
	}
	r.Scopes = withOpenID(r.Scopes)
	if c.p.Consent == nil {
		r.Consent = r.Consent && slices.Contains(r.Scopes, "offline_access")
	}
	nonce := rand.Text()
	extra := url.Values{"nonce": {nonce}}
	if r.MaxAge > 0 {
		// Rounded up: a request for half a second must not mean "any time".
		extra.Set("max_age", strconv.FormatInt(int64((r.MaxAge+time.Second-1)/time.Second), 10))
	}
	if r.Reauthenticate && r.MaxAge <= 0 && c.p.Reauthenticate == nil {
		extra.Set("max_age", "0")
	}
	p, err := s.begin(ctx, r, extra)
	if err != nil {
		return nil, err
	}
	p.Nonce, p.MaxAge = nonce, r.MaxAge
	if r.Reauthenticate {
		p.AuthAfter = c.env.Now()
	}
	return p, nil
}

// withOpenID adds the scope without which there is no ID token.
func withOpenID(scopes []string) []string {
	if scopes == nil {
		return []string{"openid", "profile", "email"}
	}
	if slices.Contains(scopes, "openid") {
		return scopes
	}
	return append([]string{"openid"}, scopes...)
}

func (c *oidcClient) Complete(ctx context.Context, p *Pending, answer url.Values) (*Grant, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if p.Nonce == "" {
		return nil, &CallbackError{Reason: "the flow has no nonce"}
	}
	if err := c.checkIssuer(answer); err != nil {
		return nil, err
	}
	code, err := s.checkCallback(p, answer)
	if err != nil {
		return nil, err
	}
	t, _, err := s.exchange(ctx, p, code, answer)
	if err != nil {
		return nil, err
	}
	e := c.expected(t.ClientID)
	e.nonce, e.maxAge, e.authAfter = p.Nonce, p.MaxAge, p.AuthAfter
	g, err := c.grantOf(ctx, s, t, e, p.Scopes)
	if err != nil {
		return nil, err
	}
	if add, profile := c.p.ProfileFromCallback, &g.Profile; add != nil {
		subject, email, verified := profile.Subject, profile.Email, profile.EmailVerified
		add(profile, answer)
		profile.Subject = subject
		profile.EmailVerified = verified && profile.Email == email
		profile.tidy()
	}
	return g, nil
}

// grantOf makes the grant of a token whose ID token is as expected.
func (c *oidcClient) grantOf(ctx context.Context, s *resolved, t *Token, e expected, requested []string) (*Grant, error) {
	if t.ID == "" {
		return nil, c.invalid(opIDToken, errors.New("the answer has none"))
	}
	cl, alg, err := c.verifyToken(ctx, s, t.ID, s.clients.find(t.ClientID))
	if err != nil {
		return nil, c.failure(opIDToken, err)
	}
	if err := cl.check(e); err != nil {
		return nil, c.invalid(opIDToken, err)
	}
	if err := cl.checkAccess(alg, t.Access); err != nil {
		return nil, c.invalid(opIDToken, err)
	}
	profile, err := c.profile(ctx, s, cl, *t, c.wantsUserInfo(s, cl, t, requested))
	if err != nil {
		return nil, err
	}
	return &Grant{ProviderID: c.p.ID, Profile: *profile, Token: *t, RequestedScopes: requested, SessionID: cl.Session}, nil
}

// checkIssuer checks the callback's iss where more than one issuer is accepted.
func (c *oidcClient) checkIssuer(answer url.Values) error {
	iss := answer["iss"]
	if c.p.MatchIssuer == nil || len(iss) != 1 || iss[0] == c.p.Issuer || c.p.MatchIssuer(iss[0], nil) {
		return nil
	}
	return &CallbackError{Reason: "iss is not an issuer of this provider"}
}

func (c *oidcClient) expected(clientID string) expected {
	return expected{
		issuer: c.p.Issuer, match: c.p.MatchIssuer,
		clientID: clientID, trusted: c.trusted, now: c.env.Now(), skew: c.skew,
	}
}

func (c *oidcClient) Revoke(ctx context.Context, t Token) error {
	s, err := c.resolve(ctx)
	if err != nil {
		return err
	}
	return s.Revoke(ctx, t)
}

// Sign implements Client. It may have to discover first.
func (c *oidcClient) Sign(r *http.Request, t Token) error {
	s, err := c.resolve(r.Context())
	if err != nil {
		return err
	}
	return s.Sign(r, t)
}

// Allows implements Client. When nothing is discovered yet it does that first.
func (c *oidcClient) Allows(ctx context.Context, u *url.URL) bool {
	s, err := c.resolve(ctx)
	return err == nil && s.Allows(ctx, u)
}

func (c *oidcClient) invalid(op string, err error) error {
	return &ProviderError{Kind: Invalid, ProviderID: c.p.ID, Op: op, Err: err}
}

// failure returns a ProviderError as it is, and makes one of any other error.
func (c *oidcClient) failure(op string, err error) error {
	var p *ProviderError
	if errors.As(err, &p) {
		return p
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return &ProviderError{Kind: Transient, ProviderID: c.p.ID, Op: op, Err: err}
	}
	return c.invalid(op, err)
}
