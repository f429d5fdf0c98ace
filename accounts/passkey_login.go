package accounts

import (
	"context"
	"errors"
	"net/http"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// PasskeyLoginOptions returns the options with which a browser proves that it has a passkey
// of some user, as JSON for PublicKeyCredential.parseRequestOptionsFromJSON. They are the
// same for everybody but for the challenge, and name no user. LogInByPasskey takes the
// answer within 5 minutes, from the same browser. It returns ErrOff where passkeys are off.
func (a *Accounts) PasskeyLoginOptions(w http.ResponseWriter, r *http.Request) (options []byte, err error) {
	return a.passkeyRequest(w, r, toLogIn, "")
}

// PasskeyFactorOptions returns the options with which the browser of a user who logs in
// shows a passkey as the second factor: FinishFactor and ProveFactor take the answer, with
// FactorPasskey as the kind.
func (a *Accounts) PasskeyFactorOptions(w http.ResponseWriter, r *http.Request, userID string) (options []byte, err error) {
	return a.passkeyRequest(w, r, toFinish, userID)
}

// PasskeyVerifyOptions returns the options with which the signed-in user proves once more
// who they are: ReauthenticateFactor takes the answer, with FactorPasskey as the kind. It
// returns ErrOff and ErrNotSignedIn.
func (a *Accounts) PasskeyVerifyOptions(w http.ResponseWriter, r *http.Request) (options []byte, err error) {
	if a.CurrentUser(r.Context()) == "" {
		return nil, ErrNotSignedIn
	}
	return a.passkeyRequest(w, r, toVerify, Current(r.Context()).ID)
}

func (a *Accounts) passkeyRequest(w http.ResponseWriter, r *http.Request, to purpose, userID string) ([]byte, error) {
	if !a.UsesPasskeys() {
		return nil, ErrOff
	}
	var rows []passkeyRow
	var err error
	if userID != "" {
		if rows, err = a.passkeys(r.Context(), userID); err != nil {
			return nil, err
		}
		if len(rows) == 0 { // or every passkey that the browser finds would do
			return nil, ErrNoFactor
		}
	}
	q := newPasskeyRequest(to, rows)
	if q.Challenge, err = a.newChallenge(w, r, to, userID); err != nil {
		return nil, err
	}
	options, err := a.config.Passkeys.RequestOptions(q)
	if err != nil {
		return nil, wrap("making the options for a proof", err)
	}
	return options, nil
}

// newPasskeyRequest says what has to be proved. A second factor comes after a password, so
// that having the passkey is enough. A passkey alone, or one in a browser that another person
// may have found open, has to ask for the user's PIN, fingerprint or the like.
func newPasskeyRequest(to purpose, rows []passkeyRow) PasskeyRequest {
	return PasskeyRequest{Allowed: credentialsOf(rows), VerifyUser: to != toFinish, Within: challengeWithin}
}

// LogInByPasskey signs in the user whose passkey the browser has, as LogIn does: it is not
// asked for a second factor. answer is the JSON of PublicKeyCredential.toJSON.
//
// It returns ErrOff, ErrPasskey, ErrInactive and *ThrottledError: what fails counts for the
// client's network, against Throttle.NetworkLogins.
func (a *Accounts) LogInByPasskey(w http.ResponseWriter, r *http.Request, answer []byte, remember bool) error {
	if !a.UsesPasskeys() {
		return ErrOff
	}
	ctx := r.Context()
	t, err := a.try(ctx, a.networkLogins(ctx, r))
	if err != nil {
		return err
	}
	defer a.done(t)
	u, used, err := a.userOfPasskey(r, answer)
	if errors.Is(err, ErrPasskey) {
		emitRefusal(ctx, a, LoginFailed{Subject: subject(ctx, u.ID), Via: identity.ViaPasskey, Address: a.address(r), Err: ErrPasskey})
		if _, err := a.failed(ctx, t); err != nil {
			return err
		}
		return ErrPasskey
	}
	if err != nil {
		return err
	}
	a.endChallenge(w, r, used.challenge)
	proof := &factorProof{a, u.Tenant, u.ID, false}
	r = r.WithContext(context.WithValue(ctx, factorKey{}, proof))
	return a.startSession(w, r, u, identity.SignIn{Via: identity.ViaPasskey, Remember: remember, ConnectionID: used.id})
}

// A usedPasskey says which passkey answered to what.
type usedPasskey struct {
	id        string
	challenge []byte
}

// userOfPasskey returns the user whose passkey answered rightly. With ErrPasskey the user is
// who the answer claims, where there is such a user.
func (a *Accounts) userOfPasskey(r *http.Request, answer []byte) (u User, used usedPasskey, err error) {
	ctx := r.Context()
	claimed, err := a.config.Passkeys.ReadAnswer(answer)
	if err != nil {
		return u, used, a.refusedPasskey(r, err)
	}
	if !a.hasChallenge(r, claimed.Challenge, toLogIn, "") {
		return u, used, ErrPasskey
	}
	u, err = a.store.UserByID(ctx, tenant.From(ctx), userOfHandle(tenant.From(ctx), claimed.Handle))
	switch {
	case errors.Is(err, ErrNoUser):
		return u, used, ErrPasskey
	case err != nil:
		return u, used, wrap("signing in", err)
	}
	rows, err := a.passkeyFactors(ctx, u.ID)
	if err != nil {
		return u, used, err
	}
	used, err = a.provePasskey(r, rows, nil, toLogIn, claimed, answer)
	return u, used, err
}

// provePasskey checks an answer by one of a user's passkeys, whose challenge the browser
// has, and uses both up.
func (a *Accounts) provePasskey(r *http.Request, rows []StoredFactor, allowed []passkeyRow, to purpose, claimed PasskeyAnswer, answer []byte) (used usedPasskey, err error) {
	for _, f := range rows {
		if f.ID != passkeyID(claimed.CredentialID) {
			continue
		}
		p := passkeyRow{StoredFactor: f}
		if p.credential, err = a.openPasskey(f); err != nil {
			return used, wrap("opening a passkey", err)
		}
		q := newPasskeyRequest(to, allowed)
		q.Challenge, q.Handle = claimed.Challenge, userHandle(f.Tenant, f.UserID)
		use, err := a.config.Passkeys.CheckRequest(q, p.credential, answer)
		if err != nil {
			return used, a.refusedPasskey(r, err)
		}
		if err := a.useChallenge(r, claimed.Challenge); err != nil {
			return used, err
		}
		return usedPasskey{f.ID, claimed.Challenge}, a.usePasskey(r, &p, use)
	}
	return used, ErrPasskey
}

// usePasskey writes that a passkey was used. One whose count does not grow may be a copy
// (§6.1.1): it is refused, and reported.
func (a *Accounts) usePasskey(r *http.Request, p *passkeyRow, use PasskeyUse) error {
	ctx := r.Context()
	err := a.store.UseFactor(ctx, FactorUse{p.Tenant, p.UserID, p.Kind, p.ID, int64(use.SignCount), a.now()})
	if errors.Is(err, ErrNoFactor) {
		emitRefusal(ctx, a, PasskeyCopied{Subject: Subject{p.Tenant, p.UserID}, ID: p.ID, Name: p.Name, Address: a.address(r),
			Counted: p.Counter, Shown: int64(use.SignCount)})
		return ErrPasskey
	}
	if err == nil && use.BackedUp != p.credential.BackedUp {
		c := p.credential
		c.BackedUp = use.BackedUp
		var sealed []byte
		if sealed, err = a.sealPasskey(&p.StoredFactor, c); err == nil {
			err = a.store.ResealFactor(ctx, p.StoredFactor, sealed)
		}
		if errors.Is(err, ErrNoFactor) { // another use has written it
			err = nil
		}
	}
	return wrapped("using a passkey", err)
}

// refusedPasskey returns ErrPasskey for an answer that is wrong, and logs what is wrong with
// it, which has no secret.
func (a *Accounts) refusedPasskey(r *http.Request, err error) error {
	if !errors.Is(err, ErrPasskey) {
		return wrap("checking a passkey", err)
	}
	a.config.Logger.InfoContext(r.Context(), "accounts: a passkey was refused", "error", err)
	return ErrPasskey
}

// passkeyFactor are passkeys as second factors.
type passkeyFactor struct {
	a  *Accounts
	r  *http.Request
	to purpose
}

func (passkeyFactor) Kind() string { return FactorPasskey }

// Prove takes the answer of a browser to the options for the purpose.
func (p passkeyFactor) Prove(_ context.Context, factors []StoredFactor, shown secret.Text) error {
	if len(factors) == 0 {
		return ErrFactor
	}
	answer := []byte(shown.Reveal())
	claimed, err := p.a.config.Passkeys.ReadAnswer(answer)
	if err != nil {
		return p.a.refusedPasskey(p.r, err)
	}
	if !p.a.hasChallenge(p.r, claimed.Challenge, p.to, factors[0].UserID) {
		return ErrPasskey
	}
	allowed, err := p.a.openPasskeys(factors)
	if err != nil {
		return err
	}
	_, err = p.a.provePasskey(p.r, factors, allowed, p.to, claimed, answer)
	return err
}
