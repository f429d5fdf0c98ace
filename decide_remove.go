package social

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/vault"
)

// A removeDecision is what became of removing connections.
type removeDecision int

const (
	removeDone     removeDecision = iota + 1
	removeNone                    // the user has no such connection
	removeLastWay                 // it is the user's last way to log in
	removeNotFresh                // one way would be left, and the user proved too long ago who they are
)

// decideRemove removes one connection of a user's, or all to the provider when
// subject is "".
func (s *Social) decideRemove(ctx context.Context, userID, providerID, subject string) (removeDecision, error) {
	keep, err := s.keepLogin(ctx, userID)
	if err != nil {
		return 0, err
	}
	check, err := s.checkRemoval(ctx, keep == nil)
	if err != nil {
		return 0, err
	}
	_, err = s.Disconnect(ctx, vault.Removal{
		UserID: userID, ProviderID: providerID, ProviderUserID: subject, KeepLogin: keep, Check: check,
	})
	switch {
	case errors.Is(err, vault.ErrNoConnection):
		return removeNone, nil
	case errors.Is(err, vault.ErrLastLogin):
		return removeLastWay, nil
	case errors.Is(err, errNotFresh):
		return removeNotFresh, nil
	case err != nil:
		return 0, err
	}
	return removeDone, nil
}

// checkRemoval returns what removals have to pass by the signed-in user, nil for nothing.
// They need another proof of who they are, errNotFresh without, where a single way to log in
// is left then: who holds that one keeps the account.
func (s *Social) checkRemoval(ctx context.Context, password bool) (check func(removes, leaves []vault.Removed) error, err error) {
	if s.prover == nil || s.prover.IsFresh(ctx) {
		return nil, nil
	}
	usable, err := s.providerIDs(ctx)
	if err != nil {
		return nil, err
	}
	ways := func(connections []vault.Removed) (n int) {
		for i := range connections {
			if slices.Contains(usable, connections[i].ProviderID) {
				n++
			}
		}
		return n
	}
	return func(removes, leaves []vault.Removed) error {
		left := ways(leaves)
		if password {
			left++
		}
		if ways(removes) > 0 && left == 1 {
			return errNotFresh
		}
		return nil
	}, nil
}

// Disconnect removes connections as vault.Vault.Disconnect does, and ends the
// sessions that began through them, in one transaction where the store can. The
// session of the request that ctx comes from goes on. Where Users is no
// SessionEnder, none ends.
func (s *Social) Disconnect(ctx context.Context, r vault.Removal) ([]vault.Connection, error) {
	gone, err := s.vault.DisconnectWith(ctx, r, func(ctx context.Context, removed []vault.Removed) error {
		if err := s.recordRemoved(ctx, r.UserID, removed); err != nil || s.ender == nil {
			return err
		}
		for i := range removed {
			c := &removed[i].Connection
			f := identity.SessionFilter{UserID: c.UserID, ConnectionID: c.ID, KeepCurrent: true}
			if _, err := s.ender.EndSessions(ctx, f); err != nil {
				return fmt.Errorf("social: ending sessions: %w", err)
			}
		}
		return nil
	})
	s.reportRemoved(ctx, r.UserID, gone)
	return gone, err
}

// LastWayIn reports whether the user could not log in any more without the
// connection, which therefore cannot be removed.
func (s *Social) LastWayIn(ctx context.Context, userID, connectionID string) (bool, error) {
	keep, err := s.keepLogin(ctx, userID)
	if keep == nil {
		return false, err
	}
	connections, err := s.vault.Connections(ctx, userID, "")
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(connections, func(c vault.Connection) bool {
		return c.ID != connectionID && slices.Contains(keep, c.ProviderID)
	}), nil
}

// keepLogin returns the providers of which the user has to keep one; nil when
// they can log in without, or with an error.
func (s *Social) keepLogin(ctx context.Context, userID string) ([]string, error) {
	if s.passwords != nil {
		has, err := s.passwords.HasPassword(ctx, userID)
		if err != nil || has {
			return nil, err
		}
	}
	return s.providerIDs(ctx)
}

// providerIDs returns the providers through which users can log in.
func (s *Social) providerIDs(ctx context.Context) ([]string, error) {
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
