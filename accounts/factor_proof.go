package accounts

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/internal/tenant"
)

// readFactors is what RequireFactor has read of a user for a log-in that goes on. The
// session that begins then, in the same transaction, need not read it again.
type readFactors struct {
	accounts       *Accounts
	tenant, userID string
	has            bool
	device         *Session // by which the user trusts the browser, or nil
}

// factorsFor returns whether the user has a second factor and, if so, by which row they
// trust the browser of the request. It uses what RequireFactor has read once.
func (a *Accounts) factorsFor(r *http.Request, u *User) (read readFactors, err error) {
	ctx := r.Context()
	if c := requestOf(ctx); c != nil {
		if read := c.factors.Swap(nil); read != nil && read.accounts == a && read.tenant == u.Tenant && read.userID == u.ID {
			return *read, nil
		}
	}
	list, err := a.factors(ctx, u.ID)
	if read.has = hasFactor(list); err == nil && read.has {
		read.device, err = a.trustedDevice(ctx, r, u.ID)
	}
	return read, err
}

// A factorProof says that a user has shown a second factor in a request.
type factorProof struct {
	accounts       *Accounts
	tenant, userID string
	trust          bool
}

type factorKey struct{}

// provedFactor returns the proof of the user in ctx, or nil.
func (a *Accounts) provedFactor(ctx context.Context, tenant, userID string) *factorProof {
	p, _ := ctx.Value(factorKey{}).(*factorProof)
	if p == nil || p.accounts != a || p.tenant != tenant || p.userID != userID {
		return nil
	}
	return p
}

// ProveFactor checks what the user showed as a second factor, and returns the request
// with the proof: SignIn with it, or social.Social.Finish, begins a whole session for the
// user, of whom the caller knows by another proof. What was shown does not prove again.
//
// It returns ErrFactor and *ThrottledError: attempts count for the user, those from
// browsers that know the user apart.
func (a *Accounts) ProveFactor(r *http.Request, userID string, answer FactorAnswer) (*http.Request, error) {
	ctx := r.Context()
	list, err := a.factors(ctx, userID)
	if err == nil {
		err = a.proveFactor(r, userID, list, toFinish, answer)
	}
	if err != nil {
		return nil, err
	}
	proof := &factorProof{a, tenant.From(ctx), userID, answer.Trust}
	return r.WithContext(context.WithValue(ctx, factorKey{}, proof)), nil
}

// ReauthenticateFactor proves the signed-in user with a second factor once more, as
// Reauthenticate does with the password. It returns ErrNotSignedIn, ErrNotFresh for a user
// without a session, and the errors of ProveFactor.
func (a *Accounts) ReauthenticateFactor(r *http.Request, answer FactorAnswer) error {
	ctx := r.Context()
	if err := a.requireSession(ctx); err != nil {
		return err
	}
	list, err := a.proofs(ctx, Current(ctx).ID)
	if err == nil {
		err = a.proveFactor(r, Current(ctx).ID, list, toVerify, answer)
	}
	if err != nil {
		return err
	}
	return a.ProveSession(ctx, answer.Kind)
}

// proveFactor checks what the user showed against the list of what they have.
func (a *Accounts) proveFactor(r *http.Request, userID string, list []StoredFactor, to purpose, answer FactorAnswer) error {
	ctx := r.Context()
	if !hasFactor(list) {
		return ErrFactor
	}
	counted := a.codes(r, &User{Tenant: tenant.From(ctx), ID: userID})
	if _, err := a.count(ctx, counted); err != nil {
		return err
	}
	err := ErrFactor
	for _, of := range append(a.kinds(r, to), recoveryCodes{a}) {
		if of.Kind() == answer.Kind {
			mine := slices.DeleteFunc(slices.Clone(list), func(f StoredFactor) bool { return f.Kind != answer.Kind })
			err = of.Prove(ctx, mine, answer.Shown)
		}
	}
	switch {
	case errors.Is(err, ErrFactor):
		emitRefusal(ctx, a, FactorFailed{Subject: subject(ctx, userID), Kind: answer.Kind, Address: a.address(r)})
		return err
	case err != nil:
		return wrap("checking a second factor", err)
	}
	if err := a.store.ForgetAttempts(ctx, counted.tenant, counted.key); err != nil {
		return wrap("forgetting wrong codes", err)
	}
	return nil
}

// codes counts the second factors that were shown for a user. In browsers in which the
// user has logged in they have a count of their own, so that a stranger who has the
// password does not keep the user out.
func (a *Accounts) codes(r *http.Request, u *User) counter {
	kind := "code"
	if b := a.browserOf(r); b.knows(u) {
		kind = "code-known"
	}
	return counter{keyOf(r.Context(), kind, u.ID), "AccountCodes", a.config.Throttle.AccountCodes, r}
}

// codesPer is the window in which Throttle.AccountCodes counts.
const codesPer = 15 * time.Minute
