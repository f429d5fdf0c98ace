package social

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

const (
	signUpCookie = "social_signup_"
	signUpTTL    = 30 * time.Minute
)

var accountCreated = Flash{FlashSuccess, Message{Code: CodeAccountCreated}}

// ErrNoSignUp: this browser has no unfinished sign-up through the provider, or
// it has taken longer than 30 minutes.
var ErrNoSignUp = errors.New("social: no unfinished sign-up")

// A PendingSignUp is a log-in that waits to become an account, because no user has
// its identity.
type PendingSignUp struct {
	Provider oauth.Description
	Profile  oauth.Profile // without Raw
}

// A SignUpForm is what people enter to finish a sign-up. Username may be empty,
// and so may Password: the account then has none.
type SignUpForm struct {
	Email    string
	Username string
	Password secret.Text
}

// A SignedIn is the end of a sign-up or log-in: the user, and the address to go
// to now.
type SignedIn struct {
	UserID string
	Next   string
}

// PendingSignUp returns this browser's unfinished sign-up through a provider:
// ErrNoSignUp when there is none, vault.ErrUnknownProvider without the provider.
func (s *Social) PendingSignUp(r *http.Request, providerID string) (*PendingSignUp, error) {
	ctx := r.Context()
	p, err := s.open(ctx, providerID)
	if err != nil {
		return nil, err
	}
	if s.cfg.SignUp == Refuse {
		return nil, ErrNoSignUp
	}
	token, _, err := s.signUpToken(r, providerID)
	if err != nil {
		return nil, err
	}
	g, err := s.heldSignUp(ctx, token, providerID)
	if err != nil {
		return nil, err
	}
	return &PendingSignUp{Provider: p.Description, Profile: g.Profile}, nil
}

// CompleteSignUp makes an account, connects the grant of the log-in, and signs
// the new user in, in one transaction where the store can. The caller
// goes on to SignedIn.Next.
//
// Errors: ErrNoSignUp; vault.ErrTaken when the provider's account has been
// connected since; what Registrar.Register refuses, such as an e-mail address
// that is taken; what Users.SignIn refuses.
func (s *Social) CompleteSignUp(w http.ResponseWriter, r *http.Request, providerID string, form SignUpForm) (SignedIn, error) {
	if s.cfg.SignUp == Refuse {
		return SignedIn{}, ErrNoSignUp
	}
	token, next, err := s.signUpToken(r, providerID)
	if err != nil {
		return SignedIn{}, err
	}
	session := s.browserSession(w, r, providerID)
	userID, err := s.decideSignUp(r.Context(), token, providerID, form, session)
	if err != nil {
		session.undo()
		return SignedIn{}, err
	}
	s.jar.Clear(w, signUpCookie+providerID)
	if !WantsJSON(r) {
		s.Flash(w, r, accountCreated.Category, accountCreated.Message)
	}
	return SignedIn{userID, first(next, s.takeReturn(w, r, s.cfg.PostLoginSessionKey), s.cfg.PostLogin)}, nil
}

// holdSignUp keeps a grant until its person has filled in the form.
func (s *Social) holdSignUp(ctx context.Context, w http.ResponseWriter, g *oauth.Grant, next string) error {
	token, err := s.vault.Hold(ctx, vault.Held{Purpose: purposeSignUp, Grant: g}, signUpTTL)
	if err != nil {
		return err
	}
	return s.jar.Set(w, signUpCookie+g.ProviderID, []byte(token+"\x00"+next), signUpTTL)
}

// signUpToken returns what the browser remembers of an unfinished sign-up.
func (s *Social) signUpToken(r *http.Request, providerID string) (token, next string, err error) {
	value, err := s.jar.Get(r, signUpCookie+providerID)
	if err != nil {
		return "", "", ErrNoSignUp
	}
	token, next, _ = strings.Cut(string(value), "\x00")
	return token, next, nil
}
