package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/vault"
)

const (
	loginTTL     = 10 * time.Minute
	purposeLogin = "login"
)

// factorDue returns the page that a user has to go to before a log-in is written,
// "" when there is none. userID is "" for a person who signs up.
func (s *Social) factorDue(ctx context.Context, passed bool, userID string) (page string, err error) {
	if s.factors == nil || passed {
		return "", nil
	}
	return s.factors.RequireFactor(ctx, userID)
}

// waiting is a log-in that waits for a second factor, beside its grant.
type waiting struct {
	userID string // "" of a person who signs up
	next   string
	form   *SignUpForm // of a sign-up by a form
}

const waitingVersion = 1

// holdLogin keeps a log-in that waits for a second factor, and returns the token
// that finds it.
func (s *Social) holdLogin(ctx context.Context, g *oauth.Grant, w waiting) (token string, err error) {
	var e keyring.Encoder
	e.Byte(waitingVersion)
	e.Text(w.next)
	e.Bool(w.form != nil)
	if w.form != nil {
		e.Text(w.form.Email)
		e.Text(w.form.Username)
		e.Text(w.form.Password.Reveal())
	}
	return s.vault.Hold(ctx, vault.Held{Purpose: purposeLogin, UserID: w.userID, Grant: g, Data: e}, loginTTL)
}

// waitingLogin returns what holdLogin kept, or ErrNoLogin.
func (s *Social) waitingLogin(ctx context.Context, token string) (*oauth.Grant, waiting, error) {
	held, err := s.vault.Held(ctx, purposeLogin, token)
	if err != nil {
		return nil, waiting{}, noLogin(err)
	}
	d := keyring.NewDecoder(held.Data)
	known := d.Byte() == waitingVersion
	w := waiting{userID: held.UserID, next: d.Text()}
	if d.Bool() {
		w.form = &SignUpForm{Email: d.Text(), Username: d.Text(), Password: secret.Text(d.Text())}
	}
	if !known || !d.Whole() {
		return nil, waiting{}, ErrNoLogin
	}
	return held.Grant, w, nil
}

func (s *Social) takeLogin(ctx context.Context, token string) error {
	_, err := s.vault.TakeHeld(ctx, purposeLogin, token)
	return noLogin(err)
}

func noLogin(err error) error {
	if errors.Is(err, vault.ErrNoOneTime) {
		return ErrNoLogin
	}
	return err
}
