package accounts

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
)

// A NewUser is what an account is made of.
type NewUser struct {
	Email    string
	Username string       // "": none
	Password oauth.Secret // "": none; the user logs in through a provider
	// Verified says that the user has proved to own the address.
	Verified bool
	Inactive bool
	Roles    []string // must exist
}

// Register creates an account for a visitor, and does not sign in. With a
// context that comes from a request through Middleware it is throttled by
// network: a *ThrottledError. An empty password makes an account without one,
// which costs no hash. Verified says that the address is proved.
//
// A *FieldError says what is wrong with a field, or taken.
func (a *Accounts) Register(ctx context.Context, email, username string, password oauth.Secret, verified bool) (userID string, err error) {
	n := NewUser{Email: email, Username: username, Password: password, Verified: verified}
	if err := a.check(n); err != nil {
		return "", err
	}
	if network, ok := a.visitor(ctx); ok {
		if err := a.count(ctx, attemptKey("register", network), a.config.Throttle.NetworkRegistrations); err != nil {
			return "", err
		}
	}
	u, err := a.Create(ctx, n)
	return u.ID, err
}

// Create creates an account by the rules of Register, without its throttle:
// *FieldError, ErrNoRole, ErrBusy.
func (a *Accounts) Create(ctx context.Context, n NewUser) (User, error) {
	if err := a.check(n); err != nil {
		return User{}, err
	}
	// Before anybody knows whether the address is taken: both take as long.
	hash, err := a.hashPassword(ctx, n.Password)
	if err != nil {
		return User{}, err
	}
	now := a.now()
	u := User{
		ID: newID(now), Email: n.Email, Username: n.Username, PasswordHash: hash,
		Active: !n.Inactive, Roles: sorted(n.Roles),
		CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if n.Verified {
		u.EmailVerifiedAt = now
	}
	switch err := a.store.InsertUser(ctx, u); {
	case errors.Is(err, ErrEmailTaken):
		return User{}, &FieldError{"email", u.Email + " is already associated with an account", ErrEmailTaken}
	case errors.Is(err, ErrUsernameTaken):
		return User{}, &FieldError{"username", "The username " + u.Username + " is taken", ErrUsernameTaken}
	case err != nil:
		return User{}, wrap("creating a user", err)
	}
	return u, nil
}

func (a *Accounts) check(n NewUser) error {
	if err := checkEmail(n.Email); err != nil {
		return err
	}
	if err := checkUsername(n.Username); err != nil {
		return err
	}
	if n.Password == "" {
		return nil
	}
	return a.checkPassword(n.Password)
}

// FindEmail returns the user with the address and whether they proved to own
// it, "" when there is none.
func (a *Accounts) FindEmail(ctx context.Context, email string) (userID string, verified bool, err error) {
	if !canBeLogin(email) {
		return "", false, nil
	}
	u, err := a.store.UserByEmail(ctx, email)
	if errors.Is(err, ErrNoUser) {
		return "", false, nil
	}
	if err != nil {
		return "", false, wrap("finding a user", err)
	}
	return u.ID, !u.EmailVerifiedAt.IsZero(), nil
}

var noTime time.Time
