package vault

import (
	"time"

	"github.com/gosocial/social/oauth"
)

// An Event is something that happened to a connection. Events carry no token
// and no secret. The types are in this file.
type Event interface {
	Event() string    // a name for logs: "token_refreshed"
	Provider() string // the ID of the provider it is about, or ""
}

// A Subject is the connection that an event is about.
type Subject struct {
	Tenant       string
	ConnectionID string
	UserID       string
	ProviderID   string
}

func (s Subject) about() Subject { return s }

// Provider returns the provider's ID.
func (s Subject) Provider() string { return s.ProviderID }

func subjectOf(c *Connection) Subject { return Subject{c.Tenant, c.ID, c.UserID, c.ProviderID} }

// TokenRefreshed: a new token was stored.
type TokenRefreshed struct{ Subject }

// IDTokenDropped: the provider refreshed the token, and the ID token of its answer has
// a defect, which Err says. The connection has the new tokens and the ID token of
// before.
type IDTokenDropped struct {
	Subject
	Err error
}

// RefreshFailed: the provider gave no new token. Kind says whose fault it was;
// Err carries no secret.
type RefreshFailed struct {
	Subject
	Kind oauth.Kind
	Err  error
}

// ConnectionFailing: a connection that worked could not be refreshed. It is tried again, and
// Recovered or ReauthorizationNeeded follows. Reason is that of Connection.LastError then.
type ConnectionFailing struct {
	Subject
	Reason string
}

// ReauthorizationNeeded: only the user can repair the connection now. Reason is
// "revoked", "refused", "lost_rotation" or "expired", as in Connection.LastError.
type ReauthorizationNeeded struct {
	Subject
	Reason string
}

// Recovered: a connection that failed, or needed reauthorization, works again.
type Recovered struct{ Subject }

// StaleTokenDropped: a refresh ended after the user had disconnected or
// authorized anew, and its token was not kept.
type StaleTokenDropped struct{ Subject }

// Revoked: the provider ended the tokens of a connection that was removed, or of a grant that
// was held and not taken, which has no user and no connection.
type Revoked struct{ Subject }

// RevocationDeferred: the provider has not ended the tokens yet. It is tried again,
// unless the account is connected again and the provider would end the whole grant.
type RevocationDeferred struct {
	Subject
	Err error
}

// RevocationAbandoned: the provider has not ended the tokens, and it is not tried
// again.
type RevocationAbandoned struct {
	Subject
	Err error
}

// BreakerOpened: the provider rejected so many refreshes at once that it probably
// fails, and not its users' grants. Its refreshes pause, and no connection changes
// state. Tenant is "" for a provider that all tenants share.
type BreakerOpened struct {
	Tenant     string
	ProviderID string
	Rejected   int // users rejected within the last minute
}

// ClientRefused: the provider refuses to refresh the tokens of all connections of a
// client, so that the client's credentials or its registration are at fault, and the
// operator has to put them right. No user can. Tenant is "" for a provider that all
// tenants share. It comes once an hour at most.
type ClientRefused struct {
	Tenant     string
	ProviderID string
	ClientID   string
	Err        error
}

// KeptAlive: a round of keeping a tenant's connections to a provider alive has
// ended.
type KeptAlive struct {
	Tenant     string
	ProviderID string
	Refreshed  int
	Failed     int // to be tried again
	Ended      int // the user is needed now
	Left       int // for the next round: the provider or the source failed, or there were too many
	Unopened   int // the token is sealed under a key that is missing, or damaged
	Took       time.Duration
}

// Outcomes returns how many had which outcome, by name, for metrics.
func (e KeptAlive) Outcomes() map[string]int {
	return map[string]int{"refreshed": e.Refreshed, "failed": e.Failed, "ended": e.Ended, "left": e.Left, "unopened": e.Unopened}
}

// Event returns "token_refreshed".
func (TokenRefreshed) Event() string { return "token_refreshed" }

// Event returns "id_token_dropped".
func (IDTokenDropped) Event() string { return "id_token_dropped" }

// Event returns "refresh_failed".
func (RefreshFailed) Event() string { return "refresh_failed" }

// Event returns "connection_failing".
func (ConnectionFailing) Event() string { return "connection_failing" }

// Event returns "reauthorization_needed".
func (ReauthorizationNeeded) Event() string { return "reauthorization_needed" }

// Event returns "connection_recovered".
func (Recovered) Event() string { return "connection_recovered" }

// Event returns "stale_token_dropped".
func (StaleTokenDropped) Event() string { return "stale_token_dropped" }

// Event returns "token_revoked".
func (Revoked) Event() string { return "token_revoked" }

// Event returns "revocation_deferred".
func (RevocationDeferred) Event() string { return "revocation_deferred" }

// Event returns "revocation_abandoned".
func (RevocationAbandoned) Event() string { return "revocation_abandoned" }

// Event returns "breaker_opened".
func (BreakerOpened) Event() string { return "breaker_opened" }

// Provider returns the provider's ID.
func (e BreakerOpened) Provider() string { return e.ProviderID }

// Event returns "client_refused".
func (ClientRefused) Event() string { return "client_refused" }

// Provider returns the provider's ID.
func (e ClientRefused) Provider() string { return e.ProviderID }

// Event returns "kept_alive".
func (KeptAlive) Event() string { return "kept_alive" }

// Provider returns the provider's ID.
func (e KeptAlive) Provider() string { return e.ProviderID }
