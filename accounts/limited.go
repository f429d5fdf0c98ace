package accounts

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	factorWithin = 10 * time.Minute // to show a second factor
	setupWithin  = time.Hour        // to set one up
)

// A beginning is what a session that is to begin is limited to, and how its browser is
// trusted.
type beginning struct {
	limitedTo string
	lasts     time.Duration // of a limited session
	device    *Session      // the browser is trusted
	proof     *factorProof  // the second factor was shown in this request
}

// begin decides what a session of a user who has proved who they are is limited to. All
// log-ins ask here: by password, mailed link and provider. before is the limited session
// that it follows, or nil.
func (a *Accounts) begin(r *http.Request, u *User, before *Session) (b beginning, err error) {
	if b, err = a.beginFactor(r, u, before); err != nil || b.limitedTo == LimitedToFactor {
		return b, err
	}
	if !u.DeletionAt.IsZero() {
		b.limitedTo, b.lasts = LimitedToDeletion, keepWithin
	}
	return b, nil
}

// beginFactor decides about the second factor.
func (a *Accounts) beginFactor(r *http.Request, u *User, before *Session) (b beginning, err error) {
	ctx := r.Context()
	if b.proof = a.provedFactor(ctx, u.Tenant, u.ID); b.proof != nil {
		return b, nil
	}
	factors, err := a.factorsFor(r, u)
	switch {
	case err != nil:
		return b, err
	case factors.has && before != nil && before.LimitedTo == LimitedToDeletion:
		// It was shown before that one began, and nobody adds one while it lasts.
	case factors.has:
		if b.device = factors.device; b.device == nil {
			b.limitedTo, b.lasts = LimitedToFactor, factorWithin
		}
	case a.requiresFactor(u):
		b.limitedTo, b.lasts = LimitedToSetup, setupWithin
	}
	return b, nil
}

// limited returns the request's session if it is one of these Accounts and limited to
// this.
func (a *Accounts) limited(ctx context.Context, to string) *Session {
	if c := requestOf(ctx); c == nil || c.accounts != a {
		return nil
	}
	if s := LimitedSession(ctx); s != nil && s.LimitedTo == to {
		return s
	}
	return nil
}

// FinishFactor signs the user in whose session is limited to LimitedToFactor, when they
// show the second factor: a whole session begins in its place, with a new token.
//
// It returns ErrNotSignedIn when no such session waits, ErrFactor for what does not prove,
// *ThrottledError and ErrInactive.
func (a *Accounts) FinishFactor(w http.ResponseWriter, r *http.Request, answer FactorAnswer) error {
	s := a.limited(r.Context(), LimitedToFactor)
	if s == nil {
		return ErrNotSignedIn
	}
	r, err := a.ProveFactor(r, s.UserID, answer)
	if err != nil {
		return err
	}
	return a.finishLimited(w, r, s)
}

// finishLimited begins a whole session in place of one that is limited.
func (a *Accounts) finishLimited(w http.ResponseWriter, r *http.Request, s *Session) error {
	u, err := a.User(r.Context(), s.UserID)
	if err != nil {
		return err
	}
	err = a.startSessionAs(w, r, u, signInOf(s), start{before: s})
	if errors.Is(err, errProofChanged) {
		err = ErrNotSignedIn
	}
	return err
}

// limitedPage returns the page that a user with this limited session goes to, or "".
func (a *Accounts) limitedPage(s *Session) string {
	switch {
	case s == nil:
		return ""
	case s.LimitedTo == LimitedToFactor:
		return a.config.FactorPage
	case s.LimitedTo == LimitedToSetup:
		return a.config.FactorSetupPage
	case s.LimitedTo == LimitedToDeletion:
		return a.config.DeletionPage
	}
	return ""
}
