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

// An Env has the transport and the clock of a Client. The zero value works.
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

// A Protocol names the protocol of a provider. Providers outside this package may
// speak another one and name it themselves.
type Protocol string

// The protocols of this package.
const (
	ProtocolOAuth1 Protocol = "oauth1" // RFC 5849
	ProtocolOAuth2 Protocol = "oauth2" // RFC 6749, 7636
	ProtocolOIDC   Protocol = "oidc"   // OpenID Connect Core 1.0
)

// A Description has what is known of a provider without a request.
type Description struct {
	ID       string // in URLs and rows: "acme"
	Name     string // for people: "Acme"
	Mark     string // the mark beside the name: an ID of the catalog, or ID
	Protocol Protocol
	Scopes   []string // asked for by default

	// ScopeAliases are scopes that are granted under another name: the name that
	// was asked for, and the one in the answer. UnnamedScopes are scopes that an
	// answer does not name although they were granted. See MissingScopes.
	ScopeAliases  map[string]string
	UnnamedScopes []string

	// ScopeTexts say in words what scopes allow, as in "see your calendars", for the
	// sentence "This site may …". "" is a scope that allows nothing by itself. See
	// ScopeText.
	ScopeTexts map[string]string

	// Hints are the names of the hints that a flow at this provider takes; see
	// Request.Hints.
	Hints []string

	// FormPost says that the provider answers with a cross-site POST to the
	// callback (OAuth 2.0 Form Post Response Mode).
	FormPost bool

	// TrustEmail puts the provider on the trust list: an e-mail address that it calls
	// verified may link accounts, where the application allows that.
	TrustEmail bool

	// LogoutAtProvider says that log-out continues at the provider, which ends its
	// own session too (OpenID Connect RP-Initiated Logout 1.0).
	LogoutAtProvider bool

	// Whether it gives an e-mail address, says that one is verified, gives refresh
	// tokens, and can revoke tokens.
	Email, VerifiedEmail, Refresh, Revoke bool

	// LateRefresh says that tokens can be refreshed only once they have expired.
	LateRefresh bool

	// EndsGrant says that revoking one token ends the user's whole grant to the
	// client, with every token of it: a vault does not revoke one while another connection
	// has the grant.
	EndsGrant bool

	// SignedRequests says that the provider tells by signed requests that a user has removed
	// the application there, or wants their data deleted: the Client is a
	// SignedRequestVerifier.
	SignedRequests bool

	// RegisterURL is where a developer registers an application.
	RegisterURL string

	// API is the address of the provider's API, "" when it is not known.
	API string
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

	// Hints tell the provider what is known of the user or wished for, by the names
	// in Description.Hints: "login_hint" (their address or name there), "prompt"
	// ("login", "select_account", …), "hd" (their organization's domain), "locale". They
	// may come from outside: those that the provider does not take, longer than 255
	// bytes or with control characters are left out, and so are words of prompt that
	// no standard knows. What AuthParams and Params set stays; words of prompt join.
	Hints map[string]string

	// Consent asks the user for consent once more, at providers that give a refresh
	// token only then. ChooseAccount asks which of their accounts it shall be. At
	// a provider that has no way to ask for it they mean nothing.
	Consent, ChooseAccount bool

	// Reauthenticate asks the provider to let the user prove once more who they are,
	// although they are signed in there, where it has a way to ask for that. An ID token
	// that says that they did so before the flow began (auth_time) is an error; not each
	// provider says when.
	Reauthenticate bool

	// MaxAge, when positive, demands that the user authenticated at the provider
	// no longer ago than this (OpenID Connect).
	MaxAge time.Duration
}

// A Pending is a flow that has begun: where to send the browser, and what the
// caller keeps until it comes back. Everything but URL is secret.
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
	AuthAfter     time.Time     // OpenID Connect: zero, or when a flow of Request.Reauthenticate began
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

	// Complete compares the callback's parameters with the flow, exchanges the code or
	// request token, and returns who the user is. Errors:
	// ErrDenied when the user said no; a *CallbackError when the callback is refused,
	// before any request; a *ProviderError when the provider failed or its answer
	// cannot be accepted.
	Complete(context.Context, *Pending, url.Values) (*Grant, error)

	// Profile asks the provider who the token's user is. Errors: *ProviderError,
	// with Kind Rejected when the token itself was refused. It wraps
	// errors.ErrUnsupported when the provider cannot be asked.
	Profile(context.Context, Token) (*Profile, error)

	// Sign puts the token into a request: as a header or a parameter, or by an OAuth 1.0a
	// signature. It changes the request. It does not check the host; see Allows. Without an
	// access token the error wraps ErrNoToken.
	Sign(*http.Request, Token) error

	// Allows reports whether a token of this provider may be sent to the URL: one
	// of its own hosts, by https (or, where the configured endpoints are http, by
	// that). It may have to discover the provider first, which ctx bounds; while
	// that fails nothing is allowed.
	Allows(context.Context, *url.URL) bool
}

// A Refresher is a Client whose tokens can be refreshed. Where the provider gives
// no refresh tokens (Description.Refresh is false), or this token has none, Refresh
// fails with Kind Rejected and errors.ErrUnsupported, without a call.
type Refresher interface {
	// Refresh exchanges the refresh token for a new Token, which keeps the refresh
	// token and the scopes where the answer has none. The Kind of a *ProviderError
	// says whether the token is dead, the client is refused, or it may succeed later.
	Refresh(context.Context, Token) (*Token, error)
}

// An IDTokenRefresher is a Refresher whose answers may have an ID token.
type IDTokenRefresher interface {
	// RefreshFor is Refresh for a user whose Profile.Subject is subject; "" when that
	// is not known. An answer whose ID token names another issuer or subject is a
	// *ProviderError with CodeOtherSubject, and nothing of it is used. When the answer's
	// ID token has any other defect, dropped says which, and the new Token keeps the ID
	// token of the one before.
	RefreshFor(ctx context.Context, t Token, subject string) (fresh *Token, dropped, err error)
}

// A HeaderSigner is a Client whose Sign only sets headers that depend on nothing but
// the token, so that they can be made once for each token.
type HeaderSigner interface {
	// SignatureHeader returns the headers that Sign would set on a request without
	// any; of these only Authorization replaces one that a request has. It reports
	// false when Sign does more than that. The caller must not change the header.
	SignatureHeader(Token) (http.Header, bool)
}

// A Revoker is a Client that can end a token at the provider, by RFC 7009 or the
// provider's own way. Where there is none (Description.Revoke is false, or discovery
// finds no endpoint), Revoke fails with errors.ErrUnsupported, without a call.
type Revoker interface {
	// Revoke ends the token, refresh token first. A token that the provider does not
	// know is no error. After a *ProviderError of Kind Transient it can be tried again.
	Revoke(context.Context, Token) error
}
