package accounts

import (
	"context"
	"encoding/base32"
	"net/http"
	"slices"
	"time"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// A user has at most one authenticator application, and beside it one that is being
// set up.
const (
	totpID      = "1"
	totpSetupID = "setup"
	totpSetup   = time.Hour // to confirm it
)

// A TOTPSetup is what an authenticator application takes over: as a text, or as an
// address that a QR code has.
type TOTPSetup struct {
	Secret secret.Text // base 32
	URI    secret.Text // otpauth://
}

func bindTOTP(tenant, userID string) []byte { return keyring.Bind("social totp", tenant, userID) }

func (a *Accounts) openTOTP(f StoredFactor) ([]byte, error) {
	return a.config.Keys.Open(f.Secret, bindTOTP(f.Tenant, f.UserID))
}

// SetUpTOTP begins to set up an authenticator application for the signed-in user, whose
// session is fresh or limited to setting up a factor. It counts when ConfirmTOTP has had
// a code of it in the same session, within an hour; until then nothing changes.
//
// It returns ErrNotSignedIn and ErrNotFresh.
func (a *Accounts) SetUpTOTP(r *http.Request) (TOTPSetup, error) {
	ctx := r.Context()
	s, err := a.factorSession(ctx)
	if err != nil {
		return TOTPSetup{}, err
	}
	key := newTOTPSecret()
	sealed, err := a.config.Keys.Seal(key, bindTOTP(s.Tenant, s.UserID))
	if err != nil {
		return TOTPSetup{}, wrap("sealing a secret", err)
	}
	setup, err := a.totpSetup(ctx, s.UserID, key)
	if err != nil {
		return TOTPSetup{}, err
	}
	f := StoredFactor{Tenant: s.Tenant, UserID: s.UserID, Kind: FactorTOTP, ID: totpSetupID, Name: s.ID(), Secret: sealed, CreatedAt: a.now()}
	err = a.whileSession(ctx, s, func(ctx context.Context) error { return a.store.PutFactor(ctx, f) })
	if err != nil {
		return TOTPSetup{}, wrap("setting up a second factor", err)
	}
	return setup, nil
}

// PendingTOTP returns what SetUpTOTP returned, as long as it is not confirmed, to the same
// session, or ErrNoFactor.
func (a *Accounts) PendingTOTP(r *http.Request) (TOTPSetup, error) {
	s, err := a.factorSession(r.Context())
	if err != nil {
		return TOTPSetup{}, err
	}
	_, key, err := a.pendingTOTP(r.Context(), s)
	if err != nil {
		return TOTPSetup{}, err
	}
	return a.totpSetup(r.Context(), s.UserID, key)
}

func (a *Accounts) totpSetup(ctx context.Context, userID string, key []byte) (TOTPSetup, error) {
	u, err := a.User(ctx, userID)
	if err != nil {
		return TOTPSetup{}, err
	}
	account := u.Email
	if account == "" {
		account = u.Username
	}
	return TOTPSetup{secret.Text(base32.StdEncoding.EncodeToString(key)), secret.Text(totpURI(a.config.Issuer, account, key))}, nil
}

// pendingTOTP returns what is being set up in the session, whose ID is its name. What
// another session began is not shown: who has that one knows the secret.
func (a *Accounts) pendingTOTP(ctx context.Context, s *Session) (f StoredFactor, key []byte, err error) {
	list, err := a.store.Factors(ctx, s.Tenant, s.UserID)
	if err != nil {
		return f, nil, wrap("reading second factors", err)
	}
	for _, f := range list {
		if f.Kind == FactorTOTP && f.ID == totpSetupID && f.Name == s.ID() && a.now().Before(f.CreatedAt.Add(totpSetup)) {
			key, err := a.openTOTP(f)
			if err != nil {
				err = wrap("opening a secret", err)
			}
			return f, key, err
		}
	}
	return f, nil, ErrNoFactor
}

// ConfirmTOTP has the authenticator application of SetUpTOTP count from now on, in place
// of one that there was, when it shows a right code. It returns new recovery codes, which
// cannot be read again. Trusted devices end. A session that was limited to setting up a
// factor becomes a whole one, with a new token.
//
// It returns ErrNotSignedIn, ErrNotFresh, ErrNoFactor when nothing is being set up,
// ErrFactor for a wrong code and *ThrottledError.
func (a *Accounts) ConfirmTOTP(w http.ResponseWriter, r *http.Request, code secret.Text) (recovery []string, err error) {
	ctx := r.Context()
	s, err := a.factorSession(ctx)
	if err != nil {
		return nil, err
	}
	f, key, err := a.pendingTOTP(ctx, s)
	if err != nil {
		return nil, err
	}
	counted := a.codes(r, &User{Tenant: s.Tenant, ID: s.UserID})
	if _, err := a.count(ctx, counted); err != nil {
		return nil, err
	}
	step, ok := totpStepOf(key, plainCode(code.Reveal()), a.now())
	if !ok {
		return nil, ErrFactor
	}
	// Before the codes are made: they cannot be read again.
	if err := a.store.ForgetAttempts(ctx, counted.tenant, counted.key); err != nil {
		return nil, wrap("forgetting wrong codes", err)
	}
	err = a.whileSession(ctx, s, func(ctx context.Context) error {
		n, err := a.store.DeleteFactors(ctx, FactorFilter{Tenant: f.Tenant, UserID: f.UserID, Kind: f.Kind, ID: totpSetupID})
		if err == nil && n == 0 {
			err = ErrNoFactor // confirmed by another request
		}
		if err != nil {
			return err
		}
		f.ID, f.Name, f.Counter, f.ConfirmedAt, f.LastUsedAt = totpID, "", step, a.now(), a.now()
		if err := a.store.PutFactor(ctx, f); err != nil {
			return err
		}
		if err := a.endTrust(ctx, s.UserID); err != nil {
			return err
		}
		if recovery, err = a.renewRecoveryCodes(ctx, s.UserID); err != nil {
			return err
		}
		if err := a.notifyFactor(ctx, s.UserID, mail.KindFactorAdded, FactorTOTP); err != nil {
			return err
		}
		return record(ctx, a, FactorAdded{Subject: subject(ctx, s.UserID), Kind: FactorTOTP})
	})
	if err != nil {
		return nil, wrap("setting up a second factor", err)
	}
	if s.LimitedTo == LimitedToSetup {
		proof := &factorProof{a, s.Tenant, s.UserID, false}
		err = a.finishLimited(w, r.WithContext(context.WithValue(ctx, factorKey{}, proof)), s)
	}
	return recovery, err
}

// RemoveTOTP removes the signed-in user's authenticator application; with their last
// factor recovery codes and trusted devices end, too. The session has to be fresh.
//
// It returns ErrNotSignedIn, ErrNotFresh, ErrNoFactor, and ErrFactorRequired for a user
// who has to have a second factor and has no other.
func (a *Accounts) RemoveTOTP(r *http.Request) error { return a.RemoveFactor(r, FactorTOTP, totpID) }

// RemoveFactor is RemoveTOTP for a factor of any kind.
func (a *Accounts) RemoveFactor(r *http.Request, kind, id string) error {
	ctx := r.Context()
	sessionOf := a.factorSession
	if kind == FactorPasskey {
		sessionOf = a.passkeySession
	}
	s, err := sessionOf(ctx)
	if err == nil && s.LimitedTo != "" {
		err = ErrNotSignedIn
	}
	if err != nil {
		return err
	}
	err = a.whileSession(ctx, s, func(ctx context.Context) error {
		// The row stays locked, so that of two parallel removals one is the last.
		u, err := a.store.UserByID(ctx, s.Tenant, s.UserID)
		if err == nil {
			err = a.store.LockUser(ctx, u.Tenant, u.ID, u.Version)
		}
		if err != nil {
			return err
		}
		list, err := a.proofs(ctx, s.UserID)
		if err != nil {
			return err
		}
		others := slices.DeleteFunc(slices.Clone(list), func(f StoredFactor) bool { return f.Kind == kind && f.ID == id })
		switch {
		case len(others) == len(list):
			return ErrNoFactor
		case !hasFactor(others) && a.requiresFactor(&u):
			return ErrFactorRequired
		}
		ended := 0
		if kind == FactorPasskey {
			if ended, err = a.endPasskey(ctx, s, &u, id); err != nil {
				return err
			}
		}
		switch {
		case !hasFactor(others) && a.UsesFactors():
			err = a.dropFactors(ctx, s.UserID, time.Time{})
		default:
			_, err = a.store.DeleteFactors(ctx, FactorFilter{Tenant: s.Tenant, UserID: s.UserID, Kind: kind, ID: id})
		}
		if err != nil {
			return err
		}
		if err := a.notifyFactor(ctx, s.UserID, mail.KindFactorRemoved, kind); err != nil {
			return err
		}
		if err := record(ctx, a, FactorRemoved{Subject: subject(ctx, s.UserID), Kind: kind}); err != nil {
			return err
		}
		return a.recordEnded(ctx, s.UserID, ended)
	})
	if err != nil {
		return wrap("removing a second factor", err)
	}
	return nil
}

// ResetFactors removes all second factors of a user who has lost them, their recovery
// codes, passkeys and trusted devices. A user without a password then sets one by a mailed
// link, or logs in through a provider. It is for an administrator who knows the user by other means.
// Without a factor nothing happens. It returns ErrNoUser.
func (a *Accounts) ResetFactors(ctx context.Context, userID string) error {
	err := a.inTx(ctx, func(ctx context.Context) error {
		if _, err := a.store.UserByID(ctx, tenant.From(ctx), userID); err != nil {
			return err
		}
		list, err := a.store.Factors(ctx, tenant.From(ctx), userID)
		if err != nil {
			return err
		}
		had := len(list) > 0
		if err := a.dropFactors(ctx, userID, time.Time{}); err != nil || !had {
			return err
		}
		if err := a.notifyFactor(ctx, userID, mail.KindFactorRemoved, "all"); err != nil {
			return err
		}
		return record(ctx, a, FactorRemoved{Subject: subject(ctx, userID), Reset: true})
	})
	if err != nil {
		return wrap("resetting second factors", err)
	}
	return nil
}

// notifyFactor mails the user what has changed about their second factors.
func (a *Accounts) notifyFactor(ctx context.Context, userID, kind, factor string) error {
	u, err := a.User(ctx, userID)
	if err != nil {
		return err
	}
	l := a.letter(ctx, kind, &u)
	l.Args, l.Link = withArg(l.Args, mail.ArgFactor, factor), a.link(ctx, "/security", "")
	return a.notify(ctx, l)
}

// dropFactors removes a user's second factors, those since a time, or all when that is zero,
// and trusted devices.
func (a *Accounts) dropFactors(ctx context.Context, userID string, since time.Time) error {
	if _, err := a.store.DeleteFactors(ctx, FactorFilter{Tenant: tenant.From(ctx), UserID: userID, Since: since}); err != nil {
		return err
	}
	return a.endTrust(ctx, userID)
}
