package accounts

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
)

// PasskeyOptions returns the options with which the signed-in user's browser makes a
// passkey, as JSON for PublicKeyCredential.parseCreationOptionsFromJSON. The session is
// fresh, or limited to setting up a second factor. AddPasskey takes the answer within 5
// minutes, from the same browser.
//
// It returns ErrOff where passkeys are off, ErrNotSignedIn and ErrNotFresh.
func (a *Accounts) PasskeyOptions(w http.ResponseWriter, r *http.Request) (options []byte, err error) {
	ctx := r.Context()
	s, err := a.passkeySession(ctx)
	if err != nil {
		return nil, err
	}
	c, err := a.passkeyCreation(ctx, s)
	if err != nil {
		return nil, err
	}
	if c.Challenge, err = a.newChallenge(w, r, toAdd, s.UserID); err != nil {
		return nil, err
	}
	options, err = a.config.Passkeys.CreationOptions(c)
	if err != nil {
		return nil, wrap("making the options for a passkey", err)
	}
	return options, nil
}

// passkeyCreation is what the options of a user are made of, without the challenge.
func (a *Accounts) passkeyCreation(ctx context.Context, s *Session) (c PasskeyCreation, err error) {
	u, err := a.User(ctx, s.UserID)
	if err != nil {
		return c, err
	}
	rows, err := a.passkeys(ctx, s.UserID)
	if err != nil {
		return c, err
	}
	c = PasskeyCreation{Name: cmp.Or(u.Email, u.Username), Handle: userHandle(s.Tenant, s.UserID), Existing: credentialsOf(rows), Within: challengeWithin}
	if len(c.Handle) > handleMost {
		return c, errors.New("accounts: the user's ID is too long for passkeys")
	}
	return c, nil
}

// AddPasskey adds the passkey that the browser made with PasskeyOptions, under a name that
// the user gives it, which may be "". answer is the JSON of PublicKeyCredential.toJSON. The
// user can log in with it alone, and where Config.TwoFactor is not off it is a second
// factor. With a user's first one they get recovery codes, which cannot be read again. A
// session that was limited to setting up a factor becomes a whole one, with a new token. The
// user gets a mail.
//
// It returns the errors of PasskeyOptions, ErrPasskey and ErrPasskeyKnown.
func (a *Accounts) AddPasskey(w http.ResponseWriter, r *http.Request, answer []byte, name string) (p Passkey, recovery []string, err error) {
	ctx := r.Context()
	s, err := a.passkeySession(ctx)
	if err != nil {
		return p, nil, err
	}
	row, err := a.newPasskey(r, s, answer)
	if err != nil {
		return p, nil, err
	}
	row.Name = passkeyName(name)
	err = a.whileSession(ctx, s, func(ctx context.Context) error {
		list, err := a.passkeyFactors(ctx, s.UserID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(f StoredFactor) bool { return f.ID == row.ID }) {
			return ErrPasskeyKnown
		}
		recovery, err = a.addFactor(ctx, row.StoredFactor)
		if err != nil {
			return err
		}
		if err := a.notifyFactor(ctx, s.UserID, mail.KindFactorAdded, FactorPasskey); err != nil {
			return err
		}
		return record(ctx, a, FactorAdded{Subject: subject(ctx, s.UserID), Kind: FactorPasskey})
	})
	if err != nil {
		return p, nil, wrap("adding a passkey", err)
	}
	if s.LimitedTo == LimitedToSetup {
		proof := &factorProof{a, s.Tenant, s.UserID, false}
		err = a.finishLimited(w, r.WithContext(context.WithValue(ctx, factorKey{}, proof)), s)
	}
	return row.passkey(), recovery, err
}

// newPasskey checks an answer to PasskeyOptions and uses its challenge up.
func (a *Accounts) newPasskey(r *http.Request, s *Session, answer []byte) (*passkeyRow, error) {
	ctx := r.Context()
	claimed, err := a.config.Passkeys.ReadAnswer(answer)
	if err != nil {
		return nil, a.refusedPasskey(r, err)
	}
	if !a.hasChallenge(r, claimed.Challenge, toAdd, s.UserID) {
		return nil, ErrPasskey
	}
	c, err := a.passkeyCreation(ctx, s)
	if err != nil {
		return nil, err
	}
	c.Challenge = claimed.Challenge
	made, err := a.config.Passkeys.CheckCreation(c, answer)
	if err != nil {
		return nil, a.refusedPasskey(r, err)
	}
	if err := a.useChallenge(r, claimed.Challenge); err != nil {
		return nil, err
	}
	now := a.now()
	row := &passkeyRow{StoredFactor{Tenant: s.Tenant, UserID: s.UserID, Kind: FactorPasskey, ID: passkeyID(made.ID),
		Counter: int64(made.SignCount), CreatedAt: now, ConfirmedAt: now}, made}
	if row.Secret, err = a.sealPasskey(&row.StoredFactor, made); err != nil {
		return nil, wrap("sealing a passkey", err)
	}
	return row, nil
}

