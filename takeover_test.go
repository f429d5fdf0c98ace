package social_test

import (
	"context"
	"errors"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// A stranger prepares an account with somebody else's address, in every way there is,
// and waits for its owner.
func TestSecurity34_TakingOverEndsWhatWasThere(t *testing.T) {
	t.Parallel()
	s := openTx(t, auto, func(c *social.Config) { c.LinkVerifiedEmail = true })
	prepared := s.user("victim@lp.com", unverified)
	must(t, s.acc.SetPassword(t.Context(), prepared, "correct horse battery"))
	s.connected(prepared, s.acme, "stranger")
	s.connected(prepared, s.acme, "another")
	stranger, through := s.signedIn(prepared), s.browser()
	if a := through.flow("/login/acme", "stranger"); a.status != 303 || through.whoami() != prepared {
		t.Fatalf("%d %s", a.status, a.body)
	}

	must(t, s.VerifyAndTakeOver(t.Context(), prepared))
	if stranger.whoami() != "" || through.whoami() != "" {
		t.Error("a session of the stranger's goes on")
	}
	if has, err := s.acc.HasPassword(t.Context(), prepared); has || err != nil {
		t.Errorf("a password is left: %v, %v", has, err)
	}
	if n := len(s.rows(prepared)); n != 0 {
		t.Errorf("%d connections are left", n)
	}
	again := s.browser()
	if again.flow("/login/acme", "stranger"); again.whoami() == prepared {
		t.Error("the stranger's account at the provider still opens it")
	}
	if u, err := s.acc.User(t.Context(), prepared); err != nil || u.EmailVerifiedAt.IsZero() || u.PasswordHash != "" {
		t.Errorf("%+v, %v", u, err)
	}

	// Now it is the owner's: their provider may be linked, and nobody takes it over.
	s.acme.set(email("victim@lp.com", true))
	owner := s.browser()
	if owner.flow("/login/acme", "owner"); owner.whoami() != prepared || len(s.rows(prepared)) != 1 {
		t.Errorf("the owner is signed in as %q", owner.whoami())
	}
	if err := s.VerifyAndTakeOver(t.Context(), prepared); !errors.Is(err, accounts.ErrVerified) {
		t.Errorf("once more: %v", err)
	}
	if owner.whoami() != prepared || len(s.rows(prepared)) != 1 {
		t.Error("a call that is refused ended something")
	}
	if err := s.VerifyAndTakeOver(t.Context(), "missing"); !errors.Is(err, accounts.ErrNoUser) {
		t.Errorf("a missing user: %v", err)
	}
}

// What waits in the stranger's browser does not open the account later.
func TestSecurity34_TakingOverEndsWhatWaits(t *testing.T) {
	t.Parallel()
	s := openGuarded(t)
	prepared := s.user("victim@lp.com", unverified)
	s.connected(prepared, s.acme, "stranger")
	stranger := s.browser()
	stranger.ends(t, stranger.flow("/login/acme", "stranger"), ending{303, "/factor", "", ""})
	must(t, s.VerifyAndTakeOver(t.Context(), prepared))
	if a := stranger.finish(prepared); a.status != 409 || stranger.whoami() != "" {
		t.Errorf("the log-in that waited goes on: %d %s", a.status, a.body)
	}
}

func TestTakingOverNeedsAnEmailVerifier(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = struct{ social.Users }{c.Users} })
	if err := s.VerifyAndTakeOver(t.Context(), "x"); err == nil {
		t.Error("it did nothing, and says nothing")
	}
}

// An account is not handed over while a stranger's connection cannot be ended.
func TestSecurity34_NoTakeoverThatKeepsConnections(t *testing.T) {
	t.Parallel()
	s := openTx(t, func(c *social.Config) { c.Connections = unremovable{c.Connections.(memory)} })
	prepared := s.user("victim@lp.com", unverified)
	s.connected(prepared, s.acme, "stranger")
	for name, takeOver := range map[string]func(context.Context, string) error{"by the users": s.acc.VerifyAndTakeOver, "by Social": s.VerifyAndTakeOver} {
		if err := takeOver(t.Context(), prepared); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
		u, err := s.acc.User(t.Context(), prepared)
		must(t, err)
		if !u.EmailVerifiedAt.IsZero() || u.PasswordHash == "" || len(s.rows(prepared)) != 1 {
			t.Errorf("%s: handed over: %+v", name, u)
		}
	}
}

// An unremovable store keeps its connections.
type unremovable struct{ memory }

func (unremovable) Remove(context.Context, vault.Removal) ([]vault.Removed, error) {
	return nil, errBroken
}
