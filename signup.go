package social

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

const (
	signUpCookie  = "social_signup_"
	signUpPurpose = "signup"
	parcelTTL     = 30 * time.Minute
)

// ErrNoSignUp: this browser has no unfinished sign-up through the provider, or
// it has taken longer than 30 minutes.
var ErrNoSignUp = errors.New("social: no unfinished sign-up")

// A PendingSignUp is what a log-in by somebody unknown left behind.
type PendingSignUp struct {
	Provider oauth.Description
	Profile  oauth.Profile // without Raw
}

// A SignUpForm is what somebody entered to finish a sign-up. Username may be
// empty, and so may Password: the account then has none.
type SignUpForm struct {
	Email    string
	Username string
	Password secret.Text
}

func (f SignUpForm) registration() identity.Registration {
	return identity.Registration{Email: f.Email, Username: f.Username, Password: f.Password}
}

// A SignedUp is the end of a sign-up: the new user, and where to go now.
type SignedUp struct {
	UserID string
	Next   string
}

// PendingSignUp returns this browser's unfinished sign-up through a provider,
// or ErrNoSignUp.
func (s *Social) PendingSignUp(r *http.Request, providerID string) (*PendingSignUp, error) {
	p, ok := s.providers[providerID]
	if !ok || s.cfg.SignUp == Refuse {
		return nil, ErrNoSignUp
	}
	id, _, err := s.parcel(r, providerID)
	if err != nil {
		return nil, err
	}
	held, err := s.vault.Held(r.Context(), signUpPurpose, id)
	if err != nil {
		return nil, noParcel(err)
	}
	return &PendingSignUp{Provider: p.Description, Profile: held.Grant.Profile}, nil
}

// CompleteSignUp makes an account, connects what the log-in left behind, and
// signs the new user in, in one transaction where the store can. The caller
// goes on to SignedUp.Next.
//
// Errors: ErrNoSignUp; vault.ErrTaken when the provider's account was connected
// meanwhile; what Registrar.Register refuses, such as an e-mail address that is
// taken; what Users.SignIn refuses.
func (s *Social) CompleteSignUp(w http.ResponseWriter, r *http.Request, providerID string, form SignUpForm) (SignedUp, error) {
	if _, ok := s.providers[providerID]; !ok || s.cfg.SignUp == Refuse {
		return SignedUp{}, ErrNoSignUp
	}
	id, wanted, err := s.parcel(r, providerID)
	if err != nil {
		return SignedUp{}, err
	}
	ctx := r.Context()
	if p, ok := s.registrar.(Preparer); ok {
		if ctx, err = p.PrepareRegister(ctx, form.registration()); err != nil {
			return SignedUp{}, err
		}
	}
	var made account
	next, err := s.signIn(ctx, w, r, providerID, func(ctx context.Context) (string, error) {
		held, err := s.vault.Held(ctx, signUpPurpose, id)
		if err != nil {
			return "", noParcel(err)
		}
		g := held.Grant
		if g.ProviderID != providerID {
			return "", ErrNoSignUp
		}
		made, err = s.register(ctx, g, form)
		if err != nil {
			return "", err
		}
		// Last, so that a refused field leaves it to try again.
		if _, err := s.vault.TakeHeld(ctx, signUpPurpose, id); err != nil {
			return "", noParcel(err)
		}
		return made.userID, nil
	})
	if err != nil {
		return SignedUp{}, err
	}
	s.jar.Clear(w, signUpCookie+providerID)
	if !WantsJSON(r) {
		s.Flash(w, r, FlashSuccess, Message{Code: CodeAccountCreated})
	}
	s.announce(ctx, made)
	if next != "" {
		return SignedUp{made.userID, dueFirst(next, wanted)}, nil
	}
	s.emit(ctx, LoginCompleted{ProviderID: providerID, UserID: made.userID})
	return SignedUp{made.userID, first(wanted, s.left(w, r, s.cfg.PostLoginSessionKey), s.cfg.PostLogin)}, nil
}

