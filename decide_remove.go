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
	others, err := s.otherLogins(ctx, userID)
	if err != nil {
		return 0, err
	}
	check, err := s.checkRemoval(ctx, others)
	if err != nil {
		return 0, err
	}
	r := vault.Removal{UserID: userID, ProviderID: providerID, ProviderUserID: subject, Check: check}
	if others == 0 {
		if r.KeepLogin, err = s.providerIDs(ctx); err != nil {
			return 0, err
		}
	}
	_, err = s.disconnect(ctx, r, func(ctx context.Context) error { return s.canLogIn(ctx, userID) })
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

// RemoveConnection removes a connection as the user could, for programs that act for the
// application: vault.ErrLastLogin when it is the user's last way to log in, unless force is
// set, and vault.ErrNoConnection. The context has the connection's tenant.
func (s *Social) RemoveConnection(ctx context.Context, c vault.Connection, force bool) error {
	r := vault.Removal{Tenant: c.Tenant, UserID: c.UserID, ProviderID: c.ProviderID, ProviderUserID: c.ProviderUserID}
	if force {
		_, err := s.Disconnect(ctx, r)
		return err
	}
	others, err := s.otherLogins(ctx, c.UserID)
	if err != nil {
		return err
	}
	if others == 0 {
		if r.KeepLogin, err = s.providerIDs(ctx); err != nil {
			return err
		}
	}
	_, err = s.disconnect(ctx, r, func(ctx context.Context) error { return s.canLogIn(ctx, c.UserID) })
	return err
}

// checkRemoval returns what removals have to pass by the signed-in user, nil for nothing.
// They need another proof of who they are, errNotFresh without, where a single way to log in
// is left then: who holds that one keeps the account. Beside connections so many are left.
func (s *Social) checkRemoval(ctx context.Context, others int) (check func(removes, leaves []vault.Removed) error, err error) {
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
		if ways(removes) > 0 && others+ways(leaves) == 1 {
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
	return s.disconnect(ctx, r, func(context.Context) error { return nil })
}

// disconnect calls after in the transaction too, when the connections are gone.
func (s *Social) disconnect(ctx context.Context, r vault.Removal, after func(ctx context.Context) error) ([]vault.Connection, error) {
	gone, err := s.vault.DisconnectWith(ctx, r, func(ctx context.Context, removed []vault.Removed) error {
		if err := after(ctx); err != nil {
			return err
		}
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
	others, err := s.otherLogins(ctx, userID)
	if err != nil || others > 0 {
		return false, err
	}
	n, err := s.countUsable(ctx, userID, func(c *vault.Connection) bool { return c.ID != connectionID })
	return err == nil && n == 0, err
}

// otherLogins returns how many ways to log in the user has beside connections.
func (s *Social) otherLogins(ctx context.Context, userID string) (int, error) {
	if s.logins == nil {
		return 0, nil
	}
	return s.logins.WaysIn(ctx, userID)
}

// canLogIn returns vault.ErrLastLogin for a user without any way to log in. In a transaction
// it sees what has been removed by another one since the removal was decided: the last
// passkey, for instance.
func (s *Social) canLogIn(ctx context.Context, userID string) error {
	n, err := s.otherLogins(ctx, userID)
	if err == nil && n == 0 {
		n, err = s.usableConnections(ctx, userID)
	}
	if err == nil && n == 0 {
		err = vault.ErrLastLogin
	}
	return err
}

// usableConnections returns through how many connections the user can log in.
func (s *Social) usableConnections(ctx context.Context, userID string) (int, error) {
	return s.countUsable(ctx, userID, func(*vault.Connection) bool { return true })
}

func (s *Social) countUsable(ctx context.Context, userID string, counts func(*vault.Connection) bool) (n int, err error) {
	connections, err := s.vault.Connections(ctx, userID, "")
	if err != nil {
		return 0, err
	}
	usable, err := s.providerIDs(ctx)
	if err != nil {
		return 0, err
	}
	for i := range connections {
		if counts(&connections[i]) && slices.Contains(usable, connections[i].ProviderID) {
			n++
		}
	}
	return n, nil
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
