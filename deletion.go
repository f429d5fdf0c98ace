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
// Who may ask for it is the application's to decide. An application that
// deletes its users itself calls Vault().Forget instead.
func (s *Social) DeleteUser(ctx context.Context, userID string) error {
	deleter, ok := s.cfg.Users.(Deleter)
	if !ok {
		return errors.New("social: Config.Users cannot delete users")
	}
	gone, err := s.vault.Forget(ctx, userID, func(ctx context.Context) error { return deleter.Delete(ctx, userID) })
	// Without transactions connections may be gone and the user there still.
	s.reportRemoved(ctx, userID, gone)
	if err != nil {
		return fmt.Errorf("social: deleting a user: %w", err)
	}
	s.emit(ctx, AccountDeleted{UserID: userID})
	return nil
}