// addFactor adds a factor, and recovery codes for a user without any.
func (a *Accounts) addFactor(ctx context.Context, f StoredFactor) (recovery []string, err error) {
	if err := a.store.PutFactor(ctx, f); err != nil || !a.UsesFactors() {
		return nil, err
	}
	list, err := a.factors(ctx, f.UserID)
	if err != nil || slices.ContainsFunc(list, func(f StoredFactor) bool { return f.Kind == FactorRecoveryCode }) {
		return nil, err
	}
	return a.renewRecoveryCodes(ctx, f.UserID)
}

// RenamePasskey gives a passkey of the signed-in user a name, which may be "". It returns
// ErrOff, ErrNotSignedIn, ErrNotFresh for a user without a session, and ErrNoFactor for
// none of theirs.
func (a *Accounts) RenamePasskey(r *http.Request, id, name string) error {
	ctx := r.Context()
	if !a.UsesPasskeys() {
		return ErrOff
	}
	if err := a.requireSession(ctx); err != nil {
		return err
	}
	s := CurrentSession(ctx)
	err := a.whileSession(ctx, s, func(ctx context.Context) error {
		list, err := a.passkeyFactors(ctx, s.UserID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(f StoredFactor) bool { return f.ID == id }) {
			return ErrNoFactor
		}
		return a.store.RenameFactor(ctx, FactorFilter{Tenant: s.Tenant, UserID: s.UserID, Kind: FactorPasskey, ID: id}, passkeyName(name))
	})
	return wrapped("renaming a passkey", err)
}

// RemovePasskey removes a passkey of the signed-in user and ends the other sessions that
// began with it. What it says of second factors is as RemoveFactor has it. The session has
// to be fresh. The user gets a mail.
//
// It returns ErrOff, ErrNotSignedIn, ErrNotFresh, ErrNoFactor, ErrFactorRequired, and
// ErrLastWayIn for a user who could not log in any more: one without a password, another
// passkey and a connected provider.
func (a *Accounts) RemovePasskey(r *http.Request, id string) error {
	return a.RemoveFactor(r, FactorPasskey, id)
}

// passkeySession returns the session that may change the passkeys of its user.
func (a *Accounts) passkeySession(ctx context.Context) (*Session, error) {
	switch {
	case !a.UsesPasskeys():
		return nil, ErrOff
	case a.UsesFactors():
		return a.factorSession(ctx)
	}
	return a.freshSession(ctx)
}

// WaysIn returns how many ways to log in the user has beside connected providers: the
// password and each passkey. In a transaction of the store the passkeys that are left then
// are not removed until that ends, or end it. It returns ErrNoUser.
func (a *Accounts) WaysIn(ctx context.Context, userID string) (n int, err error) {
	u, err := a.lockUser(ctx, userID)
	if err != nil {
		return 0, err
	}
	return a.waysIn(ctx, &u)
}

func (a *Accounts) waysIn(ctx context.Context, u *User) (n int, err error) {
	passkeys, err := a.passkeyFactors(ctx, u.ID)
	if n = len(passkeys); u.PasswordHash != "" {
		n++
	}
	return n, err
}

// lockUser returns the user, whose row stays as it is until the context's transaction ends.
func (a *Accounts) lockUser(ctx context.Context, userID string) (u User, err error) {
	const tries = 10
	for range tries {
		if u, err = a.store.UserByID(ctx, tenant.From(ctx), userID); err != nil || !a.UsesPasskeys() {
			break
		}
		if err = a.store.LockUser(ctx, u.Tenant, u.ID, u.Version); !errors.Is(err, ErrStale) {
			break
		}
	}
	return u, wrapped("locking a user", err)
}

// OnWaysIn has count called for how many more ways to log in a user has, which this package
// does not know, before the last one that it knows is removed. social.New gives it what
// counts the user's connections. The context may carry a transaction of the store.
func (a *Accounts) OnWaysIn(count func(ctx context.Context, userID string) (int, error)) {
	a.others.mu.Lock()
	defer a.others.mu.Unlock()
	a.others.counts = append(a.others.counts, count)
}

// endPasskey ends the other sessions that began with a passkey that is to be removed, unless
// it is the last way to log in of the user, whose row is locked.
func (a *Accounts) endPasskey(ctx context.Context, s *Session, u *User, id string) (ended int, err error) {
	last, err := a.isLastWayIn(ctx, u)
	if err != nil {
		return 0, err
	}
	if last {
		return 0, ErrLastWayIn
	}
	f := *keepingSession(s)
	f.Tenant, f.UserID, f.Via, f.ConnectionID = s.Tenant, s.UserID, identity.ViaPasskey, id
	n, err := a.store.DeleteSessions(ctx, f)
	return n[s.UserID], err
}

// isLastWayIn reports whether the user, whose row is locked, cannot log in without the one
// passkey.
func (a *Accounts) isLastWayIn(ctx context.Context, u *User) (bool, error) {
	n, err := a.waysIn(ctx, u)
	if err != nil || n > 1 {
		return false, err
	}
	a.others.mu.Lock()
	counts := a.others.counts
	a.others.mu.Unlock()
	for _, count := range counts {
		if n, err := count(ctx, u.ID); err != nil || n > 0 {
			return false, err
		}
	}
	return true, nil
}
