package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// Reasons to refuse a log-in, to be tested with errors.Is. A *ThrottledError
// and ErrBusy are others.
var (
	// ErrCredentials: no such user, or not the user's password. Both take the same
	// time.
	ErrCredentials = errors.New("accounts: wrong e-mail address, username or password")
	// ErrInactive: the user proved who they are, and may not sign in. It implements
	// social.Refusal.
	ErrInactive error = &userRefusal{"accounts: the user is not active", CodeUserInactive}
)

// A userRefusal is a reason not to sign a user in. Its code has the text for the
// user.
type userRefusal struct{ reason, code string }

func (r *userRefusal) Error() string { return r.reason }

// Refusal returns the text for the user, in English.
func (r *userRefusal) Refusal() string { return texts[r.code] }

// Code returns CodeUserInactive or CodeUserMissing.
func (r *userRefusal) Code() string { return r.code }

// Args returns nothing: the text needs none.
func (r *userRefusal) Args() map[string]string { return nil }

// LogIn signs in the user with the e-mail address or username and the password. It
// starts a new session, ends the one before, and sets the cookie; Current knows the
// user from then on. With remember the session outlives the browser.
func (a *Accounts) LogIn(w http.ResponseWriter, r *http.Request, login string, password secret.Text, remember bool) error {
	ctx := r.Context()
	login = strings.Trim(login, " ")

	user, err := a.Find(ctx, login)
	if err != nil && !errors.Is(err, ErrNoUser) {
		return err
	}
	trials, err := a.tryPassword(r, &user, login)
	if err != nil {
		return err
	}
	defer a.done(trials...)

	// The password may change, or its hash be renewed, while it is compared.
	const tries = 3
	for range tries {
		err = a.logInOnce(w, r, user, password, remember, trials)
		if !errors.Is(err, errProofChanged) {
			return err
		}
		if user, err = a.User(ctx, user.ID); err != nil {
			return err
		}
	}
	return ErrBusy
}

// tryPassword begins the trials of a log-in, the account's first. In a browser that
// knows the user it counts for that browser, and for all such browsers of the user's
// together: a person who once had the password may have any number of them. When
// those have used up their limit the browser is as good as an unknown one.
func (a *Accounts) tryPassword(r *http.Request, u *User, login string) ([]*trial, error) {
	ctx := r.Context()
	if b := a.browserOf(r); b.knows(u) {
		all, err := a.try(ctx, a.knownLogins(ctx, r, u))
		if err == nil {
			own, err := a.try(ctx, a.browserLogins(ctx, r, &b, u))
			if err != nil {
				a.done(all)
				return nil, err
			}
			return []*trial{own, all}, nil
		}
		if full := (*ThrottledError)(nil); !errors.As(err, &full) {
			return nil, err
		}
	}
	account, err := a.try(ctx, a.accountLogins(ctx, r, u, login))
	if err != nil {
		return nil, err
	}
	network, err := a.try(ctx, a.networkLogins(ctx, r))
	if err != nil {
		a.done(account)
		return nil, err
	}
	return []*trial{account, network}, nil
}

// logInOnce compares the password and begins the session. errProofChanged says that
// the password has to be compared again.
func (a *Accounts) logInOnce(w http.ResponseWriter, r *http.Request, user User, password secret.Text, remember bool, trials []*trial) error {
	renew, err := a.provePassword(r, user, password, trials)
	if err != nil {
		return err
	}
	if renew && user.Active {
		user = a.rehash(r.Context(), user, password)
	}
	return a.startSession(w, r, user, identity.SignIn{Via: identity.ViaPassword, Remember: remember})
}

// provePassword compares the password, and reports whether its hash is to be renewed. A
// wrong one counts and is ErrCredentials. The first trial is the account's.
func (a *Accounts) provePassword(r *http.Request, user User, password secret.Text, trials []*trial) (renew bool, err error) {
	ctx := r.Context()
	right, renew, err := a.verifyPassword(ctx, user, password)
	if err != nil {
		return false, err
	}
	if !right {
		return false, a.rejectPassword(r, user, trials)
	}
	var failures int
	for _, t := range slices.Backward(trials) {
		if failures, err = a.succeeded(ctx, t); err != nil {
			return false, err
		}
	}
	if account := trials[0]; failures > 0 {
		if err := a.store.ForgetAttempts(ctx, account.tenant, account.key); err != nil {
			return false, fmt.Errorf("accounts: forgetting failed log-ins: %w", err)
		}
	}
	return renew, nil
}

// rejectPassword counts and reports a failed log-in. A user that does not exist has no
// ID.
func (a *Accounts) rejectPassword(r *http.Request, user User, trials []*trial) error {
	ctx := r.Context()
	until, err := a.failed(ctx, trials[0])
	for _, t := range trials[1:] {
		_, err2 := a.failed(ctx, t)
		err = errors.Join(err, err2)
	}
	about := subject(ctx, user.ID)
	emitRefusal(ctx, a, LoginFailed{Subject: about, Via: identity.ViaPassword, Address: a.address(r), Err: ErrCredentials})
	if !until.IsZero() {
		emitRefusal(ctx, a, Locked{Subject: about, Address: a.address(r), Until: until})
	}
	if err != nil {
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
