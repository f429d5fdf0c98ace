package socialtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/secret"
)

// timestampWindow is how far a request's timestamp may be off.
const timestampWindow = 5 * time.Minute

// requestToken is a temporary credential of OAuth 1.0a (RFC 5849 §2.1).
type requestToken struct {
	value, secret string
	app           *App
	callback      string
	verifier      string // set once the user allowed
	subject       string
	expires       time.Time
}

// caller is the application, and user, that signed a request.
type caller struct {
	app      *App
	request  *requestToken // when signed with a request token
	token    token         // when signed with an access token
	user     User
	protocol map[string]string
	form     url.Values
}

// What the signature's token has to be.
type tokenKind int

const (
	noToken tokenKind = iota
	aRequestToken
	anAccessToken
)

// verify judges a signed request (RFC 5849 §3.2). The error says what is wrong.
func (p *Provider) verify(r *http.Request, kind tokenKind) (*caller, *answer) {
	refuse := func(why string) (*caller, *answer) {
		return nil, twitterError(http.StatusUnauthorized, 32, "Could not authenticate you: "+why+".")
	}
	s, err := readSigned(r)
	if err != nil {
		return refuse(err.Error())
	}
	in := paramsOf(r)
	for _, v := range []url.Values{in.query, in.form} {
		for name := range v {
			// Twitter takes the verifier in the body too.
			if strings.HasPrefix(name, "oauth_") && name != "oauth_verifier" {
				return refuse(name + " is outside the Authorization header")
			}
		}
	}
	for _, name := range []string{"oauth_consumer_key", "oauth_nonce", "oauth_signature", "oauth_signature_method", "oauth_timestamp"} {
		if s.protocol[name] == "" {
			return refuse(name + " is missing")
		}
	}
	if m := s.protocol["oauth_signature_method"]; m != "HMAC-SHA1" {
		return refuse("oauth_signature_method is not HMAC-SHA1")
	}
	if v, given := s.protocol["oauth_version"]; given && v != "1.0" {
		return refuse("oauth_version is not 1.0")
	}
	c := &caller{protocol: s.protocol, form: in.form, app: p.app(s.protocol["oauth_consumer_key"])}
	if c.app == nil {
		return refuse("oauth_consumer_key is not registered")
	}

	value, given := s.protocol["oauth_token"]
	var tokenSecret string
	switch kind {
	case noToken:
		if given {
			return refuse("oauth_token is given, where there is none yet")
		}
	case aRequestToken:
		p.mu.Lock()
		if found := p.requests[value]; found != nil {
			copied := *found
			c.request = &copied
		}
		p.mu.Unlock()
		if c.request == nil || p.srv.now().After(c.request.expires) {
			return refuse("the request token is unknown, used or too old")
		}
		if c.request.app.ClientID != c.app.ClientID {
			return refuse("the request token was issued to another application")
		}
		tokenSecret = c.request.secret
	case anAccessToken:
		t, u, why := p.access(value)
		if why != "" {
			return nil, twitterError(http.StatusUnauthorized, 89, "Invalid or expired token: "+why+".")
		}
		if t.client != c.app.ClientID {
			return refuse("the access token was issued to another application")
		}
		c.token, c.user, tokenSecret = t, u, t.secret
	}

	scheme, _, _ := strings.Cut(p.srv.url, ":")
	// The address as it was requested: by now the prefix is gone from r.URL.
	base := s.baseString(r.Method, scheme, r.Host, requestedPath(r))
	fits := func(consumerSecret secret.Text) bool {
		return same(hmacSHA1(base, consumerSecret.Reveal(), tokenSecret), s.protocol["oauth_signature"])
	}
	if !slices.ContainsFunc(c.app.secrets(), fits) {
		return refuse("the signature does not verify; the base string has to be " + base)
	}
	// Only what is signed may use up a nonce.
	stamp, err := strconv.ParseInt(s.protocol["oauth_timestamp"], 10, 64)
	if err != nil || stamp <= 0 {
		return refuse("oauth_timestamp is not a positive number")
	}
	if off := p.srv.now().Sub(time.Unix(stamp, 0)); off > timestampWindow || off < -timestampWindow {
		return nil, twitterError(http.StatusUnauthorized, 135, "Timestamp out of bounds.")
	}
	if !p.once("nonce " + c.app.ClientID + " " + value + " " + s.protocol["oauth_timestamp"] + " " + s.protocol["oauth_nonce"]) {
		return refuse("the nonce was used before")
	}
	return c, nil
}

