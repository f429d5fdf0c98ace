package oauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gosocial/social/internal/hosts"
	"github.com/gosocial/social/secret"
)

// An oauth1Client speaks OAuth 1.0a.
type oauth1Client struct {
	p        OAuth1
	env      Env
	about    Description
	clients  registrations[secret.Text]
	codes    ownCodes
	mistakes knownMistakes
	hosts    hosts.Set
	start    string // the authorization address up to the request token
}

func (c *oauth1Client) Description() Description { return c.about }

// CallbackKey returns oauth_token, or denied when the user said no.
func (c *oauth1Client) CallbackKey(answer url.Values) string {
	if answer.Has("oauth_token") {
		return onlyValue(answer, "oauth_token")
	}
	return onlyValue(answer, "denied")
}

// Begin fetches a request token (RFC 5849 §2.1). There are no scopes to ask for.
func (c *oauth1Client) Begin(ctx context.Context, r Request) (*Pending, error) {
	if err := checkRedirect(r.RedirectURI); err != nil {
		return nil, fmt.Errorf("oauth: %s: %w", c.p.ID, err)
	}
	if name := firstOwn(r.Params); name != "" {
		return nil, fmt.Errorf("oauth: %s: Params may not set %s", c.p.ID, name)
	}
	got, _, err := c.fetch(ctx, opRequestToken, c.p.Endpoints.RequestToken, Token{}, parameter{"oauth_callback", r.RedirectURI})
	if err != nil {
		return nil, err
	}
	if !got.confirmed {
		// Without it the provider speaks OAuth 1.0, which has session fixation.
		return nil, c.invalid(opRequestToken, "oauth_callback_confirmed is not true")
	}
	p := &Pending{
		URL:           c.start + url.QueryEscape(got.token),
		ClientID:      c.clients[0].id,
		RedirectURI:   r.RedirectURI,
		RequestToken:  got.token,
		RequestSecret: secret.Text(got.secret),
	}
	if params := hinted(nil, &r, c.p.Hints, nil, c.p.ChooseAccount, c.p.Reauthenticate); len(params) > 0 {
		p.URL += "&" + params.Encode()
	}
	return p, nil
}

// Complete exchanges the verified request token (RFC 5849 §2.3).
func (c *oauth1Client) Complete(ctx context.Context, p *Pending, answer url.Values) (*Grant, error) {
	verifier, err := c.checkCallback(p, answer)
	if err != nil {
		return nil, err
	}
	request := Token{ClientID: p.ClientID, Access: secret.Text(p.RequestToken), Secret: p.RequestSecret}
	got, a, err := c.fetch(ctx, opAccessToken, c.p.Endpoints.Token, request, parameter{"oauth_verifier", verifier})
	if err != nil {
		return nil, err
	}
	token := Token{ClientID: c.clients.find(p.ClientID).id, Access: secret.Text(got.token), Secret: secret.Text(got.secret)}
	var profile *Profile
	if c.p.ProfileFromToken {
		a.body = withoutTokens(a.body)
		profile, err = c.profileOf(a)
	} else {
		profile, err = c.Profile(ctx, token)
	}
	if err != nil {
		return nil, err
	}
	return &Grant{ProviderID: c.p.ID, Profile: *profile, Token: token}, nil
}

// checkCallback compares the callback's parameters with the flow and returns the
// verifier. It sends no request.
func (c *oauth1Client) checkCallback(p *Pending, callback url.Values) (verifier string, err error) {
	for _, name := range [...]string{"oauth_token", "oauth_verifier", "oauth_problem", "denied"} {
		if len(callback[name]) > 1 {
			return "", &CallbackError{name + " is given more than once"}
		}
	}
	if p.RequestToken == "" {
		return "", &CallbackError{"the flow has no request token"}
	}
	if callback.Has("denied") {
		switch {
		case callback.Has("oauth_verifier"):
			return "", &CallbackError{"denied and oauth_verifier are both given"}
		case !sameText(callback.Get("denied"), p.RequestToken),
			callback.Has("oauth_token") && !sameText(callback.Get("oauth_token"), p.RequestToken):
			return "", &CallbackError{"denied is not the request token of this flow"}
		}
		return "", ErrDenied
	}
	if !sameText(callback.Get("oauth_token"), p.RequestToken) {
		return "", &CallbackError{"oauth_token is not the request token of this flow"}
	}
	if callback.Has("oauth_problem") {
		own := plainCode(callback.Get("oauth_problem"))
		problem := c.codes.meaning(own)
		if problem == "user_refused" || problem == "permission_denied" {
			return "", ErrDenied
		}
		return "", (&answer{}).failure(kindOfProblem(0, problem, opCallback), c.p.ID, opCallback, own, problem, time.Time{})
	}
	if verifier = callback.Get("oauth_verifier"); verifier == "" {
		return "", &CallbackError{"oauth_verifier is missing"}
	}
	return verifier, nil
}

