package social_test

import (
	"errors"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// Package accounts does not know this one, and has all of its powers.
var (
	_ social.Users             = (*accounts.Accounts)(nil)
	_ social.Registrar         = (*accounts.Accounts)(nil)
	_ social.Preparer          = (*accounts.Accounts)(nil)
	_ social.EmailFinder       = (*accounts.Accounts)(nil)
	_ social.LoginCounter      = (*accounts.Accounts)(nil)
	_ social.LoginRemover      = (*accounts.Accounts)(nil)
	_ social.FlowLimiter       = (*accounts.Accounts)(nil)
	_ social.Describer         = (*accounts.Accounts)(nil)
	_ social.SessionEnder      = (*accounts.Accounts)(nil)
	_ social.SessionLocker     = (*accounts.Accounts)(nil)
	_ social.Reauthenticator   = (*accounts.Accounts)(nil)
	_ social.FactorRequirer    = (*accounts.Accounts)(nil)
	_ social.Deleter           = (*accounts.Accounts)(nil)
	_ social.EmailVerifier     = (*accounts.Accounts)(nil)
	_ social.DeletionScheduler = (*accounts.Accounts)(nil)
	_ social.ExportCollector   = (*accounts.Accounts)(nil)

	_ social.FieldRefusal = (*accounts.FieldError)(nil)
	_ social.CodedError   = (*accounts.FieldError)(nil)
	_ social.Throttled    = (*accounts.ThrottledError)(nil)

	_ social.Event = accounts.Event(nil)
)

func TestAccountsRefuse(t *testing.T) {
	t.Parallel()
	for _, err := range []error{accounts.ErrInactive, accounts.ErrNoUser} {
		var refusal social.Refusal
		if !errors.As(err, &refusal) || refusal.Refusal() == "" {
			t.Errorf("%v is no refusal", err)
		}
	}
}
