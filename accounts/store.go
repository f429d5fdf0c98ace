package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/accounts/ticket"
)

// Errors that a Store returns, to be tested with errors.Is.
var (
	// ErrNoUser: no such user. It implements social.Refusal, for a log-in through a
	// connection that outlived its user.
	ErrNoUser    error = &userRefusal{"accounts: no such user", CodeUserMissing}
	ErrNoSession       = errors.New("accounts: no such session")
	ErrNoRole          = errors.New("accounts: no such role")
	ErrStale           = errors.New("accounts: the user has changed since it was read")
	// ErrEmailTaken, ErrUsernameTaken, ErrRoleTaken: another one has it.
	ErrEmailTaken    = errors.New("accounts: the e-mail address is taken")
	ErrUsernameTaken = errors.New("accounts: the username is taken")
	ErrRoleTaken     = errors.New("accounts: the role exists already")
)

// A Store keeps users, sessions, roles, second factors, tickets, API tokens
// and counts of attempts. *sqlstore.Store is one; package storetest tests whether another
// is. All methods are safe for concurrent use, and join a transaction that the context
// carries.
//
// Everything belongs to a tenant, "" for the default one: a method sees and changes
// the rows of its tenant only, and one ID, address or name in two tenants is two.
type Store interface {
	UserStore
	SessionStore
	RoleStore
	FactorStore
	ticket.Store
	TokenStore
	AttemptStore
}

// A UserStore keeps users. A user's ID, e-mail address and username are each unique
// within a tenant, the last two without ASCII case; a user may have no address, or no
// username.
type UserStore interface {
	// InsertUser adds a user, Version 1, with its Roles, which must exist (ErrNoRole) and may
	// come in any order, or twice. ErrEmailTaken and ErrUsernameTaken hold among parallel
	// inserts.
	InsertUser(ctx context.Context, u User) error
	// UserByID, UserByEmail and UserByUsername return a user or ErrNoUser.
	UserByID(ctx context.Context, tenant, id string) (User, error)
	UserByEmail(ctx context.Context, tenant, email string) (User, error)
	UserByUsername(ctx context.Context, tenant, username string) (User, error)
	// Users lists up to limit users whose IDs follow the given one, by ID. A limit of
	// 0 or below returns none.
	Users(ctx context.Context, tenant, after string, limit int) ([]User, error)
	// Tenants lists the tenants that have users, sorted by bytes.
	Tenants(ctx context.Context) ([]string, error)
	// UsersToDelete lists up to limit users of all tenants whose DeletionAt is set, and not
	// after now, by DeletionAt; of one time in an order that stays. after is the last user
	// of the page before, or zero. A limit of 0 or below returns none.
	UsersToDelete(ctx context.Context, now time.Time, after User, limit int) ([]User, error)
	// UpdateUser writes e-mail, username, hash, activity, verification, DeletionAt and UpdatedAt
	// if the row still has u.Version, else ErrStale.
	UpdateUser(ctx context.Context, u User) error
	// DeleteUser deletes a user with their sessions, roles, second factors, tickets and API
	// tokens, or returns ErrNoUser.
	DeleteUser(ctx context.Context, tenant, id string) error
	// TrackLogin moves current to last, writes the new current, and counts, if the row
	// still has l.Version, else ErrStale. It leaves the version as it is. In a
	// transaction UpdateUser of the user waits until that ends, or ends it.
	TrackLogin(ctx context.Context, l TrackedLogin) error
	// LockUser returns ErrStale unless the row has the version. In a transaction
	// UpdateUser and DeleteUser of the user wait until that ends, or end it.
	LockUser(ctx context.Context, tenant, id string, version int64) error
}

