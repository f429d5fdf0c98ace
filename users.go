package social

import (
	"context"
	"net/http"

	"github.com/gosocial/social/identity"
)

// Users knows the application's users: who is signed in, and how to sign
// somebody in. *accounts.Accounts is one; an application with users of its own
// writes these three methods. They are safe for concurrent use.
//
// What more an implementation can do is found by type assertion: Registrar,
// Preparer, EmailFinder, PasswordHolder, Describer, SessionEnder, Deleter.
type Users interface {
	// CurrentUser returns the ID of the user signed in, or "". The context is a
	// request's, as the application's own middleware prepared it.
	CurrentUser(ctx context.Context) (userID string)

	// SignIn starts a new session for the user and ends the one before. r's context
	// may carry a transaction of the store; the answer's headers that SignIn wrote
	// are withdrawn when it fails.
	//
	// An error with a method Refusal() string refuses this user (who is locked,
	// for instance): the text is shown on the log-in page. Any other is an
	// unexpected failure.
	SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error

	// SignOut ends the session there is.
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// A Registrar makes accounts.
type Registrar interface {
	// Register makes an account. ctx may carry a transaction of the store.
	//
	// An error with the methods Field() string and Taken() bool refuses a field
	// ("email", "username", "password"), because another account has the value
	// when Taken; its text is fit for people. One with Wait() time.Duration is
	// answered 429.
	Register(ctx context.Context, r identity.Registration) (userID string, err error)
}

// A Preparer is a Registrar that can do the slow part of Register, hashing the
// password, ahead of the transaction.
type Preparer interface {
	// PrepareRegister returns a context for Register with the same e-mail address,
	// username and password. It returns Register's errors.
	PrepareRegister(ctx context.Context, r identity.Registration) (context.Context, error)
}

// An EmailFinder finds accounts by e-mail address.
type EmailFinder interface {
	// FindEmail returns the account with the address, or "", and whether the
	// account's owner proved to own it.
	FindEmail(ctx context.Context, email string) (userID string, verified bool, err error)
}

// A PasswordHolder tells who can log in without a provider. Where Users is
// none, nobody can.
type PasswordHolder interface {
	// HasPassword reports whether the user has a password to log in with.
	HasPassword(ctx context.Context, userID string) (bool, error)
}

// A Describer says what may be told about a user as JSON. Where Users is none,
// it is the ID.
type Describer interface {
	// DescribeUser returns a value that encodes as a JSON object with an "id".
	DescribeUser(ctx context.Context, userID string) (any, error)
}

// A SessionEnder ends sessions at a provider's word (OpenID Connect Back-Channel
// Logout 1.0). Where Users is none, nothing is at /backchannel-logout.
type SessionEnder interface {
	// EndSessionsVia ends the user's sessions that SignIn started via the
	// provider, and says how many. ctx may carry a transaction of the store.
	EndSessionsVia(ctx context.Context, userID, providerID string) (ended int, err error)
}

// A Deleter deletes accounts. Where Users is none, DeleteUser fails.
type Deleter interface {
	// Delete deletes the user and ends their sessions. ctx may carry a transaction
	// of the store.
	Delete(ctx context.Context, userID string) error
}
