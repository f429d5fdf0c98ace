package accounts

import (
	"context"
	"errors"

	"github.com/gosocial/social/identity"
)

// factorSession returns the session that may change the second factors of its user: a
// fresh one, or one that is limited to setting up a factor.
func (a *Accounts) factorSession(ctx context.Context) (*Session, error) {
	if a.config.TwoFactor == TwoFactorOff {
		return nil, ErrNotSignedIn
	}
	if a.limited(ctx, LimitedToSetup) != nil {
		return LimitedSession(ctx), nil
	}
	return a.freshSession(ctx)
}

// freshSession returns the session of the signed-in user, if it is fresh.
func (a *Accounts) freshSession(ctx context.Context) (*Session, error) {
	switch {
	case a.CurrentUser(ctx) == "":
		return nil, ErrNotSignedIn
	case !a.IsFresh(ctx):
		return nil, ErrNotFresh
	}
	return CurrentSession(ctx), nil
}

// whileSession calls f in a transaction, where the store can, in which the session does
// not end. ErrNotSignedIn when it has, or may not change factors.
func (a *Accounts) whileSession(ctx context.Context, s *Session, f func(ctx context.Context) error) error {
	const tries = 10
	var err error
	for range tries {
		err = a.inTx(ctx, func(ctx context.Context) error {
			if err := a.lockSession(ctx, s); err != nil {
				return err
			}
			if err := a.mayChange(ctx, s); err != nil {
				return err
			}
			return f(ctx)
		})
		if !errors.Is(err, ErrStale) {
			break
		}
	}
	return err
}

// mayChange returns ErrNotSignedIn for a session that is limited to setting up a factor
// when the user has one by now: with the password alone, an intruder must not replace it.
func (a *Accounts) mayChange(ctx context.Context, s *Session) error {
	if s.LimitedTo != LimitedToSetup {
		return nil
	}
	list, err := a.factors(ctx, s.UserID)
	if hasFactor(list) {
		return ErrNotSignedIn
	}
	return err
}

func (a *Accounts) lockSession(ctx context.Context, s *Session) error {
	err := a.store.LockSession(ctx, s.Tenant, s.Hash, a.now())
	if errors.Is(err, ErrNoSession) {
		return ErrNotSignedIn
	}
	return err
}

// signInOf is the log-in that a limited session keeps.
func signInOf(s *Session) identity.SignIn {
	return identity.SignIn{Via: s.Via, Remember: s.Remember, ConnectionID: s.ConnectionID, ProviderSession: s.ProviderSession}
}