// An account is one just made, with its connection.
type account struct {
	userID     string
	connection vault.Connection
}

// register makes an account and connects the grant to it.
func (s *Social) register(ctx context.Context, g *oauth.Grant, form SignUpForm) (account, error) {
	r := form.registration()
	r.EmailVerified = s.vouched(g) && fold.ASCII(form.Email) == fold.ASCII(g.Profile.Email)
	r.ProviderID, r.DisplayName, r.FullName = g.ProviderID, g.Profile.DisplayName, g.Profile.FullName
	r.ProfileURL, r.ImageURL = g.Profile.ProfileURL, g.Profile.ImageURL
	userID, err := s.registrar.Register(ctx, r)
	if err != nil {
		return account{}, err
	}
	c, err := s.vault.Connect(ctx, userID, g)
	return account{userID, c}, err
}

func (s *Social) announce(ctx context.Context, made account) {
	s.emit(ctx, AccountCreated{UserID: made.userID, ProviderID: made.connection.ProviderID})
	s.emit(ctx, ConnectionCreated{UserID: made.userID, Connection: made.connection})
}

// autoSignUp makes an account at once. Of many requests with one identity the
// first makes it, and the others log in to it.
func (v *visit) autoSignUp(ctx context.Context, f *flow, g *oauth.Grant) {
	var made account
	next, err := v.signIn(ctx, v.w, v.r, v.provider.ID, func(ctx context.Context) (string, error) {
		// Asked again inside, where a store that lets one transaction write at a
		// time shows what the winner did.
		_, err := v.vault.ByIdentity(ctx, g.ProviderID, g.Profile.Subject)
		if err == nil {
			return "", vault.ErrTaken
		}
		if !errors.Is(err, vault.ErrNoConnection) {
			return "", err
		}
		made, err = v.register(ctx, g, SignUpForm{Email: g.Profile.Email})
		return made.userID, err
	})
	var field interface{ Taken() bool }
	var throttled interface{ Wait() time.Duration }
	switch {
	case err == nil:
		v.announce(ctx, made)
		if !v.json {
			v.Flash(v.w, v.r, FlashSuccess, Message{Code: CodeAccountCreated})
		}
		v.signedIn(ctx, f.next, made.userID, next)
	case errors.Is(err, vault.ErrTaken), errors.As(err, &field) && field.Taken():
		v.logInOrRefuse(ctx, f, g)
	case errors.As(err, &field):
		// The provider's address is none that the application takes.
		v.offerSignUp(ctx, f, g)
	case errors.As(err, &throttled):
		if c, err := v.winner(ctx, g); err == nil {
			v.logInAs(ctx, f, c, g)
			return
		}
		v.throttled(throttled.Wait())
	default:
		v.notSignedIn(err)
	}
}

// offerSignUp keeps the grant and sends the browser to the form.
func (v *visit) offerSignUp(ctx context.Context, f *flow, g *oauth.Grant) {
	id, err := v.vault.Hold(ctx, vault.Held{Purpose: signUpPurpose, Grant: g}, parcelTTL)
	if err != nil {
		v.fail(err)
		return
	}
	if err := v.jar.Set(v.w, signUpCookie+v.provider.ID, []byte(id+"\x00"+f.next), parcelTTL); err != nil {
		v.fail(err)
		return
	}
	v.unassociated(ctx, g, v.cfg.RegisterPage+"/"+v.provider.ID+"?login_failed=1")
}

// parcel returns what the browser remembers of an unfinished sign-up.
func (s *Social) parcel(r *http.Request, providerID string) (id, next string, err error) {
	value, err := s.jar.Get(r, signUpCookie+providerID)
	if err != nil {
		return "", "", ErrNoSignUp
	}
	id, next, _ = strings.Cut(string(value), "\x00")
	return id, next, nil
}

func noParcel(err error) error {
	if errors.Is(err, vault.ErrNoOneTime) {
		return ErrNoSignUp
	}
	return err
}
