package social

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/onetime"
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

// waiting is a log-in that waits for a second factor or a sign-up form, beside its
// grant.
type waiting struct {
	userID   string // "" of a person who signs up
	next     string
	remember bool
	signUp   string      // the ID of a PendingConnection that waits for this log-in
	form     *SignUpForm // of a sign-up by a form, when that has been sent; to be confirmed, its address alone
}

const waitingVersion = 1

// holdLogin keeps a log-in that waits for a second factor, and returns the token
// that finds it.
func (s *Social) holdLogin(ctx context.Context, g *oauth.Grant, w waiting) (token string, err error) {
	return s.vault.Hold(ctx, vault.Held{Purpose: purposeLogin, UserID: w.userID, Grant: g, Data: w.encode()}, loginTTL)
}

// encode writes everything but the user, who is the row's.
func (w waiting) encode() []byte {
	var e keyring.Encoder
	e.Byte(waitingVersion)
	e.Text(w.next)
	e.Bool(w.remember)
	e.Text(w.signUp)
	e.Bool(w.form != nil)
	if w.form != nil {
		e.Text(w.form.Email)
		e.Text(w.form.Username)
		e.Text(w.form.Password.Reveal())
	}
	return e
}

func decodeWaiting(b []byte) (w waiting, ok bool) {
	d := keyring.NewDecoder(b)
	known := d.Byte() == waitingVersion
	w = waiting{next: d.Text(), remember: d.Bool(), signUp: d.Text()}
	if d.Bool() {
		w.form = &SignUpForm{Email: d.Text(), Username: d.Text(), Password: secret.Text(d.Text())}
	}
	return w, known && d.Whole()
}

// waitingLogin returns what holdLogin kept, or ErrNoLogin.
func (s *Social) waitingLogin(ctx context.Context, token string) (*oauth.Grant, waiting, error) {
	held, err := s.vault.Held(ctx, purposeLogin, token)
	if err != nil {
		return nil, waiting{}, noLogin(err)
	}
	w, ok := decodeWaiting(held.Data)
	if !ok {
		return nil, waiting{}, ErrNoLogin
	}
	w.userID = held.UserID
	return held.Grant, w, nil
}

func (s *Social) takeLogin(ctx context.Context, token string) error {
	_, err := s.vault.TakeHeld(ctx, purposeLogin, token)
	return noLogin(err)
}

func noLogin(err error) error {
	if errors.Is(err, onetime.ErrNone) {
		return ErrNoLogin
	}
	return err
}
