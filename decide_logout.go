package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// endSessions ends the sessions that a logout token's user began through the
// provider, all of them: which of the provider's sessions (sid) began which is
// not kept. A token counts once: vault.ErrClaimed.
func (s *Social) endSessions(ctx context.Context, providerID string, token *oauth.Logout) error {
	var userID string
	c, err := s.vault.ByIdentity(ctx, providerID, token.Subject)
	switch {
	case err == nil:
		userID = c.UserID
	case !errors.Is(err, vault.ErrNoConnection):
		return err
	}
	return s.inTx(ctx, func(ctx context.Context) error {
		// Clocks of several machines may differ by a minute.
		lasts := token.Expiry.Add(time.Minute).Sub(s.cfg.Now())
		if err := s.claim(ctx, lasts, "logout", providerID, token.ID); err != nil || userID == "" {
			return err
		}
		_, err := s.ender.EndSessionsVia(ctx, userID, providerID)
		return err
	})
}
