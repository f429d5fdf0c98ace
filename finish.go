package social

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

const (
	loginCookie  = "social_login"
	loginTTL     = 10 * time.Minute
	purposeLogin = "login"
)

// ErrNoLogin: this browser has no log-in that waits for the user, or it has
// waited longer than 10 minutes.
var ErrNoLogin = errors.New("social: no log-in waits here")

// A PendingLogin is a log-in through a provider that waits for a second factor.
// Nothing of it is written yet: no session has begun, and no account is linked.
type PendingLogin struct {
	UserID   string
	Provider oauth.Description
	Profile  oauth.Profile // without Raw
}

// PendingLogin returns this browser's log-in that waits for a second factor, or
// ErrNoLogin. The page that FactorRequirer named asks it whose factor to check.
func (s *Social) PendingLogin(r *http.Request) (*PendingLogin, error) {
	ctx := r.Context()
	token, _, err := s.loginToken(r)
	if err != nil {
		return nil, err
	}
	held, err := s.vault.Held(ctx, purposeLogin, token)
	if err != nil {
		return nil, noLogin(err)
	}
	p, err := s.open(ctx, held.Grant.ProviderID)
	if err != nil {
		return nil, err
	}
	return &PendingLogin{UserID: held.UserID, Provider: p.Description, Profile: held.Grant.Profile}, nil
}

// Finish completes this browser's log-in through a provider when the user has
// passed the second factor: who the identity belongs to is decided again and
// written, and the session begins, in one transaction where the store can. The
// application calls it after it has checked the factor of userID itself; a
// log-in finishes once. The caller goes on to SignedIn.Next.
//
// Errors: ErrNoLogin, also when the log-in waits for another user or the
// identity has become another user's since; what Users.SignIn refuses.
func (s *Social) Finish(w http.ResponseWriter, r *http.Request, userID string) (SignedIn, error) {
	ctx := r.Context()
	token, next, err := s.loginToken(r)
	if err != nil {
		return SignedIn{}, err
	}
	// Looked at first, so that a wrong user takes nothing away.
	held, err := s.vault.Held(ctx, purposeLogin, token)
	if err == nil && (userID == "" || held.UserID != userID) {
		return SignedIn{}, ErrNoLogin
	}
	if err == nil {
		held, err = s.vault.TakeHeld(ctx, purposeLogin, token)
	}
	if err != nil {
		return SignedIn{}, noLogin(err)
	}
	g := held.Grant
	s.jar.Clear(w, loginCookie)
	// What the provider granted may have ended the tokens there were.
	ctx = context.WithoutCancel(ctx)
	session := s.browserSession(w, r, g.ProviderID)
	d, err := s.decideLogin(ctx, login{grant: g, session: session, proved: userID})
	if err == nil && d.signsIn() {
		return SignedIn{userID, first(next, s.takeReturn(w, r, s.cfg.PostLoginSessionKey), s.cfg.PostLogin)}, nil
	}
	session.undo()
	if err == nil || errors.Is(err, errOtherUser) {
		err = ErrNoLogin
	}
	return SignedIn{}, err
}

// holdLogin keeps a log-in that waits for the user's second factor.
func (s *Social) holdLogin(ctx context.Context, w http.ResponseWriter, g *oauth.Grant, userID, next string) error {
	token, err := s.vault.Hold(ctx, vault.Held{Purpose: purposeLogin, UserID: userID, Grant: g}, loginTTL)
	if err != nil {
		return err
	}
	return s.jar.Set(w, loginCookie, []byte(token+"\x00"+next), loginTTL)
}

// loginToken returns what the browser remembers of a log-in that waits.
func (s *Social) loginToken(r *http.Request) (token, next string, err error) {
	value, err := s.jar.Get(r, loginCookie)
	if err != nil {
		return "", "", ErrNoLogin
	}
	token, next, _ = strings.Cut(string(value), "\x00")
	return token, next, nil
}

func noLogin(err error) error {
	if errors.Is(err, vault.ErrNoOneTime) {
		return ErrNoLogin
	}
	return err
}
