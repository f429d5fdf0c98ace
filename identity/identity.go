// Package identity has what passes between log-in and an application's users:
// the arguments of the interfaces that package social asks of them. It knows
// neither, so that users can be kept without log-in, and log-in without them.
package identity

import (
	"context"

	"github.com/gosocial/social/secret"
)

// ViaPassword is the SignIn.Via of a log-in by password.
const ViaPassword = "password"

// ViaMail is the SignIn.Via of a log-in by a mailed link or code.
const ViaMail = "mail"

// ViaPasskey is the SignIn.Via of a log-in by a passkey alone.
const ViaPasskey = "passkey"

// A SignIn is a session to start for a user who has proved who they are.
type SignIn struct {
	UserID string
	// Via is how: a provider's ID, ViaPassword, ViaMail or ViaPasskey.
	Via string
	// ViaName is the provider's name, for people; "" where it is not known.
	ViaName string
	// Remember asks for a session that outlives the browser.
	Remember bool
	// ConnectionID is the connection that they logged in through, or the ID of the passkey;
	// "" for none.
	ConnectionID string
	// ProviderSession is the ID of the session at the provider: the claim "sid" of the
	// ID token (OpenID Connect Back-Channel Logout 1.0 §2.1). "" for none.
	ProviderSession string
}

// A SessionFilter chooses sessions: those that have each field which is set. UserID,
// or Via and ProviderSession, must be set.
type SessionFilter struct {
	UserID          string
	Via             string
	ProviderSession string
	ConnectionID    string
	// KeepCurrent leaves out the session of the request that the context comes from.
	KeepCurrent bool
}

// A Registration is an account that is to be made.
type Registration struct {
	Email    string
	Username string      // "": none
	Password secret.Text // "": none
	// EmailVerified says that the address is proved to be the person's own.
	EmailVerified bool

	// ProviderID is the provider that the person signs up through, "" for none.
	// What follows is what it says of them, for an application that keeps it.
	ProviderID  string
	DisplayName string
	FullName    string
	ProfileURL  string
	ImageURL    string // a link to a picture: nothing has fetched it
}

// A Deletion is what an application or package does with what it keeps of a user when
// their account is deleted. All of its functions are set. ctx may carry a transaction of
// the store of users, and is in their tenant; a function may be called again.
type Deletion struct {
	// Suspend: the user has asked for the deletion. Nothing of theirs is used any more.
	Suspend func(ctx context.Context, userID string) error
	// Resume: they keep the account.
	Resume func(ctx context.Context, userID string) error
	// Delete deletes what is kept, and calls deleteUser: with it in one transaction
	// where the store can, else afterwards.
	Delete func(ctx context.Context, userID string, deleteUser func(ctx context.Context) error) error
}

// An Exporter keeps something of users that an export of their data has to have.
type Exporter interface {
	// ExportUser returns what is kept of a user, without secrets, as a value that encodes as
	// JSON. ctx is in the user's tenant.
	ExportUser(ctx context.Context, userID string) (any, error)
}

// Fields of a Registration, as forms and refusals name them.
const (
	FieldEmail    = "email"
	FieldUsername = "username"
	FieldPassword = "password"
)

// A FlowStep is what a social.FlowLimiter counts. Each has a count of its own.
type FlowStep string

const (
	// FlowBegins: a flow begins, on a page of this site.
	FlowBegins FlowStep = "flow"
	// LongAnswer: an answer is posted that takes a row of the store. Any other site can
	// have its visitors' browsers do that, which must not keep them from logging in here.
	LongAnswer FlowStep = "answer"
	// ConnectionCheck: the provider is asked whether a connection works. None is taken off.
	ConnectionCheck FlowStep = "check"
	// SignedRequest: a request of a provider's about one of its users that does not hold, or
	// a look at the status of one that there is not.
	SignedRequest FlowStep = "signed-request"
)
