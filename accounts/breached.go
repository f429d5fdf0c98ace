package accounts

import (
	"context"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// A BreachChecker knows passwords that others have stolen elsewhere. *breached.Client is
// one. It is safe for concurrent use, and answers within seconds: a person waits for it.
type BreachChecker interface {
	// Breached reports whether the password is one of them. An error means that it could
	// not be found out, and has nothing of the password in it.
	Breached(ctx context.Context, password secret.Text) (bool, error)
}

// checkBreached refuses a new password that Config.Breached knows. userID is "" where there
// is no account yet. When it cannot be found out the password is taken: an outage elsewhere
// must not stop registrations.
func (a *Accounts) checkBreached(ctx context.Context, userID string, password secret.Text) error {
	if a.config.Breached == nil || password == "" {
		return nil
	}
	known, err := a.config.Breached.Breached(ctx, secret.Text(normalPassword(password)))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		a.config.Logger.WarnContext(ctx, "accounts: a new password is taken without a look among breached ones", "error", err)
		return a.recording(ctx, func(ctx context.Context) error {
			return record(ctx, a, PasswordUnchecked{Subject: subject(ctx, userID), Err: err})
		})
	case known:
		return &FieldError{field: identity.FieldPassword, code: CodePasswordBreached}
	}
	return nil
}
