package oauth

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/secret"

	josejson "github.com/go-jose/go-jose/v4/json"
)

// A LogoutStarter is a Client whose provider can end its own session too (OpenID
// Connect RP-Initiated Logout 1.0).
type LogoutStarter interface {
	// LogoutURL returns where to send the browser once the local session has
	// ended. The provider sends it on to returnTo, which must be registered
	// there, with state; both may be empty. An ID token that would make the address
	// longer than 2048 bytes is left out: the provider then asks the user. The error
	// wraps
	// errors.ErrUnsupported when the provider has no such endpoint.
	LogoutURL(ctx context.Context, t Token, returnTo, state string) (string, error)
}

// A LogoutVerifier is a Client whose provider reports when a user has logged out
// there (OpenID Connect Back-Channel Logout 1.0).
type LogoutVerifier interface {
	// VerifyLogout checks everything of a logout token but that it was not used
	// before: for that the caller claims its ID until it expires, at most a day later.
	// Errors: *ProviderError.
	VerifyLogout(ctx context.Context, raw secret.Text) (*Logout, error)
}

// A Logout is the content of a logout token. Subject or Session may be empty, not
// both.
type Logout struct {
	Subject string    // as in Profile
	Session string    // sid, as in the ID tokens of that session
	ID      string    // jti
	Expiry  time.Time // until when the token counts, clock skew included
}

// LogoutURL implements LogoutStarter.
func (c *oidcClient) LogoutURL(ctx context.Context, t Token, returnTo, state string) (string, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return "", err
	}
	address := s.p.Endpoints.EndSession
	if address == "" {
		return "", &ProviderError{Kind: Operator, ProviderID: c.p.ID, Op: opLogout, Err: errors.ErrUnsupported}
	}
	q := url.Values{"client_id": {s.grantedTo(t)}}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	for name, value := range map[string]string{
		"id_token_hint": t.ID.Reveal(), "post_logout_redirect_uri": returnTo, "state": state,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	whole := address + separator + q.Encode()
	if len(whole) > maxLogoutURL {
		q.Del("id_token_hint") // recommended, not required (§2)
		whole = address + separator + q.Encode()
	}
	return whole, nil
}

// maxLogoutURL is the length that every server, proxy and browser takes.
const maxLogoutURL = 2048

// grantedTo returns the client that a token was granted to: the one it names,
// else the one that its ID token is for, else the first.
func (s *resolved) grantedTo(t Token) string {
	if client := s.clients.find(t.ClientID); client != nil && t.ClientID != "" {
		return client.id
	}
	if cl, err := peekClaims(t.ID); err == nil {
		return s.addressee(cl).id
	}
	return s.clients[0].id
}

// addressee returns the first client that aud names, or the first of all.
func (s *resolved) addressee(cl *claims) *registration[clientAuth] {
	for _, client := range s.clients {
		if slices.Contains(cl.Audience, client.id) {
			return client
		}
	}
	return s.clients[0]
}

const (
	// maxLogoutLife bounds how old a logout token may be and how long it may go on, and
	// so how long its ID has to be remembered.
	maxLogoutLife = 24 * time.Hour
	// logoutLife is the life of one without exp.
	logoutLife = 10 * time.Minute
)

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// VerifyLogout implements LogoutVerifier (Back-Channel Logout 1.0 §2.6).
func (c *oidcClient) VerifyLogout(ctx context.Context, raw secret.Text) (*Logout, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	client := s.clients[0]
	if cl, err := peekClaims(raw); err == nil {
		client = s.addressee(cl)
	}
	cl, _, err := c.verifyToken(ctx, s, raw, client)
	if err != nil {
		return nil, c.failure(opLogoutToken, err)
	}
	out, err := c.judgeLogout(cl, client.id)
	if err != nil {
		return nil, c.invalid(opLogoutToken, err)
	}
	return out, nil
}

func (c *oidcClient) judgeLogout(cl *claims, clientID string) (*Logout, error) {
	var more struct {
		ID      string                     `json:"jti"`
		Session string                     `json:"sid"`
		Events  map[string]json.RawMessage `json:"events"`
		Nonce   json.RawMessage            `json:"nonce"`
	}
	if err := josejson.Unmarshal(cl.raw, &more); err != nil {
		return nil, shapeOnly(err)
	}
	e := c.expected(clientID)
	if err := cl.checkParties(e); err != nil {
		return nil, err
	}
	if !cl.Expiry.set && c.p.LogoutWithoutExp {
		cl.Expiry = numericDate{cl.Issued.seconds + int64(logoutLife/time.Second), true}
	}
	if err := cl.checkTimes(e); err != nil {
		return nil, err
	}
	switch {
	case cl.Issued.time().Before(e.now.Add(-maxLogoutLife - e.skew)):
		return nil, errors.New("iat is too long ago")
	case cl.Expiry.time().After(e.now.Add(maxLogoutLife + e.skew)):
		return nil, errors.New("exp is too far away")
	case len(more.ID) > maxSubject:
		return nil, errors.New("jti is too long")
	case more.ID == "":
		return nil, errors.New("jti is missing")
	case more.Nonce != nil:
		return nil, errors.New("there is a nonce: this is an ID token")
	case !isObject(more.Events[logoutEvent]):
		return nil, errors.New("events does not name a logout")
	case cl.Subject == "" && more.Session == "":
		return nil, errors.New("sub and sid are missing")
	}
	subject, err := c.subjectOf(cl)
	switch {
	case err != nil && more.Session == "":
		return nil, err
	case err != nil:
		subject = ""
	}
	return &Logout{Subject: subject, Session: more.Session, ID: more.ID, Expiry: cl.Expiry.time().Add(e.skew)}, nil
}
