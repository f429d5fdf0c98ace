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
	// LastError says why the connection is failing or needs reauthorization, "" when
	// it is healthy.
	//
	// When it is failing: "transient"; "unanswered", a refresh was sent, and no answer
	// came that could be read; "invalid", the provider's answer was not accepted;
	// "other_subject", it was about another user; "refused", the provider refuses the
	// refresh in words that may mean the client or the token; "client_refused", it
	// refuses the client; "client_unknown", ClientID is not among the provider's
	// credentials; "api_refused", it refreshed the token and its API refuses the new
	// one; "lost_rotation", it may have given a new token that was lost on our side,
	// and the old one was not rejected yet.
	//
	// When it needs reauthorization: "revoked"; "lost_rotation"; "expired", there is no
	// refresh token; "refused", for so long that the token has to be dead: see
	// RefusedSince.
	LastError string

	// RefusedSince is when the provider first refused to refresh the token for a
	// reason that may be the client's or the token's, and Refusals how often it has
	// since then, counted up to three. They are zero when it has not, and again after
	// it gave a new token.
	RefusedSince time.Time
	Refusals     int

	// Suspended: the connection is not used, and nothing refreshes it. See Vault.Suspend.
	Suspended bool

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
