package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
	"github.com/gosocial/social/vault"
)

// A signUp is a sign-up through a provider by a form.
type signUp struct {
	grant       *oauth.Grant
	form        SignUpForm
	session     session
	emailProved bool // as in login
	passed      bool // the second factor that was due has been passed
	// take takes the row that waited for the sign-up, in the transaction.
	take func(ctx context.Context) error
}

// decideSignUp makes an account, connects the grant to it and begins the session,
// in one transaction where the store can; or finds that a second factor is due
// first. Errors are those of CompleteSignUp.
func (s *Social) decideSignUp(ctx context.Context, u signUp) (loginDecision, error) {
	if p, ok := s.registrar.(Preparer); ok {
		var err error
		if ctx, err = p.PrepareRegister(ctx, registration(u.grant, u.form, u.emailProved)); err != nil {
			return loginDecision{}, err
		}
	}
	if page, err := s.factorDue(ctx, u.passed, ""); err != nil || page != "" {
		return loginDecision{kind: loginFactorDue, page: page}, err
	}
	var d loginDecision
	err := s.inOptimisticTx(ctx, func(ctx context.Context) (err error) {
		made, err := s.register(ctx, u.grant, u.form, u.emailProved)
		if err != nil {
			return err
		}
		// Taken late, so that a refused field leaves it to try again.
		if err := u.take(ctx); err != nil {
			return err
		}
		if err := u.session.start(ctx, made.UserID, made.ID); err != nil {
			return err
		}
		d = loginDecision{kind: loginSignedUp, userID: made.UserID, made: made}
		return s.recordLogin(ctx, u.grant, &d)
	})
	if err != nil {
		return loginDecision{}, err
	}
	s.reportLogin(ctx, u.grant, d)
	return d, nil
}

// purposeSignUp is the purpose of a grant that is held for a sign-up.
const purposeSignUp = "signup"

// holdSignUp keeps a grant until its person has filled in the form, with what the
// log-in asked for, and returns the token that finds it.
func (s *Social) holdSignUp(ctx context.Context, g *oauth.Grant, w waiting, lasts time.Duration) (token string, err error) {
	return s.vault.Hold(ctx, vault.Held{Purpose: purposeSignUp, Grant: g, Data: w.encode()}, lasts)
}

// heldSignUp returns what holdSignUp kept, or ErrNoSignUp. providerID is the provider it
// has to be of; "" is any.
func (s *Social) heldSignUp(ctx context.Context, token, providerID string) (*oauth.Grant, waiting, error) {
	if token == "" {
		return nil, waiting{}, ErrNoSignUp
	}
	held, err := s.vault.Held(ctx, purposeSignUp, token)
	if err != nil {
		return nil, waiting{}, noSignUp(err)
	}
	w, ok := decodeWaiting(held.Data)
	if !ok || providerID != "" && held.Grant.ProviderID != providerID {
		return nil, waiting{}, ErrNoSignUp
	}
	return held.Grant, w, nil
}

func (s *Social) takeSignUp(ctx context.Context, token string) error {
	_, err := s.vault.TakeHeld(ctx, purposeSignUp, token)
	return noSignUp(err)
}

// dropSignUp is takeSignUp for a row that may be gone.
func (s *Social) dropSignUp(ctx context.Context, token string) error {
	if err := s.takeSignUp(ctx, token); !errors.Is(err, ErrNoSignUp) {
		return err
	}
	return nil
}

func noSignUp(err error) error {
	if errors.Is(err, onetime.ErrNone) {
		return ErrNoSignUp
	}
	return err
}
