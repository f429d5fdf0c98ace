package social

import (
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// An Event is something that happened: one of this package's types, or of
// package vault's. Event() names it. No event carries a secret.
type Event = vault.Event

// LoginCompleted: a user logged in through a provider. A log-in that waits for a
// second factor is complete after Social.Finish.
type LoginCompleted struct {
	ProviderID string
	UserID     string
}

// LoginFailed: a log-in ended without a user, because none has the identity.
type LoginFailed struct {
	ProviderID string
	Profile    oauth.Profile // without Raw
}

// ConnectionCreated: a user has one more connection.
type ConnectionCreated struct {
	UserID     string
	Connection vault.Connection
}

// Values of ConnectionFailed.Reason.
const (
	ReasonConnected = "connected" // the user has that connection already
	ReasonTaken     = "taken"     // another user has it
	ReasonDifferent = "different" // a reconnect with another account
	ReasonGone      = "gone"      // the connection was removed during the flow
)

// ConnectionFailed: a user did not get what they asked for. Reason says why.
type ConnectionFailed struct {
	UserID     string
	ProviderID string
	Reason     string
}

// ConnectionUpdated: a user authorized a connection anew.
type ConnectionUpdated struct {
	UserID     string
	Connection vault.Connection
}

// ReauthenticationFailed: a signed-in user did not prove once more who they are, because
// the account that they used at the provider is none of those connected to theirs.
type ReauthenticationFailed struct {
	UserID     string
	ProviderID string
}

// ConnectionRemoved: a connection of a user's is gone. Each one that is removed has its event.
type ConnectionRemoved struct {
	UserID       string
	ProviderID   string
	ConnectionID string
}

// Deauthorized: a user has removed the application at the provider, and so their connection,
// of which ConnectionRemoved tells too.
type Deauthorized struct {
	UserID       string
	ProviderID   string
	ConnectionID string
}

// ProviderSignal: a provider has reported what happened to the account that a user has
// connected. What follows has events of its own.
type ProviderSignal struct {
	UserID       string
	ProviderID   string
	ConnectionID string
	Type         string // of the event, as the provider names it
	Effect       string // an oauth.SignalEffect
}

// DataDeletionRequested: a user has asked the provider to have their data deleted. Their
// connection is removed.
type DataDeletionRequested struct {
	UserID     string
	ProviderID string
}

// AccountCreated: a new user signed up through a provider.
type AccountCreated struct {
	UserID     string
	ProviderID string
}

// AccountDeleted: a user's account was deleted, by DeleteUser.
type AccountDeleted struct{ UserID string }

// Refused marks events of what was refused: nothing changed.
func (LoginFailed) Refused() {}

// Refused is as that of LoginFailed.
func (ConnectionFailed) Refused() {}

// Refused is as that of LoginFailed.
func (ReauthenticationFailed) Refused() {}

// Event returns "login_completed".
func (LoginCompleted) Event() string { return "login_completed" }

// Event returns "login_failed".
func (LoginFailed) Event() string { return "login_failed" }

// Event returns "connection_created".
func (ConnectionCreated) Event() string { return "connection_created" }

// Event returns "connection_failed".
func (ConnectionFailed) Event() string { return "connection_failed" }

// Event returns "connection_updated".
func (ConnectionUpdated) Event() string { return "connection_updated" }

// Event returns "reauthentication_failed".
func (ReauthenticationFailed) Event() string { return "reauthentication_failed" }

// Event returns "connection_removed".
func (ConnectionRemoved) Event() string { return "connection_removed" }

// Event returns "connection_deauthorized".
func (Deauthorized) Event() string { return "connection_deauthorized" }

// Event returns "provider_signal".
func (ProviderSignal) Event() string { return "provider_signal" }

// Event returns "data_deletion_requested".
func (DataDeletionRequested) Event() string { return "data_deletion_requested" }

// Event returns "account_created".
func (AccountCreated) Event() string { return "account_created" }

// Event returns "account_deleted".
func (AccountDeleted) Event() string { return "account_deleted" }

// Provider returns the provider's ID.
func (e LoginCompleted) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e LoginFailed) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e ConnectionCreated) Provider() string { return e.Connection.ProviderID }

// Provider returns the provider's ID.
func (e ConnectionFailed) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e ConnectionUpdated) Provider() string { return e.Connection.ProviderID }

// Provider returns the provider's ID.
func (e ReauthenticationFailed) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e ConnectionRemoved) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e Deauthorized) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e ProviderSignal) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e DataDeletionRequested) Provider() string { return e.ProviderID }

// Provider returns the provider's ID.
func (e AccountCreated) Provider() string { return e.ProviderID }

// Provider returns "": an account is of no provider.
func (AccountDeleted) Provider() string { return "" }

// Details returns what package audit keeps: of the profile the identity alone.
func (e LoginFailed) Details() any { return struct{ ProviderUserID string }{e.Profile.Subject} }

// Details returns what package audit keeps.
func (e ConnectionCreated) Details() any { return connectionDetails(e.UserID, &e.Connection) }

// Details returns what package audit keeps.
func (e ConnectionUpdated) Details() any { return connectionDetails(e.UserID, &e.Connection) }

func connectionDetails(userID string, c *vault.Connection) any {
	return struct {
		UserID, ConnectionID, ProviderUserID string
		Scopes                               []string
	}{userID, c.ID, c.ProviderUserID, c.Scopes}
}