// A SessionStore keeps sessions.
type SessionStore interface {
	// InsertSession adds a session. One of a missing user is never found; ErrNoUser
	// says so where the database checks references.
	InsertSession(ctx context.Context, s Session) error
	// SessionUser returns a session that has not expired at now with its user, by
	// one indexed read, or ErrNoSession.
	SessionUser(ctx context.Context, tenant string, hash [32]byte, now time.Time) (Session, User, error)
	// Sessions lists a user's sessions that have not expired, newest first.
	Sessions(ctx context.Context, tenant, userID string, now time.Time) ([]Session, error)
	// DeleteSession ends one session; a missing one is no error.
	DeleteSession(ctx context.Context, tenant string, hash [32]byte) error
	// ProlongSession writes when a session was last used and when it ends, unless it
	// was used later; a missing one is no error.
	ProlongSession(ctx context.Context, tenant string, hash [32]byte, lastSeen, expires time.Time) error
	// RotateSession makes to the session's KeyHash and from its OldKeyHash, with
	// RotatedAt, if its KeyHash is from, and reports whether it was. Of parallel calls
	// with one from, one succeeds.
	RotateSession(ctx context.Context, tenant string, hash [32]byte, from, to string, now time.Time) (rotated bool, err error)
	// TrimSessions ends the oldest of a user's sessions that are limited to the same,
	// beyond the number to keep, but not the one named, and returns how many.
	TrimSessions(ctx context.Context, tenant, userID, limitedTo string, newest [32]byte, keep int) (ended int, err error)
	// LockSession returns ErrNoSession for a session that has expired at now or is not
	// there. In a transaction everything that would end the session waits until that
	// ends, or ends it.
	LockSession(ctx context.Context, tenant string, hash [32]byte, now time.Time) error
	// DeleteSessions ends the sessions that the filter chooses, and returns how many
	// of each user who had one.
	DeleteSessions(ctx context.Context, f SessionFilter) (ended map[string]int, err error)
}

// A RoleStore keeps roles, whose names are unique within a tenant, and which users
// have them.
type RoleStore interface {
	// InsertRole adds a role with its Permissions, or returns ErrRoleTaken.
	InsertRole(ctx context.Context, r Role) error
	// GrantPermission and RevokePermission give a role a permission and take it; doing it
	// twice is no error. GrantPermission returns ErrNoRole.
	GrantPermission(ctx context.Context, tenant, role, permission string) error
	RevokePermission(ctx context.Context, tenant, role, permission string) error
	// Roles lists the roles by name.
	Roles(ctx context.Context, tenant string) ([]Role, error)
	// GrantRole and RevokeRole give and take a role; doing it twice is no error.
	// GrantRole returns ErrNoRole and ErrNoUser.
	GrantRole(ctx context.Context, tenant, userID, role string) error
	RevokeRole(ctx context.Context, tenant, userID, role string) error
}

// An AttemptStore counts attempts.
type AttemptStore interface {
	// Attempt counts a.By more attempts in the key's window, which begins with the
	// first, and returns the count and when the window ends. With By 0 it only
	// reads; where no window is open the count is 0.
	Attempt(ctx context.Context, a Attempt) (count int, ends time.Time, err error)
	// ForgetAttempts sets the key's count to zero.
	ForgetAttempts(ctx context.Context, tenant, key string) error
}

// A Transactor is a Store that can do several things in one transaction.
type Transactor interface {
	// InTx calls f with a context that carries a transaction: what is written with
	// that context is written together or not at all. See vault.Transactor.
	InTx(ctx context.Context, f func(ctx context.Context) error) error
}

// An OptimisticTransactor is a Transactor that can save round trips to its database.
type OptimisticTransactor interface {
	// InOptimisticTx is InTx with writes that may return at once, as if they had done what
	// they usually do. See vault.OptimisticTransactor.
	InOptimisticTx(ctx context.Context, f func(ctx context.Context) error) error
}

// A TxNotifier is a Transactor that reports how its transactions end.
type TxNotifier interface {
	// AfterTx has f called once the outermost InTx whose transaction the context
	// carries has ended: with the context that InTx was called with, and whether the
	// transaction was committed. What was asked of a try that is tried again is
	// forgotten. AfterTx returns false, and f is not called, when the context carries
	// no transaction that InTx began.
	AfterTx(ctx context.Context, f func(ctx context.Context, committed bool)) bool
}

// A TrackedLogin is the argument of UserStore.TrackLogin.
type TrackedLogin struct {
	Tenant, UserID string
	Version        int64 // of the row that the log-in was proved with
	At             time.Time
	Address        string
}

// A SessionFilter chooses sessions of a tenant: those that have each field which is
// set, but for those whose hashes are Except and ExceptDevice. Without UserID and
// ProviderSession it chooses none.
type SessionFilter struct {
	Tenant          string
	UserID          string
	Via             string
	ProviderSession string
	ConnectionID    string
	LimitedTo       string
	Except          [32]byte
	ExceptDevice    [32]byte
}

// An Attempt is the argument of AttemptStore.Attempt.
type Attempt struct {
	Tenant string
	Key    string
	By     int
	Now    time.Time
	Window time.Duration // how long a window lasts that begins now
}
