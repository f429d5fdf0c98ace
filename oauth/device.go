package oauth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/secret"
)

// ErrDeviceExpired: the user did not authorize the device in time.
var ErrDeviceExpired = errors.New("oauth: the device code has expired")

// A DeviceAuthorizer is a Client by which a program without a browser, such as a command
// line, gets a grant: the user opens an address on any device of theirs, enters a code, and
// agrees (RFC 8628).
type DeviceAuthorizer interface {
	// AuthorizeDevice asks for a device code and for the code that the user enters. Nil
	// scopes are the provider's default ones. It fails with errors.ErrUnsupported, without
	// a call for a device code, where the provider has no endpoint for it.
	AuthorizeDevice(ctx context.Context, scopes []string) (*PendingDevice, error)

	// CompleteDevice asks for the token, at the pace that the provider wants, until the
	// user has answered, the code has expired or ctx ends. Errors: ErrDenied,
	// ErrDeviceExpired, ctx's, and a *ProviderError when the provider refuses. What may be
	// better the next time, as a network that is down, is asked again until then.
	CompleteDevice(context.Context, *PendingDevice) (*Grant, error)
}

// A PendingDevice is a device that waits for its user to authorize it (RFC 8628 §3.2).
type PendingDevice struct {
	// VerificationURI is the address to open, where UserCode has to be entered. With
	// VerificationURIComplete, where the provider has one, it need not be.
	UserCode                string
	VerificationURI         string
	VerificationURIComplete string

	ClientID   string // which of the provider's clients began it
	Scopes     []string
	DeviceCode secret.Text
	Expiry     time.Time     // of both codes
	Interval   time.Duration // between two requests for the token
}

const (
	grantDevice = "urn:ietf:params:oauth:grant-type:device_code"

	// Where an answer lacks them (RFC 8628 §3.2, §3.5).
	deviceLifetime = 10 * time.Minute
	deviceInterval = 5 * time.Second

	slowDown          = 5 * time.Second // RFC 8628 §3.5
	maxDeviceInterval = time.Minute
)

// AuthorizeDevice implements DeviceAuthorizer.
func (c *oauth2Client) AuthorizeDevice(ctx context.Context, scopes []string) (*PendingDevice, error) {
	address := c.p.Endpoints.DeviceAuthorization
	if address == "" {
		return nil, c.failure(Operator, opDevice, errors.ErrUnsupported)
	}
	if scopes == nil {
		scopes = c.p.Scopes
	}
	client := c.clients[0]
	form := maps.Clone(c.p.AuthParams)
	if form == nil {
		form = url.Values{}
	}
	if len(scopes) > 0 {
		form.Set("scope", c.p.joinScopes(scopes))
	}
	var p *PendingDevice
	var err error
	client.each(func(auth *clientAuth) bool {
		p, err = c.authorizeDeviceAs(ctx, auth, address, maps.Clone(form))
		return clientRefused(err)
	})
	if err != nil {
		return nil, err
	}
	p.ClientID, p.Scopes = client.id, slices.Clone(scopes)
	return p, nil
}

// authorizeDeviceAs makes the device authorization request (RFC 8628 §3.1).
func (c *oauth2Client) authorizeDeviceAs(ctx context.Context, auth *clientAuth, address string, form url.Values) (*PendingDevice, error) {
	req, err := c.post(ctx, auth, address, form)
	if err != nil {
		return nil, c.failure(Operator, opDevice, err)
	}
	a, err := c.env.call(req)
	if err != nil {
		return nil, unanswered(c.p.ID, opDevice, err)
	}
	body := c.p.tokenObject(a.body)
	if !a.good() || !isObject(body) || errorCode(at(body, "error")) != "" {
		code := ""
		if json.Valid(body) {
			code = errorCode(at(body, "error"))
		}
		return nil, c.words.failed(a, c.p.ID, opDevice, code, c.env.Now())
	}
	text := func(name string) string { return plainText(at(body, name)) }
	p := &PendingDevice{
		DeviceCode: secret.Text(text("device_code")), UserCode: text("user_code"),
		VerificationURI:         cmp.Or(text("verification_uri"), text("verification_url")), // as servers older than RFC 8628 have it
		VerificationURIComplete: text("verification_uri_complete"),
		Expiry:                  c.env.Now().Add(cmp.Or(lifetime(text("expires_in")), deviceLifetime)),
		Interval:                min(max(cmp.Or(lifetime(text("interval")), deviceInterval), time.Second), maxDeviceInterval),
	}
	byHTTPS := strings.HasPrefix(address, "https:")
	if !isForPeople(p.VerificationURIComplete, byHTTPS) {
		p.VerificationURIComplete = "" // the code can be entered all the same
	}
	switch {
	case p.DeviceCode == "":
		err = errors.New("the answer has no device_code")
	case !isUserCode(p.UserCode):
		err = errors.New("the answer has no user_code that people can enter")
	case !isForPeople(p.VerificationURI, byHTTPS):
		err = errors.New("the answer has no verification_uri that people can open")
	}
	if err != nil {
		return nil, c.failure(Invalid, opDevice, err)
	}
	return p, nil
}

