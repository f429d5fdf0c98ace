package social

import (
	"context"
	"errors"
	"fmt"
)

// DeleteUser deletes a user's account with all their connections, in one
// transaction where the store can, and tells the providers to end the tokens;
// see vault.Vault.Forget. Users must be a Deleter. Errors are those of
// Deleter.Delete.
//
// The application decides who may ask for it. An application that
// deletes its users itself calls Vault().Forget instead.
func (s *Social) DeleteUser(ctx context.Context, userID string) error {
	deleter, ok := s.cfg.Users.(Deleter)
	if !ok {
		return errors.New("social: Config.Users cannot delete users")
	}
	return s.deleteUser(ctx, userID, func(ctx context.Context) error { return deleter.Delete(ctx, userID) })
}

// deleteUser removes the connections of a user whom deleteUser deletes.
func (s *Social) deleteUser(ctx context.Context, userID string, deleteUser func(ctx context.Context) error) error {
	deleted := AccountDeleted{UserID: userID}
	err := s.forget(ctx, userID, func(ctx context.Context) error {
		if err := deleteUser(ctx); err != nil {
			return err
		}
		return s.record(ctx, deleted)
	})
	if err != nil {
		return fmt.Errorf("social: deleting a user: %w", err)
	}
	s.emit(ctx, deleted)
	return nil
}
