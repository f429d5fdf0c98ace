package socialtest

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
)

// exchange serves the token endpoint (RFC 6749 §4.1.3, §6).
func (p *Provider) exchange(r *http.Request) *answer {
	in := paramsOf(r)
	v := in.form
	if p.dialect.postOnly && r.Method == http.MethodGet {
		v = in.query
	} else {
		if len(v) == 0 {
			return p.tokenError(http.StatusBadRequest, "invalid_request", "the body has no form-encoded parameters")
		}
		if len(in.query) > 0 {
			return p.tokenError(http.StatusBadRequest, "invalid_request", "there are parameters in the query instead of the body")
		}
	}
	if name := twice(v); name != "" {
		return p.tokenError(http.StatusBadRequest, "invalid_request", "the parameter "+name+" appears twice")
	}
	app, why := p.client(r, v)
	if why != "" {
		return p.tokenError(http.StatusUnauthorized, "invalid_client", why)
	}
	switch grant := v.Get("grant_type"); {
	case grant == "authorization_code" || grant == "" && p.ID() == "facebook":
		return p.redeem(app, v)
	case grant == "refresh_token" && p.dialect.refresh:
		return p.refreshed(app, v)
	case grant == grantDevice && p.dialect.device != "":
		return p.deviceToken(app, v.Get("device_code"))
	case grant == "":
		return p.tokenError(http.StatusBadRequest, "invalid_request", "grant_type is missing")
	}
	return p.tokenError(http.StatusBadRequest, "unsupported_grant_type", "this grant_type is unknown, or not supported here")
}

// redeem trades a code for tokens.
func (p *Provider) redeem(app *App, v url.Values) *answer {
	now := p.srv.now()
	p.mu.Lock()
	c := p.codes[v.Get("code")]
	switch {
	case v.Get("code") == "":
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_request", "code is missing")
	case c == nil:
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_grant", "the code is unknown")
	}
	if why := c.refuse(app, v, now); why != "" {
		if c.family != "" {
			p.endFamilyLocked(c.family)
		}
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_grant", why)
	}
	c.family = random(9)
	access := p.issueLocked(token{client: app.ClientID, subject: c.subject, scopes: c.scopes, family: c.family, authTime: c.authTime})
	var refresh *token
	if p.dialect.refresh && (!p.dialect.offline || c.offline) {
		refresh = p.issueLocked(token{client: app.ClientID, subject: c.subject, scopes: c.scopes, family: c.family, authTime: c.authTime, refresh: true})
	}
	p.mu.Unlock()
	return p.grant(app, access, refresh, c.nonce)
}

// refuse says what is wrong with a code that an application presents.
func (c *code) refuse(app *App, v url.Values, now time.Time) string {
	verifier := v.Get("code_verifier")
	switch {
	case c.app.ClientID != app.ClientID:
		return "the code was issued to another application"
	case c.family != "":
		return "the code was used before: the tokens it gave are revoked (RFC 6749 §4.1.2)"
	case now.After(c.expires):
		return "the code has expired"
	case v.Get("redirect_uri") != c.redirect:
		return "redirect_uri differs from that of the authorization request"
	case c.challenge == "" && verifier != "":
		return "code_verifier is given, but the authorization request had no code_challenge"
	case c.challenge == "":
		return ""
	case verifier == "":
		return "code_verifier is missing"
	case len(verifier) < 43 || len(verifier) > 128 || !isBase64URL(strings.NewReplacer(".", "", "~", "").Replace(verifier)):
		return "code_verifier is not 43 to 128 unreserved characters (RFC 7636 §4.1)"
	}
	digest := sha256.Sum256([]byte(verifier))
	if b64(digest[:]) != c.challenge {
		return "code_verifier does not fit code_challenge"
	}
	return ""
}

