package social

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/oauth"
)

// ErrNoLogin: this browser has no log-in that waits for the user, or it has
// waited longer than 10 minutes.
var ErrNoLogin = errors.New("social: no log-in waits here")

// A PendingLogin is a log-in through a provider that waits for a second factor.
// Nothing of it is written yet: no session has begun, no account was made or
// linked. A browser has one at a time: a newer one replaces it.
type PendingLogin struct {
	UserID   string // "" of a person who signs up
	Provider oauth.Description
	Profile  oauth.Profile // without Raw
}

// PendingLogin returns this browser's log-in that waits for a second factor, or
// ErrNoLogin. The page that FactorRequirer named asks it whose factor to check.
func (s *Social) PendingLogin(r *http.Request) (*PendingLogin, error) {
	ctx := r.Context()
	g, w, err := s.waitingLogin(ctx, s.loginToken(r))
	if err != nil {
		return nil, err
	}
	p, err := s.open(ctx, g.ProviderID)
	if err != nil {
		return nil, err
	}
	return &PendingLogin{UserID: w.userID, Provider: p.Description, Profile: g.Profile}, nil
}

// Finish completes this browser's log-in through a provider when the user has
// passed the second factor: who the identity belongs to is decided again and
// written, and the session begins, in one transaction where the store can. The
// application calls it after it has checked the factor itself, with the UserID of
// PendingLogin; a log-in finishes once. The caller goes on to SignedIn.Next. A sign-up whose
// address has to be confirmed begins no session: SignedIn is as CompleteSignUp has it.
//
// Errors: ErrNoLogin, also when the log-in waits for another user or the
// identity has become another user's since; what Users.SignIn refuses, and for a
// sign-up those of CompleteSignUp.
func (s *Social) Finish(w http.ResponseWriter, r *http.Request, userID string) (SignedIn, error) {
	// What the provider granted may have ended the tokens there were.
	ctx := context.WithoutCancel(r.Context())
	token := s.loginToken(r)
	g, waits, err := s.waitingLogin(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	if waits.userID != userID {
		return SignedIn{}, ErrNoLogin
	}
	p, err := s.open(ctx, g.ProviderID)
	if err != nil {
		return SignedIn{}, err
	}
	take := func(ctx context.Context) error { return s.takeLogin(ctx, token) }
	proved := emailProved(&p.Description, g)
	if waits.form != nil && s.confirmsFirst(g, *waits.form, proved) {
		done, err := s.signUpToConfirm(w, r, *waits.form, g, waits, take)
		if err != nil {
			return SignedIn{}, err
		}
		s.jar.Clear(w, cookie.Login)
		return done, nil
	}
	session := s.browserSession(w, r, signInThrough(&p.Description, g, waits.remember))
	var d loginDecision
	if waits.form != nil {
		d, err = s.decideSignUp(ctx, signUp{grant: g, form: *waits.form, session: session, emailProved: proved, passed: true, take: take})
	} else {
		d, err = s.decideLogin(ctx, login{grant: g, session: session, emailProved: proved, passed: true, userID: userID, take: take})
	}
	if d.signsIn() {
		s.endedWell(r)
		next, err := s.endOrKeepSignUp(w, r, waits.signUp, d.userID)
		if err != nil {
			return SignedIn{}, err
		}
		if next == "" {
			next = s.afterLogin(w, r, waits.next)
		}
		return SignedIn{UserID: d.userID, Next: next}, nil
	}
	session.undo()
	if err == nil || errors.Is(err, errOtherUser) {
		err = ErrNoLogin
	}
	return SignedIn{}, err
}

// waitForFactor keeps a log-in for this browser until the user has passed the
// second factor.
func (s *Social) waitForFactor(ctx context.Context, w http.ResponseWriter, g *oauth.Grant, waits waiting) error {
	token, err := s.holdLogin(ctx, g, waits)
	if err != nil {
		return err
	}
	return s.jar.Set(w, cookie.Login, []byte(token), loginTTL)
}

// loginToken returns the token of the browser's log-in that waits, or "".
func (s *Social) loginToken(r *http.Request) string {
	value, _ := s.jar.Get(r, cookie.Login)
	return string(value)
}
