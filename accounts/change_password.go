package accounts

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosocial/social/secret"
)

// Errors of actions of signed-in users, to be tested with errors.Is.
var (
	// ErrNotSignedIn: the request is no signed-in user's, or their session has ended since
	// it came.
	ErrNotSignedIn = errors.New("accounts: nobody is signed in")
	// ErrNotFresh: it was too long ago that the user proved who they are; see
	// Config.FreshFor. They have to do so again: see Reauthenticate. A user without a
	// session, such as that of an API token, has to sign in for it.
	ErrNotFresh = errors.New("accounts: the log-in is too long ago for this")
)

// CheckCurrentPassword returns ErrCredentials when the password is not the signed-in user's.
// A form with other wrong fields can then report this one together with them. It changes
// nothing, but a wrong password counts as a failed log-in. Other errors are those of
// ChangePassword.
func (a *Accounts) CheckCurrentPassword(r *http.Request, password secret.Text) error {
	user, err := a.sessionUser(r.Context())
	if err != nil {
		return err
	}
	return a.proveCurrent(r, user, password)
}

// proveCurrent proves the user with the password.
func (a *Accounts) proveCurrent(r *http.Request, user User, password secret.Text) error {
	trials, err := a.tryPassword(r, &user, user.Email)
	if err != nil {
		return err
	}
	defer a.done(trials...)
	_, err = a.provePassword(r, user, password, trials)
	return err
}

// ChangePassword gives the signed-in user another password, or a first one, and ends
// their other sessions. The request went through Middleware. Its user proves who they are
// with the current password, or with current "" by a proof that is not longer ago than
// Config.FreshFor: so does a user without a password. Wrong passwords count as failed
// log-ins do.
//
// It returns ErrNotSignedIn, ErrNotFresh, also for a user without a session, ErrCredentials
// for a current password that is wrong, *FieldError for a new one that is refused,
// *ThrottledError and ErrBusy.
func (a *Accounts) ChangePassword(r *http.Request, current, password secret.Text) error {
	if err := a.requireSession(r.Context()); err != nil {
		return err
	}
	// The password may change, or its hash be renewed, while it is compared.
	const tries = 3
	for range tries {
		err := a.changePasswordOnce(r, current, password)
		if !errors.Is(err, errProofChanged) {
			return err
		}
	}
	return ErrBusy
}

// changePasswordOnce returns errProofChanged when what proved the user has changed since.
func (a *Accounts) changePasswordOnce(r *http.Request, current, password secret.Text) error {
	ctx := r.Context()
	user, err := a.User(ctx, Current(ctx).ID)
	if err != nil {
		return err
	}
	if err := a.checkPassword(password, user.Email, user.Username); err != nil {
		return err
	}
	if err := a.proveForChange(r, user, current); err != nil {
		return err
	}
	if err := a.checkBreached(ctx, user.ID, password); err != nil {
		return err
	}
	hash, err := a.hashPassword(ctx, password)
	if err != nil {
		return err
	}
	proved := user.PasswordHash
	return a.change(ctx, user.ID, keepingSession(CurrentSession(ctx)), func(ctx context.Context, u *User) ([]Event, error) {
		if u.PasswordHash != proved {
			return nil, errProofChanged
		}
		u.PasswordHash = hash
		return []Event{PasswordChanged{Subject: subject(ctx, u.ID)}}, nil
	})
}

// proveForChange proves the signed-in user with the password, or without one by a
// recent proof.
func (a *Accounts) proveForChange(r *http.Request, user User, password secret.Text) error {
	if password == "" {
		if !a.IsFresh(r.Context()) {
			return ErrNotFresh
		}
		return nil
	}
	return a.proveCurrent(r, user, password)
}
