package socialtest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
)

// Lifetimes.
const (
	pendingLife = 10 * time.Minute // a consent page
	codeLife    = time.Minute
)

// pending is an authorization request that waits for the user.
type pending struct {
	id       string
	app      *App
	redirect string
	state    string
	scopes   []string

	challenge string
	nonce     string
	formPost  bool
	offline   bool
	hint      string // login_hint
	login     bool   // the user has to sign in anew

	requestToken string  // OAuth 1.0a
	device       *device // RFC 8628
	expires      time.Time
}

// code is an authorization code.
type code struct {
	pending
	subject  string
	authTime time.Time
	family   string // set once it was used
}

// session is a browser that is signed in at the provider.
type session struct {
	subject  string
	authTime time.Time
	consents []string // client IDs
}

// callback is an answer on its way back to the application.
type callback struct {
	redirect string
	params   url.Values
	post     bool
}

// asked returns what a browser brings to a page: the query, or the form that it
// posts. A parameter that appears twice is refused.
func (p *Provider) asked(r *http.Request) (url.Values, *answer) {
	in := paramsOf(r)
	v := in.query
	if r.Method == http.MethodPost {
		v = in.form
	}
	if name := twice(v); name != "" {
		return nil, p.refusal(http.StatusBadRequest, "The parameter "+name+" appears twice.")
	}
	return v, nil
}

// authorize serves the authorization endpoint (RFC 6749 §4.1.1).
func (p *Provider) authorize(r *http.Request) *answer {
	v, refusal := p.asked(r)
	if refusal != nil {
		return refusal
	}
	app := p.app(v.Get("client_id"))
	if app == nil {
		return p.refusal(http.StatusBadRequest, "No application is registered with this client_id.")
	}
	redirect := v.Get("redirect_uri")
	if redirect == "" {
		return p.refusal(http.StatusBadRequest, "The redirect_uri is missing.")
	}
	if !slices.Contains(app.RedirectURIs, redirect) {
		return p.refusal(http.StatusBadRequest, "The redirect_uri "+redirect+" is not registered for "+app.Name+".")
	}

	q := &pending{
		id: random(18), app: app, redirect: redirect, state: v.Get("state"), scopes: p.splitScopes(v.Get("scope")),
		challenge: v.Get("code_challenge"), nonce: v.Get("nonce"), formPost: v.Get("response_mode") == "form_post",
		offline: v.Get("access_type") == "offline", hint: v.Get("login_hint"),
		expires: p.srv.now().Add(pendingLife),
	}
	if code, description := p.judgeAuthorize(v, q); code != "" {
		return p.back(q, url.Values{"error": {code}, "error_description": {description}})
	}
	prompt := strings.Fields(v.Get("prompt"))
	maxAge := -1
	if s := v.Get("max_age"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return p.back(q, url.Values{"error": {"invalid_request"}, "error_description": {"max_age is not a number of seconds"}})
		}
		maxAge = n
	}

	p.mu.Lock()
	auto := p.answer
	p.mu.Unlock()
	if auto.on {
		return p.decide(q, auto.account, auto.account != "", p.srv.now())
	}
	s := p.sessionOf(r)
	q.login = slices.Contains(prompt, "login") || s != nil && maxAge >= 0 && p.srv.now().Sub(s.authTime) > time.Duration(maxAge)*time.Second
	if slices.Contains(prompt, "none") {
		switch {
		case s == nil || q.login:
			return p.back(q, url.Values{"error": {"login_required"}, "error_description": {"no user is signed in at the provider, or not recently enough"}})
		case !slices.Contains(s.consents, app.ClientID):
			return p.back(q, url.Values{"error": {"consent_required"}, "error_description": {"the user did not consent yet"}})
		}
		return p.decide(q, s.subject, true, s.authTime)
	}
	return p.ask(q, s)
}

// judgeAuthorize finds faults that are reported to the application.
func (p *Provider) judgeAuthorize(v url.Values, q *pending) (code, description string) {
	d := p.dialect
	method := v.Get("code_challenge_method")
	mode := v.Get("response_mode")
	prompt := strings.Fields(v.Get("prompt"))
	switch {
	case v.Get("response_type") == "":
		return "invalid_request", "response_type is missing"
	case v.Get("response_type") != "code":
		return "unsupported_response_type", "response_type is not code"
	case v.Get("request") != "":
		return "request_not_supported", "request objects are not supported"
	case v.Get("request_uri") != "":
		return "request_uri_not_supported", "request objects are not supported"
	case q.challenge == "" && method != "":
		return "invalid_request", "code_challenge_method without code_challenge"
	case q.challenge == "" && d.requirePKCE:
		return "invalid_request", "code_challenge is missing: PKCE is required"
	case q.challenge != "" && method != "S256":
		return "invalid_request", "code_challenge_method is not S256"
	case q.challenge != "" && !isChallenge(q.challenge):
		return "invalid_request", "code_challenge is not 43 characters of base64url"
	case mode != "" && mode != "query" && mode != "form_post":
		return "invalid_request", "response_mode is neither query nor form_post"
	case d.protocol == oauth.ProtocolOIDC && !slices.Contains(q.scopes, "openid"):
		return "invalid_scope", "scope lacks openid"
	case slices.Contains(prompt, "none") && len(prompt) > 1:
		return "invalid_request", "prompt has none beside others"
	}
	return "", ""
}

