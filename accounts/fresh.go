package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// FreshUntil returns until when the signed-in user may do what asks for a recent proof of
// who they are, or the zero time when no user is signed in, or one without a session: an API
// token proves nothing about who sends it.
func (a *Accounts) FreshUntil(ctx context.Context) time.Time {
	if a.requireSession(ctx) != nil {
		return time.Time{}
	}
	return CurrentSession(ctx).ProvedAt.Add(a.config.FreshFor)
}

// requireSession returns ErrNotSignedIn, or ErrNotFresh for a user without a session.
func (a *Accounts) requireSession(ctx context.Context) error {
	switch {
	case a.CurrentUser(ctx) == "":
		return ErrNotSignedIn
	case CurrentSession(ctx) == nil:
		return ErrNotFresh
	}
	return nil
}

// sessionUser reads the user of a session again, or returns an error of requireSession.
func (a *Accounts) sessionUser(ctx context.Context) (User, error) {
	if err := a.requireSession(ctx); err != nil {
		return User{}, err
	}
	return a.User(ctx, Current(ctx).ID)
}

// IsFresh reports whether FreshUntil is in the future.
func (a *Accounts) IsFresh(ctx context.Context) bool { return a.now().Before(a.FreshUntil(ctx)) }

// CanProve reports whether the signed-in user can prove once more who they are without a
// connected provider: they have a password, a second factor or passkey, or a verified
// address to which a link is mailed that signs in or sets a password. A user without a
// session has had one, and can have another. It is false when nobody is signed in.
func (a *Accounts) CanProve(ctx context.Context) (bool, error) {
	userID := a.CurrentUser(ctx)
	if userID == "" {
		return false, nil
	}
	if CurrentSession(ctx) == nil {
		return true, nil
	}
	u, err := a.User(ctx, userID)
	if err != nil {
		return false, err
	}
	byMail := !u.EmailVerifiedAt.IsZero() && (a.CanReset() || a.CanMagicLink())
	if u.PasswordHash != "" || byMail {
		return true, nil
	}
	list, err := a.proofs(ctx, userID)
	return hasFactor(list), err
}

// requireFresh is requireSession for a session that is fresh, else ErrNotFresh.
func (a *Accounts) requireFresh(ctx context.Context) error {
	err := a.requireSession(ctx)
	if err == nil && !a.IsFresh(ctx) {
		err = ErrNotFresh
	}
	return err
}

// Reauthenticate proves the signed-in user with their password once more, so that they may
// do what asks for a recent proof; see Config.FreshFor. The request went through
// Middleware. Wrong passwords count against Throttle.AccountVerifications.
//
// It returns ErrNotSignedIn, ErrNotFresh for a user without a session, ErrCredentials for a
// wrong password, also where the user has none, *ThrottledError and ErrBusy.
func (a *Accounts) Reauthenticate(r *http.Request, password secret.Text) error {
	ctx := r.Context()
	user, err := a.sessionUser(ctx)
	if err != nil {
		return err
	}
	t, err := a.try(ctx, a.accountVerifications(ctx, r, user.ID))
	if err != nil {
		return err
	}
	defer a.done(t)
	right, _, err := a.verifyPassword(ctx, user, password)
	if err != nil {
		return err
	}
	if !right {
		_, err := a.failed(ctx, t)
		emitRefusal(ctx, a, ReauthenticationFailed{Subject: subject(ctx, user.ID), Via: identity.ViaPassword, Address: a.address(r)})
		if err != nil {
			return err
		}
		return ErrCredentials
	}
	failures, err := a.succeeded(ctx, t)
	if err != nil {
		return err
	}
	if failures > 0 {
		if err := a.store.ForgetAttempts(ctx, t.tenant, t.key); err != nil {
			return fmt.Errorf("accounts: forgetting failed attempts: %w", err)
		}
	}
	return a.ProveSession(ctx, identity.ViaPassword)
}

// ProveSession notes that the signed-in user has proved who they are just now, whatever
// the proof: FreshUntil counts from here. The session gets a new cookie, and the old one
// ends, so that an intruder's copy of it is worthless. So it is called before the
// answer begins. via is a provider's ID or identity.ViaPassword.
// The context comes from a request that went through Middleware. Where the session has
// ended since, by another change of password for instance, it returns ErrNotSignedIn, and
// ErrNotFresh for a user without a session.
func (a *Accounts) ProveSession(ctx context.Context, via string) error {
	if err := a.requireSession(ctx); err != nil {
		return err
	}
	l := requestOf(ctx).loginIn(ctx)
	now := a.now()
	var renewed *renewal
	err := a.inTx(ctx, func(ctx context.Context) error {
		if err := a.store.LockSession(ctx, l.session.Tenant, l.session.Hash, now); err != nil {
			return err
		}
		proved := l.session
		proved.ProvedAt = now
		var err error
		if renewed, err = a.renewSession(ctx, l, proved); err != nil {
			return err
		}
		return record(ctx, a, Reauthenticated{Subject: subject(ctx, l.user.ID), Via: via, Address: a.clientAddress(ctx)})
	})
	if errors.Is(err, ErrNoSession) {
		return ErrNotSignedIn
	}
	if err != nil {
		return wrap("proving a session", err)
	}
	renewed.finish()
	return nil
}
