package accounts

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// ChangeUsername gives the signed-in user another username, or none when it is "", and
// ends their other sessions and all mailed links. A mail confirms it to them. It takes a
// recent proof of who they are: who has a stolen session could end the owner's, and the
// name that they log in with.
//
// It returns ErrNotSignedIn, ErrNotFresh, and *FieldError for a username that is refused or taken, and
// for none where the user has no e-mail address to log in with.
func (a *Accounts) ChangeUsername(r *http.Request, username string) error {
	ctx := r.Context()
	if err := a.requireFresh(ctx); err != nil {
		return err
	}
	username = strings.Trim(username, " ")
	if err := checkUsername(username); err != nil {
		return err
	}
	err := a.change(ctx, a.CurrentUser(ctx), keepingSession(CurrentSession(ctx)), func(ctx context.Context, u *User) ([]Event, error) {
		if username == "" && u.Email == "" {
			return nil, wrongUsername(CodeUsernameMissing)
		}
		u.Username = username
		return []Event{UsernameChanged{Subject: subject(ctx, u.ID)}}, nil
	})
	if errors.Is(err, ErrUsernameTaken) {
		return usernameTaken(username)
	}
	return err
}
