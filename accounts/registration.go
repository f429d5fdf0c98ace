package accounts

import (
	"context"
	"errors"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// A NewUser is the argument of Create.
type NewUser struct {
	Email    string
	Username string      // "": none; see Config.Usernames
	Password secret.Text // "": none; the user logs in through a provider
	// EmailVerified says that the address was proved to be the user's own.
	EmailVerified bool
	Inactive      bool
	Language      string // of User.Language
	// AllowWeakPassword takes a password that the rules refuse, such as "password". It is
	// for demonstrations and tests.
	AllowWeakPassword bool
	Roles             []string // which must exist
}

// Register creates an account for a visitor, and does not sign in. With the context of
// a request that went through Middleware it is throttled by network. An empty
// password makes an account without one, and costs no hash. The profile of a
// provider is not kept.
//
// It returns *FieldError for a field that is wrong or taken, *ThrottledError and
// ErrBusy. Before a call in a transaction, see PrepareRegister.
func (a *Accounts) Register(ctx context.Context, r identity.Registration) (userID string, err error) {
	e := a.entered(ctx, r)
	p, ok := ctx.Value(preparedKey{}).(*prepared)
	if !ok || p.entered != e {
		if p, err = a.prepare(ctx, e); err != nil {
			return "", err
		}
	}
	n := NewUser{Email: r.Email, Username: r.Username, EmailVerified: r.EmailVerified, Language: a.askedLanguage(ctx)}
	u, err := a.insertRecording(ctx, n, p.hash, func(about Subject) Event {
		return Registered{Subject: about, ProviderID: r.ProviderID, Address: a.clientAddress(ctx)}
	})
	return u.ID, err
}

// PrepareRegister does what Register does before it writes: it checks the
// fields, counts the attempt, asks Config.Breached and hashes the password. Register with the context
// returned and the same e-mail address, username and password only writes. So a
// transaction that Register joins does not wait for these, and does not take the
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

// entered are the parts of a registration that are checked and hashed.
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
	if c := requestOf(ctx); c != nil {
		if _, err := a.count(ctx, a.networkRegistrations(ctx, c.request)); err != nil {
			return nil, err
		}
	}
	// Before the address is looked up, so that one that is taken takes as long.
	if err := a.checkBreached(ctx, "", e.password); err != nil {
		return nil, err
	}
	hash, err := a.hashPassword(ctx, e.password)
	return &prepared{e, hash}, err
}

// Create creates an account by the rules of Register, without its limits. It returns
// *FieldError, ErrNoRole and ErrBusy.
func (a *Accounts) Create(ctx context.Context, n NewUser) (User, error) {
	checked := n.Password
	if n.AllowWeakPassword {
		checked = ""
	}
	if err := a.checkRegistration(n.Email, n.Username, checked); err != nil {
		return User{}, err
	}
	if err := checkLanguage(n.Language); err != nil {
		return User{}, err
	}
	if err := a.checkBreached(ctx, "", checked); err != nil {
		return User{}, err
	}
	hash, err := a.hashPassword(ctx, n.Password)
	if err != nil {
		return User{}, err
	}
	return a.insertRecording(ctx, n, hash, func(about Subject) Event { return Created{about} })
}

// insertRecording is insert, and records what the event is.
func (a *Accounts) insertRecording(ctx context.Context, n NewUser, hash string, event func(Subject) Event) (User, error) {
	var u User
	err := a.recording(ctx, func(ctx context.Context) (err error) {
		if u, err = a.insert(ctx, n, hash); err != nil {
			return err
		}
		return record(ctx, a, event(subject(ctx, u.ID)))
	})
	if err != nil {
		return User{}, wrap("creating a user", err)
	}
	return u, nil
}

func (a *Accounts) insert(ctx context.Context, n NewUser, hash string) (User, error) {
	now := a.now()
	u := User{
		Tenant: tenant.From(ctx), ID: id.New(now), Email: n.Email, Username: n.Username, PasswordHash: hash,
		Active: !n.Inactive, Roles: sorted(n.Roles), Language: n.Language,
		CreatedAt: now, UpdatedAt: now, Version: 1,
	}
	if n.EmailVerified {
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

// FindEmail returns the ID of the user with the address, or "", and whether the
// address is verified. That of an account that is being deleted does not count as verified,
// so that no identity is linked to it.
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
	return u.ID, !u.EmailVerifiedAt.IsZero() && u.DeletionAt.IsZero(), nil
}
