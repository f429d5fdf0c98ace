package social

import (
	"context"
	"errors"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// decideVerify decides whether a grant proves once more who the signed-in user is: its
// identity has to be one of theirs. The proof and the new token are written in one
// transaction where the store can. It returns errSignedOut.
func (s *Social) decideVerify(ctx context.Context, userID string, g *oauth.Grant) (proved bool, err error) {
	c, err := s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
	switch {
	case err == nil && c.UserID != userID:
		err = vault.ErrNoConnection // of theirs
	case err == nil:
		err = s.inSession(ctx, func(ctx context.Context) error {
			if _, err := s.vault.RenewByLogIn(ctx, c, g); err != nil {
				return err
			}
			return s.prover.ProveSession(ctx, g.ProviderID)
		})
	}
	if errors.Is(err, vault.ErrNoConnection) {
		s.emitRefusal(ctx, ReauthenticationFailed{UserID: userID, ProviderID: g.ProviderID})
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, nil
}
