package social

import (
	"context"
	"net/http"
	"time"

	"github.com/gosocial/social/identity"
)

// Users knows the application's users: who is signed in, and how to sign
// a user in. *accounts.Accounts is one; an application with users of its own
// writes these three methods, which are safe for concurrent use, and calls
// Social.EndPending at each log-in and log-out of its own.
//
// What more an implementation can do is found by type assertion: Registrar, Preparer,
// RegistrationChecker, EmailConfirmer, UsernameAsker, EmailFinder, LoginCounter,
// LoginRemover, FactorRequirer, FlowLimiter, Describer, SessionEnder, SessionLocker,
// Reauthenticator, TokenBearer, EmailVerifier, TakeOverer, Deleter, DeletionScheduler,
// ExportCollector. Errors may implement Refusal, FieldRefusal, Throttled and Busy.
type Users interface {
	// CurrentUser returns the ID of the user signed in, or "". The context is a
	// request's, as the application's own middleware prepared it.
	CurrentUser(ctx context.Context) (userID string)

	// SignIn starts a new session for the user and ends the one there was. r's
	// context may carry a transaction of the store; the answer's cookies that
	// SignIn set are taken back when it fails. When the store tries that transaction
	// again, SignIn is called again.
	//
	// A Refusal refuses this user (a locked one, for instance): its text is shown
	// on the log-in page. Any other error is an unexpected failure.
	SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error

	// SignOut ends the session there is.
	SignOut(w http.ResponseWriter, r *http.Request) error
}

// A Registrar makes accounts.
type Registrar interface {
	// Register makes an account. ctx may carry a transaction of the store; when the store
	// tries that again, Register is called again.
	//
	// A FieldRefusal refuses what was entered; a Throttled is answered 429.
	Register(ctx context.Context, r identity.Registration) (userID string, err error)
}

// A Preparer is a Registrar that can do the slow part of Register, hashing the
// password, ahead of the transaction.
type Preparer interface {
	// PrepareRegister returns a context for Register with the same registration. It
	// returns Register's errors.
	PrepareRegister(ctx context.Context, r identity.Registration) (context.Context, error)
}

// An EmailFinder finds accounts by e-mail address.
type EmailFinder interface {
	// FindEmail returns the account with the address, or "", and whether the
	// account's owner proved to own it. ctx may carry a transaction of the store.
	FindEmail(ctx context.Context, email string) (userID string, verified bool, err error)
}

// A RegistrationChecker is a Registrar that can check what was entered without making
// an account, so that a form says everything that is wrong with it at once.
type RegistrationChecker interface {
	// CheckRegistration returns the FieldRefusals of Register, several of them joined,
	// as far as they need no store.
	CheckRegistration(r identity.Registration) error
}

// An EmailConfirmer is a Registrar whose new users confirm their e-mail address by a mailed
// link before they sign in. A sign-up with an address that the provider has not proved then
// answers alike whether another account has it or not.
type EmailConfirmer interface {
	// ConfirmEmailWithin returns how long the link is good; 0: nothing is confirmed.
	ConfirmEmailWithin() time.Duration
	// RegisterToConfirm makes an account and mails the link, with next, or notifies the
	// owner of an address that is taken. It starts no session, and its result does not reveal
	// which of the two it did. Its errors are those of Register, without the one for an
	// address that is taken.
	RegisterToConfirm(w http.ResponseWriter, r *http.Request, reg identity.Registration, next string) error
}

// A UsernameAsker is a Registrar whose accounts may have usernames. Without one, the plain
// form of a sign-up has no field for a username.
type UsernameAsker interface {
	// AsksUsername reports whether an account may have a username, and whether a new one
	// has to.
	AsksUsername() (asked, required bool)
}

// A LoginCounter knows which users can log in without a provider. Where Users is none, no
// user can.
type LoginCounter interface {
	// WaysIn returns how many ways to log in the user has beside connected providers: a
	// password, passkeys. When ctx carries a transaction of the store, none of them goes
	// until that ends, or ends it.
	WaysIn(ctx context.Context, userID string) (int, error)
}

// A LoginRemover is a LoginCounter whose users remove such ways by themselves.
type LoginRemover interface {
	// OnWaysIn has count called for how many more ways to log in a user has, before the last
	// one is removed, in the transaction that does it where there is one. New gives it what
	// counts the user's connections.
	OnWaysIn(count func(ctx context.Context, userID string) (int, error))
}

// A FactorRequirer asks users for more than a log-in through a provider, such as
// a second factor. It is asked before a log-in of a user writes anything: no
// account is linked, no token kept and no session begun before Social.Finish.
type FactorRequirer interface {
	// RequireFactor returns the page that the browser has to go to first, or "" when
	// nothing more is due. Where the browser wants to go after that is added to a path as
	// next=. userID is "" for a person who signs up: the account is made by Finish then.
	//
	// It may be called more than once for a log-in and must have no effects: send a
	// code from the page, which learns from PendingLogin whose. ctx may carry a
	// transaction of the store.
	RequireFactor(ctx context.Context, userID string) (page string, err error)
}