// isUserCode reports whether a text can be shown in a terminal and typed.
func isUserCode(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// isForPeople reports whether an address can be shown in a terminal and opened: without
// what a terminal obeys, and by https where the provider itself is asked so.
func isForPeople(address string, byHTTPS bool) bool {
	u, err := url.Parse(address)
	return err == nil && len(address) <= 2048 && !strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) &&
		u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && !byHTTPS)
}

// CompleteDevice implements DeviceAuthorizer.
func (c *oauth2Client) CompleteDevice(ctx context.Context, p *PendingDevice) (*Grant, error) {
	t, body, err := c.awaitDevice(ctx, p)
	if err != nil {
		return nil, err
	}
	return c.grantOf(ctx, t, body, p.Scopes)
}

// awaitDevice asks for the token until there is an answer (RFC 8628 §3.4, §3.5).
func (c *oauth2Client) awaitDevice(ctx context.Context, p *PendingDevice) (*Token, []byte, error) {
	before := Token{ClientID: p.ClientID, Scopes: p.Scopes}
	address, err := c.endpointOf(before, "token endpoint", c.p.Endpoints.Token)
	if err != nil {
		return nil, nil, c.failure(Operator, opDevice, err)
	}
	params, err := c.paramsOf(before, c.p.TokenParams)
	if err != nil {
		return nil, nil, c.failure(Operator, opDevice, err)
	}
	for interval := p.Interval; ; {
		if err := sleep(ctx, min(interval, p.Expiry.Sub(c.env.Now()))); err != nil {
			return nil, nil, err
		}
		if !c.env.Now().Before(p.Expiry) {
			return nil, nil, ErrDeviceExpired
		}
		form := url.Values{"grant_type": {grantDevice}, "device_code": {p.DeviceCode.Reveal()}}
		t, body, err := c.ask(ctx, opToken, address, form, params, before)
		if err == nil && c.p.LongLived != (LongLived{}) {
			t, err = c.exchangeLongLived(ctx, t)
			return t, body, err
		}
		f, refused := errors.AsType[*ProviderError](err)
		switch {
		case !refused:
			return t, body, err
		case f.Code == "access_denied":
			return nil, nil, ErrDenied
		case f.Code == "expired_token":
			return nil, nil, ErrDeviceExpired
		case f.Code == "authorization_pending":
		case f.Code == "slow_down":
			interval += slowDown
		case f.Kind == Transient:
			interval = min(2*interval, maxDeviceInterval)
		default:
			return nil, nil, err
		}
		interval = max(interval, f.RetryAfter)
	}
}

// sleep waits, or returns ctx's error when that ends before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return ctx.Err()
	}
}

// AuthorizeDevice implements DeviceAuthorizer. It may have to discover first.
func (c *oidcClient) AuthorizeDevice(ctx context.Context, scopes []string) (*PendingDevice, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	if scopes == nil {
		scopes = c.p.Scopes
	}
	return s.AuthorizeDevice(ctx, withOpenID(scopes))
}

// CompleteDevice implements DeviceAuthorizer. The ID token comes from the token endpoint
// for this very device code, and has no nonce.
func (c *oidcClient) CompleteDevice(ctx context.Context, p *PendingDevice) (*Grant, error) {
	s, err := c.resolve(ctx)
	if err != nil {
		return nil, err
	}
	t, _, err := s.awaitDevice(ctx, p)
	if err != nil {
		return nil, err
	}
	return c.grantOf(ctx, s, t, c.expected(t.ClientID), p.Scopes)
}
