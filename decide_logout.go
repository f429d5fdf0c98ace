package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/audit"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// maxProviderSession is the longest ID of a provider's session that is in a grant, in
// bytes.
const maxProviderSession = 255

// endSessions ends the sessions that a logout token names: those that began in the
// provider's session (sid), or else all that its user began through the provider
// (OpenID Connect Back-Channel Logout 1.0 §2.7). A token counts once:
// vault.ErrClaimed.
func (s *Social) endSessions(ctx context.Context, providerID string, token *oauth.Logout) error {
	f := identity.SessionFilter{Via: providerID}
	if len(token.Session) <= maxProviderSession {
		f.ProviderSession = token.Session
	}
	if token.Subject != "" {
		c, err := s.vault.ByIdentity(ctx, providerID, token.Subject)
		if err != nil && !errors.Is(err, vault.ErrNoConnection) {
			return err
		}
		// Without a connection any more, the provider's session still says which.
		f.UserID = c.UserID
	}
	return s.inTx(ctx, func(ctx context.Context) error {
		// Clocks of several machines may differ by a minute.
		lasts := token.Expiry.Add(time.Minute).Sub(s.cfg.Now())
		if err := s.claim(ctx, lasts, "logout", providerID, token.ID); err != nil || f.UserID == "" && f.ProviderSession == "" {
			return err
		}
		ctx = audit.WithActor(ctx, audit.Actor{Kind: audit.ActorProvider, ID: providerID})
		_, err := s.ender.EndSessions(ctx, f)
		return err
	})
}
