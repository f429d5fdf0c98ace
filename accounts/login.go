package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/internal/tenant"
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

	account, err := a.try(ctx, attemptKey("login", fold.ASCII(login)), a.config.Throttle.AccountLogins)
	if err != nil {
		return err
	}
	defer a.done(account)
	network, err := a.try(ctx, attemptKey("login-network", a.network(r)), a.config.Throttle.NetworkLogins)
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
		if err := errors.Join(a.failed(ctx, account), a.failed(ctx, network)); err != nil {
			return err
		}
		return ErrCredentials
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
	return a.begin(w, r, user, identity.ViaPassword, remember)
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

// SignIn signs in a user who has proved who they are. It starts and ends sessions as
// LogIn does, and returns ErrNoUser and ErrInactive.
func (a *Accounts) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	user, err := a.store.UserByID(r.Context(), tenant.From(r.Context()), in.UserID)
	if err != nil {
		return wrap("signing in", err)
	}
	return a.begin(w, r, user, in.Via, in.Remember)
}

// begin starts a session and ends the one before.
func (a *Accounts) begin(w http.ResponseWriter, r *http.Request, u User, via string, remember bool) error {
	if !u.Active {
		return ErrInactive
	}
	token, hash := newToken()
	now := a.now()
	s := Session{
		Hash: hash, Tenant: u.Tenant, UserID: u.ID, Via: via, Remember: remember,
		CreatedAt: now, ExpiresAt: now.Add(a.config.SessionLifetime),
		Address: a.address(r), UserAgent: clip(r.UserAgent(), 255),
	}
	var age time.Duration // until the browser closes
	if remember {
		age = a.config.RememberLifetime
		s.ExpiresAt = now.Add(age)
	}
	before, n := a.before(r)
	err := a.inTx(r.Context(), func(ctx context.Context) error {
		for _, hash := range before[:n] {
			if err := a.store.DeleteSession(ctx, u.Tenant, hash); err != nil {
				return err
			}
		}
		if err := a.store.InsertSession(ctx, s); err != nil {
			return err
		}
		return a.store.TrackLogin(ctx, u.Tenant, u.ID, now, s.Address)
	})
	if err != nil {
		return wrap("starting a session", err)
	}
	if err := a.setCookie(w, token, age); err != nil {
		return wrap("starting a session", err)
	}
	u.Login = Tracking{
		LastAt: u.Login.CurrentAt, LastAddress: u.Login.CurrentAddress,
		CurrentAt: now, CurrentAddress: s.Address, Count: u.Login.Count + 1,
	}
	if v := visitOf(r.Context()); v != nil {
		v.presence.Store(&presence{user: u, session: s})
	}
	return nil
}

// before returns the hashes of the n sessions that a request goes on with: the
// one its cookie names, and another that began during the request. The first would
// live on where a transaction that was to end it is tried again.
func (a *Accounts) before(r *http.Request) (hashes [2][32]byte, n int) {
	if hash, ok := a.presented(r); ok {
		hashes[n] = hash
		n++
	}
	if s := CurrentSession(r.Context()); s != nil && a.CurrentUser(r.Context()) != "" && (n == 0 || s.Hash != hashes[0]) {
		hashes[n] = s.Hash
		n++
	}
	return hashes, n
}

// SignOut ends the session, on the server and in the browser. Without one it
// does nothing. When the store fails the browser forgets the session all the
// same, and the error says that the server has not.
func (a *Accounts) SignOut(w http.ResponseWriter, r *http.Request) error {
	before, n := a.before(r)
	if v := visitOf(r.Context()); v != nil {
		v.presence.Store(nil)
	}
	a.clearCookie(w)
	for _, hash := range before[:n] {
		if err := a.store.DeleteSession(r.Context(), tenant.From(r.Context()), hash); err != nil {
			return wrap("ending a session", err)
		}
	}
	return nil
}

// clip cuts foreign text to so many bytes, and to what every database takes.
func clip(s string, most int) string {
	s = s[:min(len(s), most)]
	for i, r := range s {
		if r < ' ' || r == utf8.RuneError || r == 0x7f {
			return s[:i]
		}
	}
	return s
}
