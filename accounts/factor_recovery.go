package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

const (
	recoveryCount  = 10
	recoveryLength = 10 // bytes: too many to find a code from its hash
)

// newRecoveryCode returns a code such as "jbsw-y3dp-ehpk-3pxp".
func newRecoveryCode() string {
	var b [recoveryLength]byte
	rand.Read(b[:])
	text := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// recoveryID returns the ID of a code's factor: its hash, which no other user has.
func recoveryID(tenant, userID, code string) string {
	sum := sha256.Sum256([]byte("social recovery code\x00" + tenant + "\x00" + userID + "\x00" + strings.ToLower(plainCode(code))))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// recoveryCodes are the codes for who has lost the other factors.
type recoveryCodes struct{ a *Accounts }

func (recoveryCodes) Kind() string { return FactorRecoveryCode }

// Prove deletes the code.
func (c recoveryCodes) Prove(ctx context.Context, factors []StoredFactor, shown secret.Text) error {
	if len(factors) == 0 {
		return ErrFactor
	}
	of := factors[0]
	id := recoveryID(of.Tenant, of.UserID, shown.Reveal())
	return c.a.recording(ctx, func(ctx context.Context) error {
		n, err := c.a.store.DeleteFactors(ctx, FactorFilter{Tenant: of.Tenant, UserID: of.UserID, Kind: FactorRecoveryCode, ID: id})
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrFactor
		}
		return record(ctx, c.a, RecoveryCodeUsed{Subject: Subject{of.Tenant, of.UserID}, Left: len(factors) - 1})
	})
}

// NewRecoveryCodes gives the signed-in user new recovery codes, and ends the old ones. They
// cannot be read again. The session has to be fresh, or one that is limited to setting
// up a factor. It returns ErrNotSignedIn, ErrNotFresh, and ErrNoFactor for a user without
// a second factor.
func (a *Accounts) NewRecoveryCodes(r *http.Request) (codes []string, err error) {
	s, err := a.factorSession(r.Context())
	if err != nil {
		return nil, err
	}
	err = a.whileSession(r.Context(), s, func(ctx context.Context) error {
		list, err := a.factors(ctx, s.UserID)
		if err == nil && !hasFactor(list) {
			err = ErrNoFactor
		}
		if err == nil {
			codes, err = a.renewRecoveryCodes(ctx, s.UserID)
		}
		if err == nil {
			err = a.notifyFactor(ctx, s.UserID, mail.KindRecoveryCodes, FactorRecoveryCode)
		}
		if err == nil {
			err = record(ctx, a, RecoveryCodesMade{subject(ctx, s.UserID)})
		}
		return err
	})
	if err != nil {
		return nil, wrap("making recovery codes", err)
	}
	return codes, nil
}

func (a *Accounts) renewRecoveryCodes(ctx context.Context, userID string) ([]string, error) {
	of, now := tenant.From(ctx), a.now()
	if _, err := a.store.DeleteFactors(ctx, FactorFilter{Tenant: of, UserID: userID, Kind: FactorRecoveryCode}); err != nil {
		return nil, err
	}
	codes := make([]string, recoveryCount)
	for i := range codes {
		codes[i] = newRecoveryCode()
		f := StoredFactor{Tenant: of, UserID: userID, Kind: FactorRecoveryCode, ID: recoveryID(of, userID, codes[i]), CreatedAt: now, ConfirmedAt: now}
		if err := a.store.PutFactor(ctx, f); err != nil {
			return nil, err
		}
	}
	return codes, nil
}
