package socialtest

import (
	"slices"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// token is an access or refresh token of any protocol.
type token struct {
	value    string
	secret   string // OAuth 1.0a
	refresh  bool
	client   string
	subject  string
	scopes   []string
	family   string // all tokens that stem from one consent
	expires  time.Time
	used     bool // a refresh token that was rotated away
	authTime time.Time
}

// issue makes a token. p.mu is held.
func (p *Provider) issueLocked(t token) *token {
	t.value = random(24)
	if !t.refresh && p.life > 0 {
		t.expires = p.srv.now().Add(p.life)
	}
	p.tokens[t.value] = &t
	return &t
}

// endFamilyLocked ends all tokens that stem from one consent.
func (p *Provider) endFamilyLocked(family string) {
	for value, t := range p.tokens {
		if t.family == family {
			delete(p.tokens, value)
		}
	}
}

// access returns the live access token with the value; why says what is wrong
// with it otherwise.
func (p *Provider) access(value string) (t token, u User, why string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.tokens[value]
	switch {
	case value == "":
		return t, u, "there is no access token"
	case found == nil || found.refresh:
		return t, u, "the access token is unknown or was revoked"
	case !found.expires.IsZero() && !p.srv.now().Before(found.expires):
		return t, u, "the access token has expired"
	}
	user := p.userLocked(found.subject)
	if user == nil {
		return t, u, "the token's account is gone"
	}
	return *found, *user, ""
}

// ExpireTokens ends the account's access tokens, as if their time had passed.
// Refresh tokens stay.
func (p *Provider) ExpireTokens(account string) {
	p.eachToken(account, func(t *token) {
		if !t.refresh {
			t.expires = p.srv.now()
		}
	})
}

// RevokeTokens ends all tokens of the account, as if the user had removed the
// applications at the provider.
func (p *Provider) RevokeTokens(account string) {
	p.eachToken(account, func(t *token) { delete(p.tokens, t.value) })
}

// RevokeRefreshTokens ends the account's refresh tokens only.
func (p *Provider) RevokeRefreshTokens(account string) {
	p.eachToken(account, func(t *token) {
		if t.refresh {
			delete(p.tokens, t.value)
		}
	})
}

func (p *Provider) eachToken(account string, do func(*token)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.userLocked(account)
	if u == nil {
		return
	}
	for _, t := range p.tokens {
		if t.subject == u.Subject {
			do(t)
		}
	}
}

// Live reports how many tokens of the account can still be used: access tokens
// that did not expire, and refresh tokens.
func (p *Provider) Live(account string) (access, refresh int) {
	now := p.srv.now()
	p.eachToken(account, func(t *token) {
		switch {
		case t.refresh && !t.used:
			refresh++
		case !t.refresh && (t.expires.IsZero() || now.Before(t.expires)):
			access++
		}
	})
	return access, refresh
}

// Grant issues tokens for the account to the application without a flow, for
// tests that begin with a connection. Expiry is that of SetTokenLife.
func (p *Provider) Grant(clientID, account string, scopes ...string) oauth.Token {
	u := p.User(account)
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.issueLocked(token{
		client: clientID, subject: u.Subject, scopes: slices.Clone(scopes), family: random(9),
		secret: p.tokenSecret(), authTime: p.srv.now(),
	})
	granted := oauth.Token{
		ClientID: clientID, Access: secret.Text(t.value), Secret: secret.Text(t.secret), Expiry: t.expires, Scopes: scopes,
	}
	if p.dialect.refresh {
		r := p.issueLocked(token{client: clientID, subject: u.Subject, scopes: t.scopes, family: t.family, refresh: true, authTime: t.authTime})
		granted.Refresh = secret.Text(r.value)
	}
	return granted
}

// tokenSecret makes the second half of a token, for OAuth 1.0a only.
func (p *Provider) tokenSecret() string {
	if p.dialect.requestToken == "" {
		return ""
	}
	return random(24)
}
