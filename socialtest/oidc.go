package socialtest

import (
	"errors"
	"maps"
	"time"
)

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
		"iss": p.Issuer(), "aud": app.ID, "sub": p.User(account).Subject, "jti": random(12),
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}, faults)
}

// signToken signs claims for an application, spoiled by faults.
func (p *Provider) signToken(app *App, typ string, claims map[string]any, faults []Fault) (string, error) {
	key, err := p.keyFor(app)
	if err != nil {
		return "", err
	}
	t := &jws{header: map[string]any{"typ": typ}, claims: maps.Clone(claims), key: key}
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
