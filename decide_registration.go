package social

import (
	"context"

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

// A registerError is an error of Registrar.Register.
type registerError struct{ error }

func (e *registerError) Unwrap() error { return e.error }

// register makes an account and connects the grant to it. It returns a
// *registerError, or an error of vault.Vault.Connect.
func (s *Social) register(ctx context.Context, g *oauth.Grant, form SignUpForm, emailProved bool) (vault.Connection, error) {
	userID, err := s.registrar.Register(ctx, registration(g, form, emailProved))
	if err != nil {
		return vault.Connection{}, &registerError{err}
	}
	return s.vault.Connect(ctx, userID, g)
}

// decideRegistration makes an account without a provider and begins its session,
// in one transaction where the store can.
func (s *Social) decideRegistration(ctx context.Context, r identity.Registration, session session) (userID string, err error) {
	if preparer, ok := s.registrar.(Preparer); ok {
		if ctx, err = preparer.PrepareRegister(ctx, r); err != nil {
			return "", err
		}
	}
	err = s.inOptimisticTx(ctx, func(ctx context.Context) error {
		if userID, err = s.registrar.Register(ctx, r); err != nil {
			return err
		}
		return session.start(ctx, userID, "")
	})
	return userID, err
}
