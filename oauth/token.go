package oauth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/gosocial/social/internal/input"
	"github.com/gosocial/social/secret"
)

// exchange trades the callback's code for a token (RFC 6749 §4.1.3).
func (c *oauth2Client) exchange(ctx context.Context, p *Pending, code string, answer url.Values) (*Token, []byte, error) {
	before := Token{ClientID: p.ClientID, Scopes: p.Scopes}
	if answer.Has("scope") {
		before.Scopes = input.Scopes(onlyValue(answer, "scope"))
	}
	before.Extra = c.keepOfCallback(answer)
	address, err := c.endpointOf(before, "token endpoint", c.p.Endpoints.Token)
	if err != nil {
		return nil, nil, &CallbackError{err.Error()}
	}
	if c.p.repeats("redirect_uri") {
		if before.Extra == nil {
			before.Extra = map[string]secret.Text{}
		}
		before.Extra["redirect_uri"] = secret.Text(cmp.Or(c.redirect, p.RedirectURI))
	}
	form := make(url.Values, 8)
	form.Set("grant_type", "authorization_code")
	form.Set("code", code)
	form.Set("redirect_uri", cmp.Or(c.redirect, p.RedirectURI))
	c.repeatScope(form, p.Scopes)
	if !c.p.WithoutPKCE {
		form.Set("code_verifier", p.Verifier.Reveal())
	}
	params, err := c.paramsOf(before, c.p.TokenParams)
	if err != nil {
		return nil, nil, &CallbackError{err.Error()}
	}
	t, body, err := c.ask(ctx, opToken, address, form, params, before)
	if err == nil && c.p.LongLived != (LongLived{}) {
		t, err = c.exchangeLongLived(ctx, t)
	}
	return t, body, err
}

// Refresh trades the refresh token (RFC 6749 §6).
func (c *oauth2Client) Refresh(ctx context.Context, t Token) (*Token, error) {
	if c.p.NoRefresh || t.Refresh == "" {
		return nil, c.failure(Rejected, opRefresh, errors.ErrUnsupported)
	}
	if now := c.env.Now(); c.p.LateRefresh && now.Before(t.Expiry) {
		f := c.failure(Transient, opRefresh, errors.New("the provider gives a new token only once this one has expired"))
		f.RetryAfter = min(t.Expiry.Sub(now), maxWait)
		return nil, f
	}
	if c.p.LongLived != (LongLived{}) {
		return c.refreshLongLived(ctx, t)
	}
	address := c.p.Endpoints.Refresh
	if address == "" {
		var err error
		if address, err = c.endpointOf(t, "token endpoint", c.p.Endpoints.Token); err != nil {
			return nil, c.failure(Invalid, opRefresh, err)
		}
	}
	form := make(url.Values, 6)
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", t.Refresh.Reveal())
	if address := t.Extra["redirect_uri"]; address != "" && c.p.repeats("redirect_uri") {
		form.Set("redirect_uri", address.Reveal())
	}
	c.repeatScope(form, t.Scopes)
	params, err := c.paramsOf(t, c.p.RefreshParams)
	if err != nil {
		return nil, c.failure(Invalid, opRefresh, err)
	}
	fresh, _, err := c.ask(ctx, opRefresh, address, form, params, t)
	return fresh, err
}

// ask sends a form to a token endpoint, as the client that the token before
// was granted to. It returns the answer's body as well.
func (c *oauth2Client) ask(ctx context.Context, op, address string, form, params url.Values, before Token) (t *Token, body []byte, err error) {
	client, err := c.clients.of(before.ClientID, c.p.ID, op)
	if err != nil {
		return nil, nil, err
	}
	before.ClientID = client.id
	for name, values := range params {
		form[name] = values
	}
	client.each(func(auth *clientAuth) bool {
		t, body, err = c.askAs(ctx, auth, op, address, form, before)
		return clientRefused(err)
	})
	return t, body, err
}

// clientRefused reports whether the provider did not take the client's proof
// (RFC 6749 §5.2).
func clientRefused(err error) bool {
	f, ok := errors.AsType[*ProviderError](err)
	return ok && (f.Code == "invalid_client" || f.Mistake == WrongClient || f.Code == "" && f.Status == http.StatusUnauthorized)
}

func (c *oauth2Client) askAs(ctx context.Context, auth *clientAuth, op, address string, form url.Values, before Token) (*Token, []byte, error) {
	if op == opRefresh && c.p.RefreshAuth != "" && (auth.how == "" || auth.how == AuthBasic || auth.how == AuthPost) {
		other := *auth
		other.how, auth = c.p.RefreshAuth, &other
	}
	req, err := c.proved(ctx, auth, address, form, c.p.TokenBody)
	if err != nil {
		return nil, nil, c.failure(Operator, op, err)
	}
	return c.tokenFrom(req, op, before)
}

// tokenFrom sends a request that is answered with a token. before has the values for what
// the answer leaves out.
func (c *oauth2Client) tokenFrom(req *http.Request, op string, before Token) (*Token, []byte, error) {
	a, err := c.env.call(req)
	if err != nil {
		return nil, nil, unanswered(c.p.ID, op, err)
	}
	t, ok := parseToken(c.p.tokenObject(a.body))
	if a.good() && t.access != "" && !c.words.knows(t.code) {
		t.code = "" // whatever it is: a rotated token must not be lost for it
	}
	if t.code == "" && c.words.refused.hold(a) {
		t.code = "error"
	}
	switch {
	case !a.good(), t.code != "", !ok:
		return nil, nil, c.words.failed(a, c.p.ID, op, t.code, c.env.Now())
	case t.access == "" && op == opRefresh && c.words.dead.hold(a):
		return nil, nil, c.words.failed(a, c.p.ID, op, "", c.env.Now())
	case t.access == "" && !(c.openID && t.id != "" && before.Access == ""):
		f := c.failure(Invalid, op, errors.New("the answer has no access token"))
		f.Status = a.status
		return nil, nil, f
	}
	if t.hasScope && op == opToken {
		before.Scopes = nil // unknown if it names none; a refresh leaves unchanged what is known
	}
	fresh := t.token(before, c.env.Now())
	fresh.Extra = c.keepOfToken(before.Extra, a.body)
	return fresh, a.body, nil
}
