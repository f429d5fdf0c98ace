package social

import (
	"context"
	"errors"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/fold"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// registration returns what a registration through a provider consists of.
func registration(g *oauth.Grant, form SignUpForm, emailProved bool) identity.Registration {
	p := &g.Profile
	return identity.Registration{
		Email: form.Email, Username: form.Username, Password: form.Password,
		EmailVerified: emailProved && fold.ASCII(form.Email) == fold.ASCII(p.Email),
		ProviderID:    g.ProviderID,
		DisplayName:   p.DisplayName, FullName: p.FullName, ProfileURL: p.ProfileURL, ImageURL: p.ImageURL,
	}
}

// register makes an account and connects the grant to it.
func (s *Social) register(ctx context.Context, g *oauth.Grant, form SignUpForm, emailProved bool) (vault.Connection, error) {
	userID, err := s.registrar.Register(ctx, registration(g, form, emailProved))
	if err != nil {
		return vault.Connection{}, err
	}
	return s.vault.Connect(ctx, userID, g)
}

// decideSignUp finishes the sign-up that token names: it makes the account,
// connects the grant that was held and begins the session, in one transaction
// where the store can. Errors are those of CompleteSignUp.
func (s *Social) decideSignUp(ctx context.Context, token, providerID string, form SignUpForm, session session) (string, error) {
	g, err := s.heldSignUp(ctx, token, providerID)
	if err != nil {
		return "", err
	}
	proved, err := s.emailProved(ctx, g)
	if err != nil {
		return "", err
	}
	if p, ok := s.registrar.(Preparer); ok {
		if ctx, err = p.PrepareRegister(ctx, registration(g, form, proved)); err != nil {
			return "", err
		}
	}
	var made vault.Connection
	err = s.inTx(ctx, func(ctx context.Context) error {
		if made, err = s.register(ctx, g, form, proved); err != nil {
			return err
		}
		// Taken late, so that a refused field leaves it to try again.
		if _, err := s.vault.TakeHeld(ctx, purposeSignUp, token); err != nil {
			return noSignUp(err)
		}
		return session.start(ctx, made.UserID)
	})
	if err != nil {
		return "", err
	}
	s.reportLogin(ctx, g, loginDecision{kind: loginSignedUp, userID: made.UserID, made: made})
	return made.UserID, nil
}

// purposeSignUp is the purpose of a grant that is held for a sign-up.
const purposeSignUp = "signup"

// heldSignUp returns the grant of an unfinished sign-up, or ErrNoSignUp.
func (s *Social) heldSignUp(ctx context.Context, token, providerID string) (*oauth.Grant, error) {
	held, err := s.vault.Held(ctx, purposeSignUp, token)
	if err != nil {
		return nil, noSignUp(err)
	}
	if held.Grant.ProviderID != providerID {
		return nil, ErrNoSignUp
	}
	return held.Grant, nil
}

func noSignUp(err error) error {
	if errors.Is(err, vault.ErrNoOneTime) {
		return ErrNoSignUp
	}
	return err
}

// decideRegistration makes an account without a provider and begins its session,
// in one transaction where the store can.
func (s *Social) decideRegistration(ctx context.Context, r identity.Registration, session session) (userID string, err error) {
	if preparer, ok := s.registrar.(Preparer); ok {
		if ctx, err = preparer.PrepareRegister(ctx, r); err != nil {
			return "", err
		}
	}
	err = s.inTx(ctx, func(ctx context.Context) error {
		if userID, err = s.registrar.Register(ctx, r); err != nil {
			return err
		}
		return session.start(ctx, userID)
	})
	return userID, err
}