// refreshed trades a refresh token for new tokens.
func (p *Provider) refreshed(app *App, v url.Values) *answer {
	value := v.Get("refresh_token")
	if value == "" {
		return p.tokenError(http.StatusBadRequest, "invalid_request", "refresh_token is missing")
	}
	p.mu.Lock()
	old := p.tokens[value]
	switch {
	case old == nil || !old.refresh:
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_grant", "the refresh token is unknown or was revoked")
	case old.client != app.ClientID:
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_grant", "the refresh token was issued to another application")
	case old.used:
		p.endFamilyLocked(old.family)
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_grant", "the refresh token was used before: all tokens of this consent are revoked (RFC 9700 §4.14.2)")
	case p.userLocked(old.subject) == nil:
		p.mu.Unlock()
		return p.tokenError(http.StatusBadRequest, "invalid_grant", "the token's account is gone")
	}
	scopes := old.scopes
	if s := v.Get("scope"); s != "" {
		scopes = p.splitScopes(s)
		for _, scope := range scopes {
			if !slices.Contains(old.scopes, scope) {
				p.mu.Unlock()
				return p.tokenError(http.StatusBadRequest, "invalid_scope", "scope "+scope+" was not granted")
			}
		}
	}
	access := p.issueLocked(token{client: app.ClientID, subject: old.subject, scopes: scopes, family: old.family, authTime: old.authTime})
	var refresh *token
	if p.dialect.rotate {
		old.used = true
		refresh = p.issueLocked(token{client: app.ClientID, subject: old.subject, scopes: old.scopes, family: old.family, authTime: old.authTime, refresh: true})
	}
	p.mu.Unlock()
	return p.grant(app, access, refresh, "")
}

// grant is the answer of the token endpoint (RFC 6749 §5.1).
func (p *Provider) grant(app *App, access, refresh *token, nonce string) *answer {
	fields := map[string]any{"access_token": access.value}
	if p.ID() == "foursquare" {
		return ok(fields) // the token is all it sends
	}
	fields["token_type"] = "bearer"
	if p.ID() != "facebook" {
		fields["token_type"] = "Bearer"
		fields["scope"] = strings.Join(access.scopes, " ")
	}
	if !access.expires.IsZero() {
		fields["expires_in"] = int64(access.expires.Sub(p.srv.now()).Round(time.Second) / time.Second)
	}
	if refresh != nil {
		fields["refresh_token"] = refresh.value
	}
	if p.Protocol() == oauth.ProtocolOIDC {
		idToken, err := p.idToken(app, access, nonce)
		if err != nil {
			return oauthError(http.StatusInternalServerError, "server_error", err.Error())
		}
		fields["id_token"] = idToken
	}
	return ok(fields)
}

// tokenError is an error of the token endpoint, in the provider's own form.
func (p *Provider) tokenError(status int, code, description string) *answer {
	if p.ID() == "facebook" {
		number := 100
		if code == "invalid_client" {
			number = 1
		}
		return facebookError(http.StatusBadRequest, number, description)
	}
	return oauthError(status, code, description)
}

// revoke serves the revocation endpoint (RFC 7009).
func (p *Provider) revoke(r *http.Request) *answer {
	v := paramsOf(r).form
	if name := twice(v); name != "" {
		return oauthError(http.StatusBadRequest, "invalid_request", "the parameter "+name+" appears twice")
	}
	value := v.Get("token")
	if value == "" {
		return oauthError(http.StatusBadRequest, "invalid_request", "token is missing")
	}
	var app *App
	// Google's endpoint asks for no client authentication.
	if p.ID() != "google" || r.Header.Get("Authorization") != "" || v.Has("client_secret") || v.Has("client_assertion") {
		var why string
		if app, why = p.client(r, v); why != "" {
			return oauthError(http.StatusUnauthorized, "invalid_client", why)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tokens[value]
	if t == nil {
		if p.ID() == "google" {
			return oauthError(http.StatusBadRequest, "invalid_token", "the token is unknown or was revoked")
		}
		return &answer{status: http.StatusOK}
	}
	if app != nil && t.client != app.ClientID {
		return oauthError(http.StatusBadRequest, "invalid_grant", "the token was issued to another application")
	}
	if t.refresh || p.ID() == "google" {
		p.endFamilyLocked(t.family)
	} else {
		delete(p.tokens, value)
	}
	return &answer{status: http.StatusOK}
}
