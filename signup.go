package social

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/internal/cookie"
	"github.com/gosocial/social/internal/nexturl"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

const signUpTTL = 30 * time.Minute

var accountCreated = Flash{FlashSuccess, Message{Code: CodeAccountCreated}}

// ErrNoSignUp: this browser has no unfinished sign-up through the provider, or it has taken
// longer than 30 minutes, or, with an address to be confirmed, than the link is good.
var ErrNoSignUp = errors.New("social: no unfinished sign-up")

// A PendingSignUp is a log-in that waits to become an account, because no user has
// its identity. A browser has one at a time: a newer one replaces it, and a log-in or
// log-out ends it. A person who has an account already goes to the log-in page with
// ?signup=ID; see PendingConnection.
type PendingSignUp struct {
	ID       string // as that of PendingConnection
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
	// Confirm says that a mail was sent, and that its link has to be opened first: see
	// EmailConfirmer. UserID is "", and Next the log-in page.
	Confirm bool
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
	at := s.signUpToFinish(r)
	g, _, err := s.heldSignUp(ctx, at.token, providerID)
	if err != nil {
		return nil, err
	}
	return &PendingSignUp{ID: at.id(), Provider: p.Description, Profile: g.Profile}, nil
}

// CompleteSignUp makes an account, connects the grant of the log-in, and signs
// the new user in, in one transaction where the store can. The caller goes on to
// SignedIn.Next. Where a FactorRequirer asks for more first, that is its page,
// SignedIn.UserID is "", and Finish does the rest. Where Users is an EmailConfirmer,
// and the provider has not proved the address, nothing is connected and no session
// begins yet: the grant that waits can be connected when the address is confirmed in this browser, or
// by another log-in that KeepSignUp follows.
//
// Errors: ErrNoSignUp; vault.ErrTaken when the provider's account has been
// connected since; what Registrar.Register refuses, such as an e-mail address
// that is taken; what Users.SignIn refuses.
func (s *Social) CompleteSignUp(w http.ResponseWriter, r *http.Request, providerID string, form SignUpForm) (SignedIn, error) {
	if s.cfg.SignUp == Refuse {
		return SignedIn{}, ErrNoSignUp
	}
	ctx := r.Context()
	token := s.signUpToFinish(r).token
	g, waits, err := s.heldSignUp(ctx, token, providerID)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := s.open(ctx, providerID)
	if err != nil {
		return SignedIn{}, err
	}
	proved := emailProved(&p.Description, g)
	if s.confirmsFirst(g, form, proved) {
		return s.signUpToConfirm(w, r, form, g, waits, nil)
	}
	session := s.browserSession(w, r, signInThrough(&p.Description, g, waits.remember))
	d, err := s.decideSignUp(ctx, signUp{
		grant: g, form: form, session: session, emailProved: proved,
		take: func(ctx context.Context) error { return s.takeSignUp(ctx, token) },
	})
	if err != nil {
		session.undo()
		return SignedIn{}, err
	}
	if d.kind == loginFactorDue {
		return s.signUpAfterFactor(ctx, w, form, g, waits, d.page)
	}
	s.endedWell(r)
	s.jar.Clear(w, cookie.SignUp)
	if !WantsJSON(r) {
		s.Flash(w, r, accountCreated.Category, accountCreated.Message)
	}
	return SignedIn{UserID: d.userID, Next: s.afterLogin(w, r, waits.next)}, nil
}

// signUpAfterFactor keeps a form that was sent until the second factor has been passed, which
// page asks for.
func (s *Social) signUpAfterFactor(ctx context.Context, w http.ResponseWriter, form SignUpForm, g *oauth.Grant, waits waiting, page string) (SignedIn, error) {
	waits.form = &form
	err := s.waitForFactor(ctx, w, g, waits)
	return SignedIn{Next: nextAfter(page, waits.next)}, err
}

// confirmsFirst reports whether the address of a sign-up has to be confirmed before it goes on.
func (s *Social) confirmsFirst(g *oauth.Grant, form SignUpForm, proved bool) bool {
	c, ok := s.registrar.(EmailConfirmer)
	return ok && c.ConfirmEmailWithin() > 0 && !registration(g, form, proved).EmailVerified
}

// signUpToConfirm makes an account that waits for its address to be confirmed, or notifies
// the owner of the address. In both cases the grant waits as long as the link is good, so
// that strangers cannot learn who has an account. The form can be sent again with another
// address. A second factor comes first: take, when not nil, takes the log-in that waited until
// it was passed.
func (s *Social) signUpToConfirm(w http.ResponseWriter, r *http.Request, form SignUpForm, g *oauth.Grant, waits waiting, take func(context.Context) error) (SignedIn, error) {
	c := s.registrar.(EmailConfirmer)
	reg := registration(g, form, false)
	ctx, old := r.Context(), s.signUpOf(r).token
	switch _, err := s.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject); {
	case err == nil:
		return SignedIn{}, vault.ErrTaken
	case !errors.Is(err, vault.ErrNoConnection):
		return SignedIn{}, err
	}
	if page, err := s.factorDue(ctx, take != nil, ""); err != nil {
		return SignedIn{}, err
	} else if page != "" {
		if c, ok := s.registrar.(RegistrationChecker); ok { // else the form would be refused after it
			if err := c.CheckRegistration(reg); err != nil {
				return SignedIn{}, err
			}
		}
		return s.signUpAfterFactor(ctx, w, form, g, waits, page)
	}
	before := slices.Clip(w.Header()["Set-Cookie"])
	if err := c.RegisterToConfirm(w, r, reg, waits.next); err != nil {
		w.Header()["Set-Cookie"] = before
		return SignedIn{}, err
	}
	at := waitingSignUp{form: true}
	waits.form = &SignUpForm{Email: reg.Email}
	// What waited before first: taking it ends the plan to revoke the grant.
	err := s.dropSignUp(ctx, old)
	if err == nil && take != nil {
		err = take(ctx)
	}
	if err == nil {
		at.token, err = s.holdSignUp(ctx, g, waits, c.ConfirmEmailWithin())
	}
	if err == nil {
		err = s.setSignUp(w, at, c.ConfirmEmailWithin())
	}
	if err != nil {
		return SignedIn{}, err
	}
	if !WantsJSON(r) {
		s.Flash(w, r, FlashSuccess, Message{CodeConfirmSent, map[string]string{ArgEmail: reg.Email}})
	}
	next := nexturl.WithNext(nexturl.With(s.cfg.LoginPage, "signup", at.id()), waits.next)
	return SignedIn{Next: next, Confirm: true}, nil
}

// afterLogin returns where a browser goes after a log-in.
func (s *Social) afterLogin(w http.ResponseWriter, r *http.Request, next string) string {
	return cmp.Or(next, s.takeReturn(w, r, s.cfg.PostLoginSessionKey), s.cfg.PostLogin)
}

// signUpToFinish returns the browser's sign-up that the form may finish. A user who
// is signed in has none: it would be another person's.
func (s *Social) signUpToFinish(r *http.Request) waitingSignUp {
	at := s.signUpOf(r)
	if !at.form || at.userID != "" || s.CurrentUser(r.Context()) != "" {
		return waitingSignUp{}
	}
	return at
}
