package oauth

import (
	"net/url"
	"time"
)

// OIDC is a provider that speaks OpenID Connect Core 1.0. Every ID token is
// verified. Unless Endpoints has Authorize, Token and Keys, the endpoints that are
// empty are discovered at Issuer when they are first needed, and renewed later.
type OIDC struct {
	// OAuth2 holds what OpenID Connect shares with it. Issuer is required here,
	// Profile applies to the merged claims of ID token and user info, and an
	// empty Profile means the standard claims.
	OAuth2

	// DiscoveryURL is the address of the discovery document where that is not below
	// Issuer. The document's issuer is Issuer all the same.
	DiscoveryURL string

	// UserInfo says when to call the user-info endpoint; "" means only when the
	// ID token lacks name or e-mail that the scopes asked for.
	UserInfo UserInfoCall

	// Algorithms an ID token may be signed with; nil means RS256, PS256, ES256,
	// their longer kin, and EdDSA. HS256 has to be named here.
	Algorithms []string

	// TrustedAudiences may be in aud beside the client ID.
	TrustedAudiences []string

	// SubjectClaim is the claim of the ID token that identifies the user where sub does
	// not: its name, or paths as in Mapping.Subject ("oid", "{tid}/{oid}").
	SubjectClaim string

	// ClockSkew is by how much the provider's clock may differ; 0 means a minute, and
	// ten are the most.
	ClockSkew time.Duration

	// LogoutWithoutExp takes logout tokens without exp, as older drafts of
	// Back-Channel Logout had them. They count for ten minutes from their iat.
	LogoutWithoutExp bool

	// Signals are what differs in the provider's security event tokens from the standard.
	Signals Signals

	// MatchIssuer, when set, accepts an iss that does not equal Issuer, such as an
	// alias or one for each tenant. For the iss of a callback claims is nil.
	MatchIssuer func(iss string, claims map[string]any) bool `json:"-"`
	// SubjectOf, when set, makes the subject from the claims, where sub is not enough.
	SubjectOf func(claims map[string]any) (string, error) `json:"-"`

	// ProfileFromCallback, when set, adds what the provider sends with the callback
	// only. It may not change Subject or EmailVerified.
	ProfileFromCallback func(*Profile, url.Values) `json:"-"`

	// LogoutAtProvider sends the browser to Endpoints.EndSession at log-out
	// (RP-Initiated Logout 1.0).
	LogoutAtProvider bool
}

// UserInfoCall says when an OIDC provider's user-info endpoint is called at
// log-in.
type UserInfoCall string

// When to call the user-info endpoint.
const (
	UserInfoWhenNeeded UserInfoCall = ""
	UserInfoAlways     UserInfoCall = "always"
	UserInfoNever      UserInfoCall = "never"
)
