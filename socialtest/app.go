package socialtest

import (
	"crypto"
	"slices"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// An App is an application registered at a provider.
type App struct {
	// ClientID and ClientSecret are made up where they are empty. They may be fixed
	// for a demo that is restarted.
	ClientID     string
	ClientSecret secret.Text

	// FurtherSecrets are valid besides ClientSecret, as while an application
	// changes its secret.
	FurtherSecrets []secret.Text

	Name string // on the consent page; "An application" when empty

	// RedirectURIs are compared exactly.
	RedirectURIs []string

	// PostLogoutRedirectURIs are where the end_session endpoint may send the
	// browser, compared exactly.
	PostLogoutRedirectURIs []string

	// RequestEmail lets Twitter tell e-mail addresses, as "Request email from
	// users" does at its developer portal. The others go by scopes.
	RequestEmail bool

	// TokenAuth is the only accepted way of client authentication. Empty: basic
	// and post.
	TokenAuth oauth.TokenAuth

	// PublicKey verifies private_key_jwt: *rsa.PublicKey (RS256) or
	// *ecdsa.PublicKey (ES256).
	PublicKey crypto.PublicKey

	// Algorithm signs this application's ID tokens: RS256, ES256 or HS256 (with
	// the client secret). Empty: the provider's own.
	Algorithm string
}

// Register registers an application, or replaces the one with the same ID, and
// returns its credentials.
func (p *Provider) Register(app App) oauth.Credentials {
	if app.ClientID == "" {
		app.ClientID = p.ID() + "-" + random(6)
	}
	if app.ClientSecret == "" {
		app.ClientSecret = secret.Text(random(16))
	}
	if app.Name == "" {
		app.Name = "An application"
	}
	app.FurtherSecrets = slices.Clone(app.FurtherSecrets)
	app.RedirectURIs = slices.Clone(app.RedirectURIs)
	app.PostLogoutRedirectURIs = slices.Clone(app.PostLogoutRedirectURIs)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.apps[app.ClientID] = &app
	return oauth.Credentials{ClientID: app.ClientID, ClientSecret: app.ClientSecret}
}

// secrets are the client secrets that are valid.
func (a *App) secrets() []secret.Text {
	return append([]secret.Text{a.ClientSecret}, a.FurtherSecrets...)
}

// knows reports whether the text is a secret of the application.
func (a *App) knows(text string) bool {
	return slices.ContainsFunc(a.secrets(), func(s secret.Text) bool { return same(text, s.Reveal()) })
}

// app returns a registered application, nil when there is none. An App is not
// changed once it is registered.
func (p *Provider) app(id string) *App {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.apps[id]
}
