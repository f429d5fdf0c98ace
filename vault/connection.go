package vault

import "time"

// A Connection is a user's account at a provider, without its tokens. Tenant,
// ProviderID and ProviderUserID together are unique.
type Connection struct {
	ID             string
	Tenant         string // "" for the default one
	UserID         string // the application's user
	ProviderID     string
	ProviderUserID string

	DisplayName string
	FullName    string
	Email       string
	ProfileURL  string
	ImageURL    string

	// Rank orders a user's connections to one provider: the lowest is the
	// default one.
	Rank int

	// ClientID is the client at the provider that the user granted access to:
	// the connection is refreshed as that client.
	ClientID string
	// RequestedScopes are what the application asked for, Scopes what the user
	// and the provider granted.
	RequestedScopes []string
	Scopes          []string

	Status      Status
	StatusSince time.Time
	// LastError is the kind of the last failure, "" when healthy: "transient",
	// "unanswered" (a refresh was sent, and no answer came that could be read),
	// "invalid" (the provider's answer was refused) and "client_unknown" (ClientID is
	// not among the provider's credentials) when it is failing; "revoked",
	// "lost_rotation" (the provider gave a new token and it was lost on our side)
	// and "expired" (there is no refresh token) when it needs reauthorization.
	LastError string

	// RefusedSince is when the provider first refused to refresh the token for a
	// reason that may be the client's or the token's, since it last refreshed it, and
	// Refusals is how often it has. They are zero when it has not.
	RefusedSince time.Time
	Refusals     int

	CreatedAt   time.Time
	UpdatedAt   time.Time
	RefreshedAt time.Time // when the token was last refreshed; zero when never
	ExpiresAt   time.Time // of the access token; zero when unknown

	// Version counts the row's changes; writes compare and swap it. Generation
	// counts how often the user authorized anew: a refresh that began in an
	// earlier one is stale.
	Version    int64
	Generation int64
}

// Status is a connection's state of health.
type Status string

// The states.
const (
	Active               Status = "active"
	Failing              Status = "failing"               // transient; calls are still tried
	NeedsReauthorization Status = "needs_reauthorization" // only the user can repair it
)
