package accounts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gosocial/social/internal/id"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// An ImportedUser is an account of another system.
type ImportedUser struct {
	ID       string // "": a new one
	Email    string // "": none; then the user has a username
	Username string // "": none
	// PasswordHash is one of argon2id, argon2i, bcrypt, PBKDF2 or scrypt in the notation
	// of passlib (Flask-Security), Django, Werkzeug, PHP or Devise; "" for a user without
	// a password. The hash is replaced by one of ours at the user's next log-in. Those of
	// Flask-Security need Config.PasswordSalt. Those that Devise made with a pepper
	// (config.pepper) look like others and match no password: leave them out, and let
	// their users reset the password.
	PasswordHash secret.Text
	// Password is the password itself, from a system that keeps it readable. At most one
	// of it and PasswordHash is set.
	Password secret.Text
	// TOTPSecret is the secret of the user's authenticator application in base 32, as it is
	// in its QR code; "": none. Its codes are those of RFC 6238 with SHA-1, six digits and
	// thirty seconds. It needs Config.Keys, which seal it.
	TOTPSecret secret.Text
	Inactive   bool
	// EmailVerifiedAt is when the address was proved to be the user's own, or zero.
	EmailVerifiedAt time.Time
	Roles           []string // which must exist
	Login           Tracking
	CreatedAt       time.Time // zero: now
}

// Import adds an account of another system. It asks less than Register: usernames and
// passwords are as they were chosen there. An account that exists already, by its ID or
// its e-mail address, stays as it is, and imported is false.
//
// Until an imported user has logged in, a wrong password for them takes as long as their
// hash does, which tells an attacker who tries that the account exists.
//
// The errors say what is wrong with the user, and have no password and no hash in them.
// Among them are ErrUsernameTaken, ErrNoRole, ErrBusy and *HashMemoryError.
func (a *Accounts) Import(ctx context.Context, u ImportedUser) (imported bool, err error) {
	return a.importUser(ctx, u, true)
}

// CheckImport returns what Import would, and writes nothing.
func (a *Accounts) CheckImport(ctx context.Context, u ImportedUser) (imported bool, err error) {
	return a.importUser(ctx, u, false)
}

func (a *Accounts) importUser(ctx context.Context, in ImportedUser, write bool) (imported bool, err error) {
	if err := a.checkImported(in); err != nil {
		return false, fmt.Errorf("accounts: %w", err)
	}
	if known, err := a.knows(ctx, in); known || err != nil {
		return false, err
	}
	u := User{
		Tenant: tenant.From(ctx), ID: in.ID, Email: in.Email, Username: in.Username, PasswordHash: in.PasswordHash.Reveal(),
		Active: !in.Inactive, EmailVerifiedAt: in.EmailVerifiedAt, Roles: in.Roles, Login: in.Login,
		CreatedAt: in.CreatedAt, UpdatedAt: a.now(),
	}
	if u.ID == "" {
		u.ID = id.New(u.UpdatedAt)
	}
	if u.CreatedAt.IsZero() {
		u.CreatedAt = u.UpdatedAt
	}
	var factor *StoredFactor
	if in.TOTPSecret != "" {
		if factor, err = a.importedTOTP(&u, in.TOTPSecret); err != nil {
			return false, err
		}
	}
	if !write {
		err := a.checkRoles(ctx, u.Roles)
		return err == nil, err
	}
	if in.Password != "" {
		if u.PasswordHash, err = a.hashPassword(ctx, in.Password); err != nil {
			return false, err
		}
	}
	inTx := a.recording
	if factor != nil {
		inTx = a.inTx
	}
	err = inTx(ctx, func(ctx context.Context) error {
		if err := a.store.InsertUser(ctx, u); err != nil {
			return err
		}
		if factor != nil {
			if err := a.store.PutFactor(ctx, *factor); err != nil {
				return err
			}
		}
		return record(ctx, a, Created{subject(ctx, u.ID)})
	})
	switch {
	case errors.Is(err, ErrEmailTaken):
		return false, nil // since it was looked for
	case err != nil:
		return false, wrap("importing a user", err)
	}
	return true, nil
}

// checkImported says what is wrong with a user, without asking the store.
func (a *Accounts) checkImported(in ImportedUser) error {
	switch {
	case in.Email == "" && in.Username == "":
		return errors.New("the user has neither an e-mail address nor a username to log in with")
	case in.Email != "" && (!canBeLogin(in.Email) || !strings.Contains(in.Email, "@") || strings.Contains(in.Email, " ")):
		return errors.New("the e-mail address is not valid")
	case in.Username != "" && (!canBeLogin(in.Username) || strings.Contains(in.Username, "@")):
		return errors.New("the username is not valid: it has an @, a control character, or more than 254 bytes")
	case in.Password != "" && in.PasswordHash != "":
		return errors.New("the user has both a password and a password hash")
	case len(in.Password) > a.config.PasswordMaxLength:
		return errors.New("the password is too long to log in with")
	case in.TOTPSecret != "" && a.config.Keys == nil:
		return errors.New("the user has a secret of an authenticator application, and Config.Keys are missing, which seal it")
	}
	if _, err := importedSecret(in.TOTPSecret); err != nil {
		return err
	}
	if in.PasswordHash == "" {
		return nil
	}
	_, err := a.storedHash(in.PasswordHash.Reveal())
	return err
}

// knows reports whether the user exists, by ID or e-mail address. A username that
// another user has is ErrUsernameTaken.
func (a *Accounts) knows(ctx context.Context, in ImportedUser) (bool, error) {
	find := func(by func(context.Context, string, string) (User, error), value string) (bool, error) {
		if value == "" {
			return false, nil
		}
		_, err := by(ctx, tenant.From(ctx), value)
		switch {
		case errors.Is(err, ErrNoUser):
			return false, nil
		case err != nil:
			return false, wrap("finding a user", err)
		}
		return true, nil
	}
	for _, look := range []struct {
		by    func(context.Context, string, string) (User, error)
		value string
	}{{a.store.UserByID, in.ID}, {a.store.UserByEmail, in.Email}} {
		switch known, err := find(look.by, look.value); {
		case err != nil:
			return false, err
		case known:
			return true, nil
		}
	}
	switch taken, err := find(a.store.UserByUsername, in.Username); {
	case !taken:
		return false, err
	case in.ID == "" && in.Email == "":
		return true, nil // the username is all that it is known by
	}
	return false, ErrUsernameTaken
}

// checkRoles returns ErrNoRole when one of the roles does not exist.
func (a *Accounts) checkRoles(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	roles, err := a.Roles(ctx)
	if err != nil {
		return err
	}
	exist := map[string]bool{}
	for _, r := range roles {
		exist[r.Name] = true
	}
	for _, name := range names {
		if !exist[name] {
			return fmt.Errorf("%w: %q", ErrNoRole, name)
		}
	}
	return nil
}
