package accounts

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// Usernames is whether accounts have usernames in addition to e-mail addresses.
type Usernames string

const (
	// UsernamesOff: no new account has one, and none is changed. Users who already have
	// one can still log in with it.
	UsernamesOff Usernames = "off"
	// UsernamesOptional: an account may have one.
	UsernamesOptional Usernames = "optional"
	// UsernamesRequired: each new account has one, and users cannot remove theirs. Existing
	// users without one do not need one.
	UsernamesRequired Usernames = "required"
)

func (n Usernames) known() bool {
	return n == UsernamesOff || n == UsernamesOptional || n == UsernamesRequired
}

// AsksUsername reports whether an account may have a username, and whether a new one has
// to: see Config.Usernames.
func (a *Accounts) AsksUsername() (asked, required bool) {
	n := a.config.Usernames
	return n != UsernamesOff, n == UsernamesRequired
}

// checkUsername checks the username of a new account, or a new one of an existing account.
func (a *Accounts) checkUsername(username string) error {
	switch asked, required := a.AsksUsername(); {
	case username == "" && required:
		return wrongUsername(CodeUsernameRequired)
	case username != "" && !asked:
		return wrongUsername(CodeUsernameOff)
	}
	return checkUsername(username)
}

// ChangeUsername gives the signed-in user another username, or none when it is "", and
// ends their other sessions and all mailed links. A mail confirms it to them. It takes a
// recent proof of who they are: with a stolen session alone, an intruder could end the
// owner's sessions and change the name that they log in with.
//
// It returns ErrOff with UsernamesOff, ErrNotSignedIn, ErrNotFresh, and *FieldError for a
// username that is refused or taken, and for none with UsernamesRequired, or where the user
// has no e-mail address to log in with.
func (a *Accounts) ChangeUsername(r *http.Request, username string) error {
	if asked, _ := a.AsksUsername(); !asked {
		return ErrOff
	}
	ctx := r.Context()
	if err := a.requireFresh(ctx); err != nil {
		return err
	}
	username = strings.Trim(username, " ")
	if err := a.checkUsername(username); err != nil {
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
