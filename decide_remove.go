package social

import (
	"context"
	"errors"

	"github.com/gosocial/social/vault"
)

// A removeDecision is what became of removing connections.
type removeDecision int

const (
	removeDone    removeDecision = iota + 1
	removeNone                   // the user has no such connection
	removeLastWay                // it is the user's last way to log in
)

// decideRemove removes one connection of a user's, or all to the provider when
// subject is "".
func (s *Social) decideRemove(ctx context.Context, userID, providerID, subject string) (removeDecision, error) {
	keep, err := s.keepLogin(ctx, userID)
	if err != nil {
		return 0, err
	}
	_, err = s.vault.Disconnect(ctx, vault.Removal{
		UserID: userID, ProviderID: providerID, ProviderUserID: subject, KeepLogin: keep,
	})
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		return removeNone, nil
	case errors.Is(err, vault.ErrLastLogin):
		return removeLastWay, nil
	case err != nil:
		return 0, err
	}
	s.emit(ctx, ConnectionRemoved{UserID: userID, ProviderID: providerID})
	return removeDone, nil
}

// keepLogin returns the providers of which the user has to keep one; nil when
// they can log in without.
func (s *Social) keepLogin(ctx context.Context, userID string) ([]string, error) {
	if s.passwords != nil {
		has, err := s.passwords.HasPassword(ctx, userID)
		if err != nil || has {
			return nil, err
		}
	}
	providers, err := s.vault.Providers(ctx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(providers))
	for i := range providers {
		ids[i] = providers[i].ID
	}
	return ids, nil
}
