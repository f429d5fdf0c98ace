package accounts

import (
	"context"
	"errors"
	"time"
)

// Errors that a Store returns, to be tested with errors.Is.
var (
	// ErrNoUser: there is no such user. It has a Refusal(), for whoever logs in
	// through a connection that outlived its user.
	ErrNoUser    error = &refusal{"accounts: no such user", "This account does not exist any more"}
	ErrNoSession       = errors.New("accounts: no such session")
	ErrNoRole          = errors.New("accounts: no such role")
	ErrStale           = errors.New("accounts: the user changed meanwhile")
	// ErrEmailTaken, ErrUsernameTaken, ErrRoleTaken: somebody or something has it
	// already.
	ErrEmailTaken    = errors.New("accounts: the e-mail address is taken")
	ErrUsernameTaken = errors.New("accounts: the username is taken")
	ErrRoleTaken     = errors.New("accounts: the role exists already")
)

// A Store keeps users, sessions and roles. *sqlstore.Store is one; package
// storetest tells whether another is. All methods are safe for concurrent use,
// and join a transaction that the context carries.
type Store interface {
	// InsertUser adds a user, Version 1, with its Roles, which must exist
	// (ErrNoRole). ErrEmailTaken and ErrUsernameTaken compare without ASCII case,
	// and hold among parallel inserts.
	InsertUser(ctx context.Context, u User) error
	// UserByID, UserByEmail and UserByUsername return a user or ErrNoUser.
	UserByID(ctx context.Context, id string) (User, error)
	UserByEmail(ctx context.Context, email string) (User, error)
	UserByUsername(ctx context.Context, username string) (User, error)
	// Users lists users by ID, behind the given one.
	Users(ctx context.Context, after string, limit int) ([]User, error)
	// UpdateUser writes e-mail, username, hash, activity and verification if the
	// row still has u.Version, else ErrStale.
	UpdateUser(ctx context.Context, u User) error
	// DeleteUser deletes a user with their sessions and roles, or ErrNoUser.
	DeleteUser(ctx context.Context, id string) error
	// TrackLogin moves current to last, writes the new current, and counts.
	TrackLogin(ctx context.Context, userID string, at time.Time, address string) error

	// InsertSession adds a session.
	InsertSession(ctx context.Context, s Session) error
	// SessionUser returns a session that has not expired at now with its user, by
	// one indexed read, or ErrNoSession.
	SessionUser(ctx context.Context, hash [32]byte, now time.Time) (Session, User, error)
	// Sessions lists a user's sessions that have not expired, newest first.
	Sessions(ctx context.Context, userID string, now time.Time) ([]Session, error)
	// UpdateSession writes ExpiresAt and FreshAt, or ErrNoSession.
	UpdateSession(ctx context.Context, s Session) error
	// DeleteSession ends one session; one that is not there is no error.
	DeleteSession(ctx context.Context, hash [32]byte) error
	// DeleteSessions ends all of a user's sessions but the one named (none when
	// zero), and says how many.
	DeleteSessions(ctx context.Context, userID string, except [32]byte) (int, error)

	// InsertRole adds a role, or returns ErrRoleTaken.
	InsertRole(ctx context.Context, r Role) error
	// Roles lists the roles by name.
	Roles(ctx context.Context) ([]Role, error)
	// GrantRole and RevokeRole give and take a role; doing it twice is no error.
	// Giving what is not there is ErrNoRole, and to nobody ErrNoUser.
	GrantRole(ctx context.Context, userID, role string) error
	RevokeRole(ctx context.Context, userID, role string) error

	// Attempt counts one more attempt under key in the window that began with
	// the first, and returns the count and when the window ends. By 0 it counts
	// nothing and only looks.
	Attempt(ctx context.Context, key string, by int, now time.Time, window time.Duration) (count int, ends time.Time, err error)
	// ForgetAttempts sets the key's count to zero.
	ForgetAttempts(ctx context.Context, key string) error
}
