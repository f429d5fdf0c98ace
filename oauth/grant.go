package oauth

import (
	"encoding/json"
	"time"

	"github.com/gosocial/social/secret"
)

// A Grant is the result of a completed flow: who the user is at the provider, and
// the token to act for them.
type Grant struct {
	ProviderID string
	Profile    Profile

	// Token is the zero Token where the provider gives none.
	Token Token

	// RequestedScopes were asked for, Token.Scopes were granted. For the difference
	// see Description.MissingScopes.
	RequestedScopes []string

	// SessionID names the user's session at the provider (sid of the ID token), which
	// a logout token may name later (OpenID Connect Back-Channel Logout 1.0 §2.1). It is
	// "" where the provider has none, or one of more than 255 bytes.
	SessionID string
}

// A Profile describes a user of a provider. Every field but Subject may be empty.
type Profile struct {
	// Subject identifies the account at the provider and never changes. It is
	// not empty, and unique within the provider: where a provider has several
	// tenants, the tenant is part of it.
	Subject string

	DisplayName string
	FullName    string
	Email       string
	// EmailVerified says that the provider has verified Email: its answer has JSON
	// true, or the provider's documented equivalent.
	EmailVerified bool
	ProfileURL    string
	ImageURL      string

	// Raw is the provider's user-info answer or, where there is none, the ID
	// token's claims. It is not kept.
	Raw json.RawMessage `json:"-"`
}

// A Token lets its holder act for a user. Its secrets are not printed.
type Token struct {
	// ClientID is the client that the token was granted to: one of the provider's
	// Credentials. "" means the first of them.
	ClientID string

	Access  secret.Text
	Secret  secret.Text // the token secret of OAuth 1.0a
	Refresh secret.Text
	ID      secret.Text // the raw ID token of OpenID Connect
	Type    string      // token_type as the provider wrote it; "" means Bearer

	// Expiry is when Access ends. Zero means unknown: use it until the API
	// answers 401.
	Expiry time.Time

	// RefreshExpiry is when Refresh ends, unless it is used before. Zero means that
	// the provider did not say.
	RefreshExpiry time.Time

	// Scopes were granted. An answer without scope grants the scopes that were asked
	// for (RFC 6749 §5.1) or, where the callback has a scope, those. They are nil when
	// the answer has an empty scope: it is then unknown what was granted.
	Scopes []string

	// Extra has what later requests need of the callback and the token answer, as
	// "callback:NAME" and "token:NAME", and "redirect_uri" for OAuth2.TokenRepeats.
	Extra map[string]secret.Text
}