// requestToken serves the temporary credential request (RFC 5849 §2.1).
func (p *Provider) requestToken(r *http.Request) *answer {
	c, refused := p.verify(r, noToken)
	if refused != nil {
		return refused
	}
	callback := c.protocol["oauth_callback"]
	if callback == "" {
		return twitterError(http.StatusBadRequest, 32, "oauth_callback is missing.")
	}
	if !slices.Contains(c.app.RedirectURIs, callback) {
		return twitterError(http.StatusForbidden, 415, "Callback URL not approved for this client application: "+callback)
	}
	t := &requestToken{
		value: random(20), secret: random(24), app: c.app, callback: callback,
		expires: p.srv.now().Add(pendingLife),
	}
	p.mu.Lock()
	for value, other := range p.requests {
		if p.srv.now().After(other.expires) {
			delete(p.requests, value)
		}
	}
	p.requests[t.value] = t
	p.mu.Unlock()
	return &answer{status: http.StatusOK, form: true, fields: map[string]any{
		"oauth_token": t.value, "oauth_token_secret": t.secret, "oauth_callback_confirmed": "true",
	}}
}

// authorizeOAuth1 serves the resource owner authorization (RFC 5849 §2.2).
func (p *Provider) authorizeOAuth1(r *http.Request) *answer {
	v := paramsOf(r).query
	if name := twice(v); name != "" {
		return p.refusal(http.StatusBadRequest, "The parameter "+name+" appears twice.")
	}
	p.mu.Lock()
	t := p.requests[v.Get("oauth_token")]
	usable := t != nil && t.verifier == "" && !p.srv.now().After(t.expires)
	auto := p.answer
	p.mu.Unlock()
	if !usable {
		return p.refusal(http.StatusBadRequest, "The oauth_token is unknown, used or too old.")
	}
	q := &pending{
		id: random(18), app: t.app, redirect: t.callback, requestToken: t.value, hint: v.Get("screen_name"),
		login: v.Get("force_login") == "true", expires: t.expires,
	}
	if auto.on {
		return p.decide(q, auto.account, auto.account != "", p.srv.now())
	}
	return p.ask(q, p.sessionOf(r))
}

// decideOAuth1 answers an authorization with a verifier, or with Twitter's
// denied parameter.
func (p *Provider) decideOAuth1(q *pending, subject string, allow bool) *answer {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.requests[q.requestToken]
	if t == nil || t.verifier != "" {
		return p.refusal(http.StatusBadRequest, "The oauth_token is unknown, used or too old.")
	}
	if !allow {
		delete(p.requests, t.value)
		return &answer{callback: &callback{redirect: t.callback, params: url.Values{"denied": {t.value}}}}
	}
	t.subject, t.verifier = subject, random(20)
	return &answer{callback: &callback{redirect: t.callback, params: url.Values{"oauth_token": {t.value}, "oauth_verifier": {t.verifier}}}}
}

// accessToken serves the token request (RFC 5849 §2.3).
func (p *Provider) accessToken(r *http.Request) *answer {
	c, refused := p.verify(r, aRequestToken)
	if refused != nil {
		return refused
	}
	verifier := c.protocol["oauth_verifier"]
	if verifier == "" {
		verifier = c.form.Get("oauth_verifier")
	}
	u, found := p.findUser(c.request.subject)
	switch {
	case verifier == "":
		return twitterError(http.StatusUnauthorized, 32, "oauth_verifier is missing.")
	case c.request.verifier == "":
		return twitterError(http.StatusUnauthorized, 32, "The user did not authorize this request token.")
	case !same(verifier, c.request.verifier):
		return twitterError(http.StatusUnauthorized, 32, "oauth_verifier is wrong.")
	case !found:
		return twitterError(http.StatusUnauthorized, 32, "The account is gone.")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.requests[c.request.value] == nil {
		return twitterError(http.StatusUnauthorized, 32, "The request token was used before.")
	}
	delete(p.requests, c.request.value)
	t := p.issueLocked(token{client: c.app.ClientID, subject: u.Subject, family: random(9), secret: p.tokenSecret()})
	return &answer{status: http.StatusOK, form: true, fields: map[string]any{
		"oauth_token": t.value, "oauth_token_secret": t.secret, "user_id": u.Subject, "screen_name": u.Username,
	}}
}
