package social

import (
	"errors"
	"net/http"

	"github.com/gosocial/social/identity"
)

// Register makes an account for a visitor who registers without a provider, by
// password for instance, and signs the new user in, in one transaction where the
// store can: when no session begins, there is no account either. Where Users does
// not join that transaction the account stays, and its owner can log in to it. Users
// must be a Registrar. Errors are those of Registrar.Register and Users.SignIn.
func (s *Social) Register(w http.ResponseWriter, r *http.Request, reg identity.Registration) (userID string, err error) {
	if s.registrar == nil {
		return "", errors.New("social: Config.Users cannot register users")
	}
	session := s.browserSession(w, r, identity.SignIn{Via: identity.ViaPassword})
	userID, err = s.decideRegistration(r.Context(), reg, session)
	if err != nil {
		session.undo()
		return "", err
	}
	return userID, nil
}
