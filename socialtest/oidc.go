package socialtest

import (
	"crypto/sha256"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// idTokenLife is how long ID tokens hold.
const idTokenLife = 10 * time.Minute

// idToken makes the ID token (OpenID Connect Core 1.0 §2) that goes with an
// access token.
func (p *Provider) idToken(app *App, access *token, nonce string) (string, error) {
	u, found := p.findUser(access.subject)
	if !found {
		return "", errors.New("socialtest: the account is gone")
	}
	now := p.srv.now()
	digest := sha256.Sum256([]byte(access.value))
	claims := map[string]any{
		"iss": p.Issuer(), "sub": u.Subject, "aud": app.ClientID, "azp": app.ClientID,
		"iat": now.Unix(), "exp": now.Add(idTokenLife).Unix(), "auth_time": access.authTime.Unix(),
		"at_hash": b64(digest[:16]),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	if p.dialect.fatIDToken {
		maps.Copy(claims, p.claims(u, access.scopes))
	}
	return p.signToken(app, "JWT", claims, p.claimFaults(EndpointToken, Fault.spoilsToken))
}

// claims are the standard claims that the scopes give (§5.4).
func (p *Provider) claims(u User, scopes []string) map[string]any {
	c := map[string]any{"sub": u.Subject}
	if slices.Contains(scopes, "profile") {
		c["name"] = u.Name
		c["given_name"] = u.givenName()
		c["family_name"] = u.familyName()
		c["picture"] = p.picture(u)
		if p.ID() != "google" {
			c["preferred_username"] = u.Username
			c["profile"] = p.URL() + "/people/" + u.Subject
		}
	}
	if slices.Contains(scopes, "email") && u.Email != "" {
		c["email"] = u.Email
		c["email_verified"] = u.EmailVerified
		// Google vouches for the addresses of a Workspace's domain. The people here are
		// members of one.
		if _, domain, _ := strings.Cut(u.Email, "@"); p.ID() == "google" && u.EmailVerified && domain != "gmail.com" {
			c["hd"] = domain
		}
	}
	maps.Copy(c, u.Claims)
	return c
}

// oidcUserInfo serves the user-info endpoint (§5.3).
func (p *Provider) oidcUserInfo(r *http.Request) *answer {
	t, u, refused := p.bearer(r)
	if refused != nil {
		return refused
	}
	return ok(p.claims(u, t.scopes))
}

// bearer judges a request that carries an access token (RFC 6750 §2.1).
func (p *Provider) bearer(r *http.Request) (token, User, *answer) {
	if in := paramsOf(r); in.query.Has("access_token") || in.form.Has("access_token") {
		return token{}, User{}, bearerError(http.StatusBadRequest, "invalid_request", "the access token belongs into the Authorization header")
	}
	value, why := bearerValue(r)
	if why != "" {
		return token{}, User{}, bearerError(http.StatusUnauthorized, "invalid_request", why)
	}
	t, u, why := p.access(value)
	if why != "" {
		return t, u, bearerError(http.StatusUnauthorized, "invalid_token", why)
	}
	return t, u, nil
}

func bearerValue(r *http.Request) (value, why string) {
	header := r.Header.Values("Authorization")
	if len(header) != 1 {
		return "", "there is not exactly one Authorization header"
	}
	scheme, value, found := strings.Cut(header[0], " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return "", "the Authorization header is not Bearer"
	}
	return value, ""
}

// discovery serves the provider's metadata (OpenID Connect Discovery 1.0 §3).
func (p *Provider) discovery(*http.Request) *answer {
	e := p.Endpoints()
	fields := map[string]any{
		"issuer":                                         p.Issuer(),
		"authorization_endpoint":                         e.Authorize,
		"token_endpoint":                                 e.Token,
		"userinfo_endpoint":                              e.UserInfo,
		"revocation_endpoint":                            e.Revoke,
		"jwks_uri":                                       e.Keys,
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query", "form_post"},
		"device_authorization_endpoint":                  e.DeviceAuthorization,
		"grant_types_supported":                          []string{"authorization_code", "refresh_token", grantDevice},
		"subject_types_supported":                        []string{"public"},
		"id_token_signing_alg_values_supported":          []string{p.dialect.alg},
		"scopes_supported":                               []string{"openid", "email", "profile", "offline_access"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
		"code_challenge_methods_supported":               []string{"S256"},
		"claims_supported":                               []string{"sub", "name", "given_name", "family_name", "picture", "email", "email_verified"},
		"prompt_values_supported":                        []string{"none", "login", "consent", "select_account"},
		"authorization_response_iss_parameter_supported": true,
	}
	if e.EndSession != "" {
		fields["end_session_endpoint"] = e.EndSession
		fields["backchannel_logout_supported"] = true
		fields["backchannel_logout_session_supported"] = true
	}
	a := ok(fields)
	a.header = http.Header{"Cache-Control": {"public, max-age=3600"}}
	return a
}

// keySet serves the provider's public keys (RFC 7517 §5).
func (p *Provider) keySet(*http.Request) *answer {
	p.mu.Lock()
	keys, err := p.keysLocked()
	p.mu.Unlock()
	if err != nil {
		return oauthError(http.StatusInternalServerError, "server_error", err.Error())
	}
	set := make([]any, len(keys))
	for i, k := range keys {
		set[i] = k.jwk()
	}
	a := ok(map[string]any{"keys": set})
	a.header = http.Header{"Cache-Control": {"public, max-age=3600"}}
	return a
}

// endSession serves the end_session endpoint (RP-Initiated Logout 1.0).
func (p *Provider) endSession(r *http.Request) *answer {
	v, refusal := p.asked(r)
	if refusal != nil {
		return refusal
	}
	clientID := v.Get("client_id")
	if hint := v.Get("id_token_hint"); hint != "" {
		audience, why := p.judgeHint(hint)
		if why != "" {
			return p.refusal(http.StatusBadRequest, why)
		}
		if clientID != "" && clientID != audience {
			return p.refusal(http.StatusBadRequest, "The id_token_hint was issued to another application than client_id.")
		}
		clientID = audience
	}
	redirect := v.Get("post_logout_redirect_uri")
	if redirect != "" {
		app := p.app(clientID)
		if app == nil {
			return p.refusal(http.StatusBadRequest, "A post_logout_redirect_uri needs an id_token_hint or a client_id.")
		}
		if !slices.Contains(app.PostLogoutRedirectURIs, redirect) {
			return p.refusal(http.StatusBadRequest, "The post_logout_redirect_uri "+redirect+" is not registered for "+app.Name+".")
		}
	}
	id, _ := p.cookieSession(r)
	p.mu.Lock()
	delete(p.sessions, id)
	p.mu.Unlock()
	gone := http.Cookie{Name: p.cookieName(), Path: "/" + p.ID(), MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	var a *answer
	if redirect == "" {
		a = p.signedOutPage()
	} else {
		params := make(map[string][]string)
		if state := v.Get("state"); state != "" {
			params["state"] = []string{state}
		}
		a = &answer{callback: &callback{redirect: redirect, params: params}}
	}
	if a.header == nil {
		a.header = make(http.Header)
	}
	a.header.Add("Set-Cookie", gone.String())
	return a
}

// judgeHint verifies an ID token that this provider issued; it may have expired.
func (p *Provider) judgeHint(hint string) (audience, why string) {
	part := strings.Split(hint, ".")
	var header struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	var claims struct {
		Iss string `json:"iss"`
		Aud string `json:"aud"`
	}
	if len(part) != 3 || decodePart(part[0], &header) != nil || decodePart(part[1], &claims) != nil {
		return "", "The id_token_hint is not an ID token."
	}
	if claims.Iss != p.Issuer() {
		return "", "The id_token_hint was issued by another provider."
	}
	p.mu.Lock()
	keys, err := p.keysLocked()
	p.mu.Unlock()
	if err != nil {
		return "", err.Error()
	}
	for _, k := range keys {
		if k.id == header.Kid && verifyJWS(k.public(), header.Alg, part) == nil {
			return claims.Aud, ""
		}
	}
	return "", "The signature of the id_token_hint does not verify."
}

// LogoutToken makes a logout token (OpenID Connect Back-Channel Logout 1.0) for
// the account's sessions at the application. Faults made by Claim and its kin
// spoil it.
func (p *Provider) LogoutToken(clientID, account string, faults ...Fault) (string, error) {
	app := p.app(clientID)
	if app == nil || p.dialect.alg == "" {
		return "", errors.New("socialtest: no such application at an OpenID provider")
	}
	now := p.srv.now()
	return p.signToken(app, "logout+jwt", map[string]any{
		"iss": p.Issuer(), "aud": app.ClientID, "sub": p.User(account).Subject, "jti": random(12),
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}, faults)
}

// SignalToken makes a security event token (RFC 8417) for the application: an event of the
// type about the account, named by issuer and subject (RFC 9493 §3.2.1). Faults made by Claim
// and its kin spoil it.
func (p *Provider) SignalToken(clientID, account, event string, faults ...Fault) (string, error) {
	app := p.app(clientID)
	if app == nil || p.dialect.alg == "" {
		return "", errors.New("socialtest: no such application at an OpenID provider")
	}
	return p.signToken(app, "secevent+jwt", map[string]any{
		"iss": p.Issuer(), "aud": app.ClientID, "jti": random(12), "iat": p.srv.now().Unix(),
		"sub_id": map[string]any{"format": "iss_sub", "iss": p.Issuer(), "sub": p.User(account).Subject},
		"events": map[string]any{event: map[string]any{}},
	}, faults)
}

// signToken signs claims for an application, spoiled by faults.
func (p *Provider) signToken(app *App, typ string, claims map[string]any, faults []Fault) (string, error) {
	key, err := p.keyFor(app)
	if err != nil {
		return "", err
	}
	t := &jws{header: map[string]any{"typ": typ}, claims: claims, key: key}
	if key.id != "" {
		t.header["kid"] = key.id
	}
	for _, f := range faults {
		if f.claims != nil {
			f.claims(t.claims)
		}
		if f.sign != nil {
			f.sign(t)
		}
	}
	return t.sign()
}
