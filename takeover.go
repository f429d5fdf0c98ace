package social

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gosocial/social/vault"
)

// VerifyAndTakeOver hands an account whose e-mail address nobody had proved over to
// the person who has just proved it, by a link in a mail for instance: a stranger may
// have made the account, to get into it when its owner comes. Password and sessions
// end, as EmailVerifier says, and all connections, whose tokens are revoked; all in
// one transaction where the store can. Then give the person a password, or sign them
// in. Log-ins that wait for a second factor and sign-ups that wait for a form find
// nothing to go on with.
//
// Users must be an EmailVerifier. Errors are those of its method: of
// *accounts.Accounts ErrNoUser and ErrVerified, and then nothing has ended. A store
// without transactions ends the connections first.
func (s *Social) VerifyAndTakeOver(ctx context.Context, userID string) error {
	verifier, ok := s.cfg.Users.(EmailVerifier)
	if !ok {
		return errors.New("social: Config.Users cannot verify addresses")
	}
	// A TakeOverer ends the connections itself, and there are none left to forget.
	err := s.forget(ctx, userID, func(ctx context.Context) error { return verifier.VerifyAndTakeOver(ctx, userID) })
	if err != nil {
		return fmt.Errorf("social: taking an account over: %w", err)
	}
	return nil
}

// endConnections removes the connections of a user whose account is handed over that were
// made at since or later, all when that is zero.
func (s *Social) endConnections(ctx context.Context, userID string, since time.Time) error {
	_, err := s.Disconnect(ctx, vault.Removal{UserID: userID, Since: since})
	if err != nil && !errors.Is(err, vault.ErrNoConnection) {
		return fmt.Errorf("social: ending the connections of an account that is taken over: %w", err)
	}
	return nil
}