func (p *Provider) splitScopes(s string) []string {
	if p.dialect.comma {
		s = strings.ReplaceAll(s, ",", " ")
	}
	return strings.Fields(s)
}

// ask shows the consent page.
func (p *Provider) ask(q *pending, s *session) *answer {
	p.mu.Lock()
	for id, other := range p.pending {
		if p.srv.now().After(other.expires) {
			delete(p.pending, id)
		}
	}
	p.pending[q.id] = q
	p.mu.Unlock()
	return p.consentPage(q, s)
}

// consent takes the form of the consent page.
func (p *Provider) consent(r *http.Request) *answer {
	v := paramsOf(r).form
	p.mu.Lock()
	q := p.pending[v.Get("request")]
	delete(p.pending, v.Get("request"))
	p.mu.Unlock()
	if q == nil || p.srv.now().After(q.expires) {
		return p.refusal(http.StatusBadRequest, "This request was answered already, or it is too old. Go back to the application and begin again.")
	}
	if v.Get("decision") != "allow" {
		return p.decide(q, "", false, time.Time{})
	}
	u, found := p.findUser(v.Get("account"))
	if !found {
		return p.refusal(http.StatusBadRequest, "There is no such account.")
	}
	now := p.srv.now()
	id, s := p.cookieSession(r)
	if s == nil || s.subject != u.Subject || q.login {
		s = &session{subject: u.Subject, authTime: now}
		id = random(18)
	} else {
		s = &session{subject: s.subject, authTime: s.authTime, consents: slices.Clone(s.consents)}
	}
	if !slices.Contains(s.consents, q.app.ClientID) {
		s.consents = append(s.consents, q.app.ClientID)
	}
	p.mu.Lock()
	p.sessions[id] = s
	p.mu.Unlock()
	a := p.decide(q, u.Subject, true, s.authTime)
	cookie := http.Cookie{Name: p.cookieName(), Value: id, Path: "/" + p.ID(), HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Add("Set-Cookie", cookie.String())
	return a
}

// decide answers an authorization request with a code or a denial.
func (p *Provider) decide(q *pending, subject string, allow bool, authTime time.Time) *answer {
	if q.requestToken != "" {
		return p.decideOAuth1(q, subject, allow)
	}
	if q.device != nil {
		return p.decideDevice(q, subject, authTime)
	}
	if !allow {
		return p.back(q, url.Values{"error": {"access_denied"}, "error_description": {"The user said no."}})
	}
	value := random(24)
	c := &code{pending: *q, subject: subject, authTime: authTime}
	c.expires = p.srv.now().Add(codeLife)
	p.mu.Lock()
	for old, other := range p.codes {
		if p.srv.now().Sub(other.expires) > pendingLife {
			delete(p.codes, old)
		}
	}
	p.codes[value] = c
	p.mu.Unlock()
	return p.back(q, url.Values{"code": {value}})
}

// back leads to the application's callback.
func (p *Provider) back(q *pending, v url.Values) *answer {
	if q.state != "" {
		v.Set("state", q.state)
	}
	if p.dialect.issuer {
		v.Set("iss", p.Issuer())
	}
	return &answer{callback: &callback{redirect: q.redirect, params: v, post: q.formPost}}
}

// leadBack turns an answer with a callback into a redirect, or into a page that
// posts (OAuth 2.0 Form Post Response Mode).
func (p *Provider) leadBack(a *answer) {
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Set("Referrer-Policy", "no-referrer")
	c := a.callback
	if c.post {
		p.formPostPage(a)
		return
	}
	sep := "?"
	if strings.Contains(c.redirect, "?") {
		sep = "&"
	}
	a.status = http.StatusSeeOther
	a.header.Set("Location", c.redirect+sep+c.params.Encode())
	a.body = []byte{}
}

// cookieName names the session cookie. It names the provider because cookies are
// shared by all ports of a host: the demo's application is there too.
func (p *Provider) cookieName() string { return "pretend_" + p.ID() }

func (p *Provider) cookieSession(r *http.Request) (string, *session) {
	c, err := r.Cookie(p.cookieName())
	if err != nil {
		return "", nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.Value, p.sessions[c.Value]
}

func (p *Provider) sessionOf(r *http.Request) *session {
	_, s := p.cookieSession(r)
	return s
}

// isChallenge reports whether s can be the S256 of a verifier (RFC 7636 §4.2).
func isChallenge(s string) bool {
	return len(s) == 43 && isBase64URL(s)
}

func isBase64URL(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}
