package accounts

import (
	"context"
	"errors"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// A NewUser is what an account is made of.
type NewUser struct {
	Email    string
	Username string      // "": none
	Password secret.Text // "": none; the user logs in through a provider
	// Verified says that the user has proved to own the address.
	Verified bool
	Inactive bool
	Roles    []string // must exist
}

// Register creates an account for a visitor, and does not sign in. With a context
// that comes from a request through Middleware it is throttled by network: a
// *ThrottledError. An empty password makes an account without one, which costs no
// hash. What a provider says of the person is not kept.
//
// A *FieldError says what is wrong with a field, or taken. Before a call inside
// a transaction, see PrepareRegister.
func (a *Accounts) Register(ctx context.Context, r identity.Registration) (userID string, err error) {
	e := a.entered(ctx, r)
	p, ok := ctx.Value(preparedKey{}).(*prepared)
	if !ok || p.entered != e {
		if p, err = a.prepare(ctx, e); err != nil {
			return "", err
		}
	}
	u, err := a.insert(ctx, NewUser{Email: r.Email, Username: r.Username, Verified: r.EmailVerified}, p.hash)
	if err != nil {
		return "", err
	}
	emit(ctx, a, Registered{Subject: subject(ctx, u.ID), ProviderID: r.ProviderID, Address: a.clientAddress(ctx)})
	return u.ID, nil
}

// PrepareRegister does what Register does before it writes: it checks the
// fields, counts the attempt and hashes the password. Register with the context
// returned and the same e-mail address, username and password only writes. So a
// transaction that Register joins does not wait for hashes, and does not take the
// count back when it fails.
func (a *Accounts) PrepareRegister(ctx context.Context, r identity.Registration) (context.Context, error) {
	p, err := a.prepare(ctx, a.entered(ctx, r))
	if err != nil {
		return nil, err
	}
	return context.WithValue(ctx, preparedKey{}, p), nil
}

type preparedKey struct{}

type prepared struct {
	entered
	hash string
}

// entered is what a registration is checked by.
type entered struct {
	accounts        *Accounts
	tenant          string
	email, username string
	password        secret.Text
}

func (a *Accounts) entered(ctx context.Context, r identity.Registration) entered {
	return entered{a, tenant.From(ctx), r.Email, r.Username, r.Password}
}

func (a *Accounts) prepare(ctx context.Context, e entered) (*prepared, error) {
	if err := a.checkRegistration(e.email, e.username, e.password); err != nil {
		return nil, err
	}
	if v := visitOf(ctx); v != nil {
		if _, err := a.count(ctx, a.networkRegistrations(ctx, v.request)); err != nil {
			return nil, err
		}
	}
	// Before it is known whether the address is taken: both take as long.
	hash, err := a.hashPassword(ctx, e.password)
	return &prepared{e, hash}, err
}

// Create creates an account by the rules of Register, without its throttle:
// *FieldError, ErrNoRole, ErrBusy.
func (a *Accounts) Create(ctx context.Context, n NewUser) (User, error) {
	if err := a.checkRegistration(n.Email, n.Username, n.Password); err != nil {
		return User{}, err
	}
	hash, err := a.hashPassword(ctx, n.Password)
	if err != nil {
		return User{}, err
	}
	u, err := a.insert(ctx, n, hash)
	if err != nil {
		return User{}, err
	}
	emit(ctx, a, Created{subject(ctx, u.ID)})
	return u, nil
}

func (a *Accounts) insert(ctx context.Context, n NewUser, hash string) (User, error) {
	now := a.now()
	u := User{
		Tenant: tenant.From(ctx), ID: id.New(now), Email: n.Email, Username: n.Username, PasswordHash: hash,
		Active: !n.Inactive, Roles: sorted(n.Roles),
		CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if n.Verified {
		u.EmailVerifiedAt = now
	}
	switch err := a.store.InsertUser(ctx, u); {
	case errors.Is(err, ErrEmailTaken):
		return User{}, emailTaken(u.Email)
	case errors.Is(err, ErrUsernameTaken):
		return User{}, usernameTaken(u.Username)
	case err != nil:
		return User{}, wrap("creating a user", err)
	}
	return u, nil
}

// FindEmail returns the user with the address and whether they proved to own
// it, "" when there is none.
func (a *Accounts) FindEmail(ctx context.Context, email string) (userID string, verified bool, err error) {
	if !canBeLogin(email) {
		return "", false, nil
	}
	u, err := a.store.UserByEmail(ctx, tenant.From(ctx), email)
	if errors.Is(err, ErrNoUser) {
		return "", false, nil
	}
	if err != nil {
		return "", false, wrap("finding a user", err)
	}
	return u.ID, !u.EmailVerifiedAt.IsZero(), nil
}