func sameText(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// fetch asks for a token in a request that is signed with another. It returns the answer
// as well.
func (c *oauth1Client) fetch(ctx context.Context, op, address string, with Token, extra parameter) (credentials, *answer, error) {
	a, err := c.send(ctx, op, http.MethodPost, address, nil, with, extra)
	if err != nil {
		return credentials{}, nil, err
	}
	got, ok := parseCredentials(string(a.body))
	switch {
	case !ok:
		return credentials{}, nil, c.invalid(op, "the answer has a parameter twice")
	case got.token == "" || !got.hasSecret:
		return credentials{}, nil, c.failed(a, op)
	}
	return got, a, nil
}

// Revoke ends the token by a request signed with it.
func (c *oauth1Client) Revoke(ctx context.Context, t Token) error {
	if c.p.Endpoints.Revoke == "" {
		return &ProviderError{Kind: Rejected, ProviderID: c.p.ID, Op: opRevoke, Err: errors.ErrUnsupported}
	}
	if t.Access == "" {
		return nil
	}
	_, err := c.send(ctx, opRevoke, http.MethodPost, c.p.Endpoints.Revoke, nil, t)
	var f *ProviderError
	if errors.As(err, &f) && f.Kind == Rejected && f.Code != "" {
		return nil // it is unknown there, so it has ended
	}
	return err
}

// send makes a signed call; an answer that is not 2xx is an error.
func (c *oauth1Client) send(ctx context.Context, op, method, address string, params url.Values, t Token, extra ...parameter) (a *answer, err error) {
	client, err := c.clients.of(t.ClientID, c.p.ID, op)
	if err != nil {
		return nil, err
	}
	client.each(func(consumerSecret *secret.Text) bool {
		a, err = c.sendAs(ctx, client.id, *consumerSecret, op, method, address, params, t, extra...)
		return signatureRefused(err)
	})
	return a, err
}

// signatureRefused reports whether the consumer secret may be at fault.
func signatureRefused(err error) bool {
	f, ok := errors.AsType[*ProviderError](err)
	if !ok || f.Status != http.StatusUnauthorized {
		return false
	}
	_, known := problems[f.Code]
	return f.Kind == Operator || !known || f.Op == opAccessToken
}

func (c *oauth1Client) sendAs(ctx context.Context, key string, consumerSecret secret.Text, op, method, address string, params url.Values, t Token, extra ...parameter) (*answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err // never: Open has checked the address
	}
	addParams(req.URL, params)
	if method == http.MethodGet {
		req.Header.Set("Accept", "application/json")
	}
	if err := c.sign(req, key, consumerSecret, t, extra...); err != nil {
		return nil, &ProviderError{Kind: Operator, ProviderID: c.p.ID, Op: op, Err: err}
	}
	a, err := c.env.call(req)
	if err != nil {
		return nil, unanswered(c.p.ID, op, err)
	}
	if !a.good() {
		return nil, c.failed(a, op)
	}
	return a, nil
}

// Sign puts a signature by RFC 5849 into the Authorization header. It covers
// the query, and the body of a form, which is read for it and may be up to 16
// MiB. A request that was signed before is signed anew.
func (c *oauth1Client) Sign(req *http.Request, t Token) error {
	if t.Access == "" {
		return ErrNoToken
	}
	client, err := c.clients.of(t.ClientID, c.p.ID, opSign)
	if err != nil {
		return err
	}
	if err := c.sign(req, client.id, *client.proof(), t); err != nil {
		return fmt.Errorf("oauth: %s: sign: %w", c.p.ID, err)
	}
	return nil
}

func (c *oauth1Client) sign(req *http.Request, key string, consumerSecret secret.Text, t Token, extra ...parameter) error {
	own := make([]parameter, 0, 8)
	own = append(own,
		parameter{"oauth_consumer_key", key},
		parameter{"oauth_nonce", newNonce()},
		parameter{"oauth_signature_method", "HMAC-SHA1"},
		parameter{"oauth_timestamp", strconv.FormatInt(c.env.Now().Unix(), 10)},
		parameter{"oauth_version", "1.0"},
	)
	if t.Access != "" {
		own = append(own, parameter{"oauth_token", t.Access.Reveal()})
	}
	own = append(own, extra...)
	header, err := authorization(req, own, consumerSecret, t.Secret)
	if err != nil {
		return err
	}
	if req.Header == nil {
		req.Header = make(http.Header)
	}
	req.Header.Set("Authorization", header)
	setUserAgent(req, c.p.UserAgent)
	return nil
}

// newNonce returns 30 hexadecimal digits: 120 bits, in the one form that every server
// takes (RFC 5849 §3.3 leaves it open).
func newNonce() string {
	var b [15]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// Allows reports whether the URL is one of the provider's own.
func (c *oauth1Client) Allows(_ context.Context, u *url.URL) bool { return c.hosts.Allows(u) }

func (c *oauth1Client) invalid(op, why string) *ProviderError {
	return &ProviderError{Kind: Invalid, ProviderID: c.p.ID, Op: op, Err: errors.New(why)}
}
