package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// Reasons to refuse a log-in, to be tested with errors.Is. A *ThrottledError
// and ErrBusy are others.
var (
	// ErrCredentials: no such user, or not the user's password. Which of them
	// nobody can tell, by the time it took neither.
	ErrCredentials = errors.New("accounts: wrong e-mail address, username or password")
	// ErrInactive: the user exists and is who they say, and may not sign in.
	// The package social shows its Refusal().
	ErrInactive error = &refusal{"accounts: the user is not active", "This account is not active"}
)

// A refusal is a reason not to let somebody in, with the text for them.
type refusal struct{ reason, text string }

func (r *refusal) Error() string { return r.reason }

// Refusal returns the text for the person.
func (r *refusal) Refusal() string { return r.text }

// LogIn signs in the user with the e-mail address or username and the password. It
// starts a new session, ends the one before, and sets the cookie; Current knows the
// user from then on. With remember the session outlives the browser.
func (a *Accounts) LogIn(w http.ResponseWriter, r *http.Request, login string, password secret.Text, remember bool) error {
	ctx := r.Context()
	login = strings.Trim(login, " ")

	account, err := a.try(ctx, a.accountLogins(ctx, r, login))
	if err != nil {
		return err
	}
	defer a.done(account)
	network, err := a.try(ctx, a.networkLogins(ctx, r))
	if err != nil {
		return err
	}
	defer a.done(network)

	user, err := a.Find(ctx, login)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return err
	}
	right, outdated, err := a.verifyPassword(ctx, user, password)
	if err != nil {
		return err
	}
	if !right {
		return a.rejectPassword(r, user, account, network)
	}
	if _, err := a.succeeded(ctx, network); err != nil {
		return err
	}
	failures, err := a.succeeded(ctx, account)
	if err != nil {
		return err
	}
	if failures > 0 {
		if err := a.store.ForgetAttempts(ctx, account.tenant, account.key); err != nil {
			return fmt.Errorf("accounts: forgetting failed log-ins: %w", err)
		}
	}
	if outdated && user.Active {
		user = a.rehash(ctx, user, password)
	}
	return a.startSession(w, r, user, identity.ViaPassword, remember)
}

// rejectPassword counts and reports a failed log-in. The user has no ID where there is
// none.
func (a *Accounts) rejectPassword(r *http.Request, user User, account, network *trial) error {
	ctx := r.Context()
	until, err := a.failed(ctx, account)
	_, err2 := a.failed(ctx, network)
	about := subject(ctx, user.ID)
	emitRefusal(ctx, a, LoginFailed{Subject: about, Via: identity.ViaPassword, Address: a.address(r), Err: ErrCredentials})
	if !until.IsZero() {
		emitRefusal(ctx, a, Locked{Subject: about, Address: a.address(r), Until: until})
	}
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return ErrCredentials
}

// rehash keeps the password's hash with today's parameters. The log-in does not
// depend on it.
func (a *Accounts) rehash(ctx context.Context, u User, password secret.Text) User {
	hash, err := a.hashPassword(ctx, password)
	if err == nil {
		renewed := u
		renewed.PasswordHash = hash
		renewed.UpdatedAt = a.now()
		if err = a.store.UpdateUser(ctx, renewed); err == nil {
			renewed.Version++
			return renewed
		}
	}
	if !errors.Is(err, ErrStale) && !errors.Is(err, ErrBusy) {
		a.config.Logger.WarnContext(ctx, "accounts: renewing a password hash failed", "user", u.ID, "error", err)
	}
	return u
}