// A FlowLimiter limits the flows of a client's network that do not end in a log-in or a
// connection, and with them the calls to providers and the rows of long flows; and, apart,
// checks of connections. Where Users is none, there is no limit.
type FlowLimiter interface {
	// BeginFlow counts a step of a flow. A Throttled refuses it, which is answered 429.
	BeginFlow(r *http.Request, step identity.FlowStep) error
	// EndFlow takes one off that ended well: a flow in a log-in or a connection, an
	// answer in the browser that it was for.
	EndFlow(r *http.Request, step identity.FlowStep)
}

// A Describer says what the user may read about themselves as JSON. Where Users
// is none, it is the ID.
type Describer interface {
	// DescribeUser returns a value that encodes as a JSON object with an "id".
	DescribeUser(ctx context.Context, userID string) (any, error)
}

// A SessionEnder ends sessions: at a provider's word (OpenID Connect Back-Channel
// Logout 1.0), and when the connection that they began through is removed. Where
// Users is none, there is no /backchannel-logout, and sessions outlive connections.
type SessionEnder interface {
	// EndSessions ends the sessions that SignIn started with what the filter names, and
	// returns how many. ctx may carry a transaction of the store.
	EndSessions(ctx context.Context, f identity.SessionFilter) (ended int, err error)
}

// An EmailVerifier hands accounts over to the owners of their addresses. Where Users is
// none, VerifyAndTakeOver fails.
type EmailVerifier interface {
	// VerifyAndTakeOver marks the user's e-mail address as proved, and ends password,
	// sessions and all else by which the person who has had the account so far could go
	// on. ctx may carry a transaction of the store.
	VerifyAndTakeOver(ctx context.Context, userID string) error
}

// A TakeOverer is an EmailVerifier that hands accounts over by itself, too: to who opens a
// link in a mail, for instance.
type TakeOverer interface {
	// OnTakeOver has end called when an account is handed over, in the transaction that
	// does it where there is one. New gives it what ends the user's connections: those made
	// at since or later, all when that is zero.
	OnTakeOver(end func(ctx context.Context, userID string, since time.Time) error)
}

// A SessionLocker keeps the session of a request from ending while something is written
// for its user. Where Users is none, what a session began is written also when that has
// ended since the request came: an account connected, for instance, although the user
// has just changed a password that a stranger knew.
type SessionLocker interface {
	// LockSession reports whether the session goes on that ctx's request came with.
	// When ctx carries a transaction of the store, whatever ends the session waits until
	// that ends, or ends it.
	LockSession(ctx context.Context) (goesOn bool, err error)
}

// A Reauthenticator knows when the signed-in user last proved who they are, for what wants
// a recent proof: to connect an account, which is a way to log in from then on, and to
// remove a connection when one way to log in is left then. Where Users is none, nothing
// wants one, and there is no /verify/PROVIDER.
type Reauthenticator interface {
	// IsFresh reports whether the user whose request ctx comes from has proved recently
	// enough who they are.
	IsFresh(ctx context.Context) bool
	// CanProve reports whether they have a way to do so other than a connected account: a
	// password, a second factor, a new log-in by mail. ctx may carry a transaction of the
	// store.
	CanProve(ctx context.Context) (bool, error)
	// ProveSession notes that they have just done so, through the provider of the ID. ctx
	// may carry a transaction of the store.
	ProveSession(ctx context.Context, providerID string) error
}

// A TokenBearer knows users by API tokens, too. Where Users is none, every request is taken
// for one with cookies.
type TokenBearer interface {
	// ByToken reports whether the user of ctx's request is known by what no browser sends
	// by itself, and whatever cookies it has do not count: "Authorization: Bearer", for
	// instance. Such a request may come from any site.
	ByToken(ctx context.Context) bool
}

// A Deleter deletes accounts. Where Users is none, DeleteUser fails.
type Deleter interface {
	// Delete deletes the user and ends their sessions. ctx may carry a transaction
	// of the store.
	Delete(ctx context.Context, userID string) error
}

// A DeletionScheduler is a Deleter that deletes accounts some time after it was asked for,
// and does not let them be used until then.
type DeletionScheduler interface {
	// OnDeletion has d called when the deletion of an account is asked for, taken back and
	// done. New gives it what suspends, resumes and removes the user's connections.
	OnDeletion(d identity.Deletion)
	// ScheduleDeletion asks for the deletion of the user's account, and returns when that
	// is. ctx may carry a transaction of the store.
	ScheduleDeletion(ctx context.Context, userID string) (at time.Time, err error)
}

// An ExportCollector exports all that is kept of a user.
type ExportCollector interface {
	// AddExporter adds a part to each export, by its name. New adds the user's connections,
	// as "connections".
	AddExporter(name string, e identity.Exporter)
}

// A Refusal is an error that refuses to sign a user in.
type Refusal interface {
	error
	// Refusal returns the reason, as text for the user.
	Refusal() string
}

// A FieldRefusal is an error that refuses a field of a registration.
type FieldRefusal interface {
	error
	// Field returns identity.FieldEmail, FieldUsername or FieldPassword.
	Field() string
	// Taken reports whether another account has the value.
	Taken() bool
}

// A Throttled is an error that refuses an attempt because there were too many.
type Throttled interface {
	error
	// Wait returns how long to wait before the next one.
	Wait() time.Duration
}

// A Busy is an error of a request that may succeed in a moment, because too many want
// the same just now. It is answered 503.
type Busy interface {
	error
	// Busy returns how long to wait before trying again.
	Busy() time.Duration
}
