package oauth

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gosocial/social/secret"
)

// A Provider is the immutable description of one provider. *OAuth1, *OAuth2 and
// *OIDC are the three of this package; change their fields before the first Open,
// not after. A type of your own may speak any other protocol.
type Provider interface {
	Description() Description

	// Open binds the description to a transport and a clock. Caches (discovery,
	// keys) belong to the Client returned. The error says which field is missing
	// or malformed.
	Open(Env) (Client, error)
}

// An Env is what a Client needs from its surroundings. The zero value works.
type Env struct {
	// HTTP makes the protocol calls: discovery, keys, token, user-info,
	// revocation. Nil means a client that verifies TLS, follows no redirect,
	// reaches no private address, and bounds time and size. Redirects are not
	// followed through another client either.
	HTTP *http.Client

	// Now tells the time. Nil means time.Now.
	Now func() time.Time

	timeout time.Duration // of HTTP, once ready
}

// A Protocol is what a provider speaks. Providers outside this package may have
// another one, by a name of their own.
type Protocol string

// The protocols of this package.
const (
	ProtocolOAuth1 Protocol = "oauth1" // RFC 5849
	ProtocolOAuth2 Protocol = "oauth2" // RFC 6749, 7636
	ProtocolOIDC   Protocol = "oidc"   // OpenID Connect Core 1.0
)

// A Description says what there is to know about a provider without asking
// it.
type Description struct {
	ID       string // in URLs and rows: "google"
	Name     string // for people: "Google"
	Protocol Protocol
	Scopes   []string // asked for by default

	// ScopeAliases are scopes that are granted under another name: the name that
	// was asked for, and the one in the answer. UnnamedScopes are scopes that an
	// answer does not name although they were granted. See MissingScopes.
	ScopeAliases  map[string]string
	UnnamedScopes []string

	// FormPost says that the provider answers with a cross-site POST to the
	// callback (OAuth 2.0 Form Post Response Mode).
	FormPost bool

	// TrustEmail puts the provider on the trust list: its word that an e-mail
	// address is verified may link accounts, where the application allows that.
	TrustEmail bool

	// LogoutAtProvider says that log-out goes on to the provider, which ends its
	// own session as well (OpenID Connect RP-Initiated Logout 1.0).
	LogoutAtProvider bool

	// What it gives.
	Email, VerifiedEmail, Refresh, Revoke bool

	// EndsGrant says that revoking one token ends the user's whole grant to the
	// client, with every token of it.
	EndsGrant bool

	// RegisterURL is where a developer registers an application.
	RegisterURL string
}

// A Request asks a Client to begin a flow.
type Request struct {
	RedirectURI string
	State       string // at least 128 random bits, 22 characters; unused by OAuth 1.0a

	// Scopes replace the provider's default ones when not nil.
	Scopes []string

	// Params are further parameters of the authorization request. One that the
	// protocol itself sets (state, nonce, redirect_uri, client_id, scope,
	// response_type, code_challenge, …) is an error.
	Params url.Values

	// MaxAge, when positive, demands that the user authenticated at the provider
	// no longer ago than this (OpenID Connect).
	MaxAge time.Duration
}

// A Pending is a flow that has begun: where to send the browser, and what to
// remember until it comes back. Everything but URL must be kept secret.
type Pending struct {
	URL string `json:"-"`

	ClientID      string // which of the provider's clients began it; "" means the first
	State         string
	RedirectURI   string
	Scopes        []string
	Nonce         string        // OpenID Connect
	Verifier      secret.Text   // PKCE (RFC 7636)
	RequestToken  string        // OAuth 1.0a
	RequestSecret secret.Text   // OAuth 1.0a
	MaxAge        time.Duration // OpenID Connect
}

// Key returns the value that the callback will carry and by which the flow is
// found again: the state, or OAuth 1.0a's request token.
func (p *Pending) Key() string {
	if p.RequestToken != "" {
		return p.RequestToken
	}
	return p.State
}

// A Client speaks a provider's protocol. It is safe for concurrent use.
type Client interface {
	Description() Description

	// Begin starts a flow. For OAuth 1.0a it fetches a request token.
	Begin(context.Context, Request) (*Pending, error)

	// CallbackKey returns the value of a callback that finds its Pending: what
	// Pending.Key returned. It is "" when there is none or more than one. The
	// answer comes from outside and is not checked yet.
	CallbackKey(answer url.Values) string

	// Complete checks the callback's parameters against the flow that began,
	// exchanges the code or request token, and says who the user is. Errors:
	// ErrDenied when the user said no; a *CallbackError when the callback itself
	// does not hold, and no request was sent; a *ProviderError when the provider
	// failed or answered what cannot be accepted.
	Complete(context.Context, *Pending, url.Values) (*Grant, error)

	// Profile asks the provider who the token's user is. Errors: *ProviderError,
	// with Kind Rejected when the token itself was refused. It wraps
	// errors.ErrUnsupported when the provider cannot be asked.
	Profile(context.Context, Token) (*Profile, error)

	// Sign puts the token into a request: a header or a parameter, or an OAuth
	// 1.0a signature. The request must be the caller's own: it is changed. It
	// does not judge the host; see Allows. Without an access token the error wraps
	// ErrNoToken.
	Sign(*http.Request, Token) error

	// Allows reports whether a token of this provider may be sent to the URL: one
	// of its own hosts, by https (or, where the configured endpoints are http, by
	// that). It may have to discover the provider first, which ctx bounds; while
	// that fails nothing is allowed.
	Allows(context.Context, *url.URL) bool
}

// A Refresher is a Client whose tokens can be refreshed. Whether the provider
// gives refresh tokens at all is said by Description.Refresh: where it does
// not, or this token has none, Refresh fails with Kind Rejected and
// errors.ErrUnsupported, without a call.
type Refresher interface {
	// Refresh trades the refresh token for a new Token. The answer keeps what
	// the provider left out: refresh token, scopes. A *ProviderError says by its
	// Kind whether the token, the operator or the moment is at fault. An ID
	// token in the answer must keep iss, sub and aud.
	Refresh(context.Context, Token) (*Token, error)
}

// A HeaderSigner is a Client whose Sign does nothing but set headers that
// depend on the token alone, so that they can be made once a token.
type HeaderSigner interface {
	// SignatureHeader returns the headers that Sign would set on a request that
	// has none; all but Authorization give way to those a request has. It reports
	// false when Sign does more than that. The caller must not change what it
	// gets.
	SignatureHeader(Token) (http.Header, bool)
}

// A Revoker is a Client that can end a token at the provider (RFC 7009 or the
// provider's own way). Whether the provider has one is said by
// Description.Revoke (of OpenID Connect: may have one); where it has not,
// Revoke fails with errors.ErrUnsupported, without a call.
type Revoker interface {
	// Revoke ends the token, refresh token first. A token the provider does not
	// know is no error. A *ProviderError of Kind Transient is worth trying again.
	Revoke(context.Context, Token) error
}
