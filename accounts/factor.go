package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// A TwoFactor says who has a second factor.
type TwoFactor string

const (
	// TwoFactorOff: no user. Factors that users set up before are not asked for.
	TwoFactorOff TwoFactor = "off"
	// TwoFactorOptional: who wants to, and users with one of Config.TwoFactorRoles.
	TwoFactorOptional TwoFactor = "optional"
	// TwoFactorRequired: everybody.
	TwoFactorRequired TwoFactor = "required"
)

// Kinds of second factors.
const (
	// FactorTOTP: codes of an authenticator application (RFC 6238).
	FactorTOTP = "totp"
	// FactorRecoveryCode: codes that were written down, for who has lost the factor.
	FactorRecoveryCode = "recovery_code"
)

// ErrFactor: that is not what the user's second factor shows, or it has been shown before.
var ErrFactor = errors.New("accounts: the second factor was not shown")

// ErrFactorRequired: the user has to have a second factor, and this is the only one.
var ErrFactorRequired = errors.New("accounts: the user has to have a second factor")

// A SecondFactor is a kind of second factor. Config.Factors has those of other packages.
type SecondFactor interface {
	// Kind names it, in FactorAnswer and in lists: "sms".
	Kind() string
	// Prove checks what a user showed against their confirmed factors of this kind, and
	// uses it up, so that it proves once. It returns ErrFactor for what does not prove.
	Prove(ctx context.Context, factors []StoredFactor, shown secret.Text) error
}

// A FactorAnswer is what a user shows as a second factor.
type FactorAnswer struct {
	Kind  string // FactorTOTP, FactorPasskey, FactorRecoveryCode or SecondFactor.Kind
	Shown secret.Text
	// Trust has this browser trusted: for Config.TrustFor no second factor is asked for in
	// it. It counts for ProveFactor and FinishFactor.
	Trust bool
}

// Factors lists a user's second factors, by kind, without their secrets: recovery codes
// are among them, and what is being set up is not.
func (a *Accounts) Factors(ctx context.Context, userID string) ([]StoredFactor, error) {
	list, err := a.factors(ctx, userID)
	for i := range list {
		list[i].Secret = nil
	}
	return list, err
}

// HasFactor reports whether the user has a second factor.
func (a *Accounts) HasFactor(ctx context.Context, userID string) (bool, error) {
	list, err := a.factors(ctx, userID)
	return hasFactor(list), err
}

// FactorKinds returns the kinds of second factors that the user can show, the usual one
// first and FactorRecoveryCode last.
func (a *Accounts) FactorKinds(ctx context.Context, userID string) ([]string, error) {
	list, err := a.factors(ctx, userID)
	return a.kindsOf(list), err
}

func (a *Accounts) kindsOf(list []StoredFactor) (kinds []string) {
	for _, of := range append(a.kinds(nil, 0), recoveryCodes{a}) {
		if slices.ContainsFunc(list, func(f StoredFactor) bool { return f.Kind == of.Kind() }) {
			kinds = append(kinds, of.Kind())
		}
	}
	return kinds
}

// kinds are the kinds of factors that one can have, the usual one first. r and to are the
// request that shows one, and what for.
func (a *Accounts) kinds(r *http.Request, to purpose) []SecondFactor {
	list := []SecondFactor{totpFactor{a}}
	if a.UsesPasskeys() {
		list = append(list, passkeyFactor{a, r, to})
	}
	return append(list, a.config.Factors...)
}

// factors lists the user's confirmed factors, without those of a kind that is off.
func (a *Accounts) factors(ctx context.Context, userID string) ([]StoredFactor, error) {
	if a.config.TwoFactor == TwoFactorOff {
		return nil, nil
	}
	list, err := a.store.Factors(ctx, tenant.From(ctx), userID)
	if err != nil {
		return nil, wrap("reading second factors", err)
	}
	return slices.DeleteFunc(list, func(f StoredFactor) bool {
		return f.ConfirmedAt.IsZero() || f.Kind == FactorPasskey && !a.UsesPasskeys()
	}), nil
}

// proofs lists what the signed-in user can prove with beside the password: the factors, and
// where those are off the passkeys.
func (a *Accounts) proofs(ctx context.Context, userID string) ([]StoredFactor, error) {
	if !a.UsesFactors() {
		return a.passkeyFactors(ctx, userID)
	}
	return a.factors(ctx, userID)
}

// ProofKinds is FactorKinds for ReauthenticateFactor: the user's passkeys are among them
// also where second factors are off.
func (a *Accounts) ProofKinds(ctx context.Context, userID string) ([]string, error) {
	list, err := a.proofs(ctx, userID)
	return a.kindsOf(list), err
}

// hasFactor reports whether there is a factor among them: recovery codes alone are none.
func hasFactor(list []StoredFactor) bool {
	return slices.ContainsFunc(list, func(f StoredFactor) bool { return f.Kind != FactorRecoveryCode })
}

// requiresFactor reports whether the user has to have a second factor.
func (a *Accounts) requiresFactor(u *User) bool {
	return a.config.TwoFactor == TwoFactorRequired || slices.ContainsFunc(a.config.TwoFactorRoles, u.HasRole)
}

// RequireFactor implements social.FactorRequirer: it returns Config.FactorPage for a user
// with a second factor, unless they trust the browser that the request of ctx comes from.
func (a *Accounts) RequireFactor(ctx context.Context, userID string) (page string, err error) {
	if userID == "" || a.provedFactor(ctx, tenant.From(ctx), userID) != nil {
		return "", nil
	}
	list, err := a.factors(ctx, userID)
	if err != nil {
		return "", err
	}
	var device *Session
	c := requestOf(ctx)
	if hasFactor(list) {
		if c != nil {
			if device, err = a.trustedDevice(ctx, c.request, userID); err != nil {
				return "", err
			}
		}
		if device == nil {
			return a.config.FactorPage, nil
		}
	}
	if c != nil && a.UsesFactors() { // else nothing was read
		c.factors.Store(&readFactors{a, tenant.From(ctx), userID, hasFactor(list), device})
	}
	return "", nil
}

// totpFactor are the codes of an authenticator application.
type totpFactor struct{ a *Accounts }

func (totpFactor) Kind() string { return FactorTOTP }

// Prove takes a code whose time step is later than that of the last one taken.
func (t totpFactor) Prove(ctx context.Context, factors []StoredFactor, shown secret.Text) error {
	code := plainCode(shown.Reveal())
	for _, f := range factors {
		key, err := t.a.openTOTP(f)
		if err != nil {
			return err
		}
		now := t.a.now()
		step, ok := totpStepOf(key, code, now)
		if !ok {
			continue
		}
		err = t.a.store.UseFactor(ctx, FactorUse{f.Tenant, f.UserID, f.Kind, f.ID, step, now})
		if errors.Is(err, ErrNoFactor) {
			return ErrFactor
		}
		return err
	}
	return ErrFactor
}

// plainCode takes out what people write between the digits or letters of a code.
func plainCode(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -\t\u00a0", r) {
			return -1
		}
		return r
	}, s)
}

// completeFactors checks what the configuration says about second factors.
func (c *Config) completeFactors(app *url.URL) error {
	if c.TwoFactor == "" {
		c.TwoFactor = TwoFactorOff
		if c.Keys != nil {
			c.TwoFactor = TwoFactorOptional
		}
	}
	switch c.TwoFactor {
	case TwoFactorOff:
		if len(c.TwoFactorRoles) > 0 {
			return errors.New("accounts: Config.TwoFactorRoles needs a Config.TwoFactor that is not off, and Keys")
		}
	case TwoFactorOptional, TwoFactorRequired:
		if c.Keys == nil {
			return errors.New("accounts: Config.TwoFactor needs Config.Keys, which seal the secrets")
		}
	default:
		return fmt.Errorf("accounts: Config.TwoFactor %q is not off, optional or required", c.TwoFactor)
	}
	setDefault(&c.TrustFor, trustLasts)
	setDefault(&c.Issuer, app.Host)
	setDefault(&c.FactorPage, "/two-factor")
	setDefault(&c.FactorSetupPage, "/security/totp")
	c.Throttle.AccountCodes.setDefault(10, codesPer)
	return nil
}

// UsesFactors reports whether there are second factors: Config.TwoFactor is not off.
func (a *Accounts) UsesFactors() bool { return a.config.TwoFactor != TwoFactorOff }

// RequiresFactor reports whether the signed-in user has to have a second factor, or the
// one whose session is limited to setting one up.
func (a *Accounts) RequiresFactor(ctx context.Context) bool {
	l := requestOf(ctx).sessionIn(ctx)
	return l != nil && a.requiresFactor(&l.user)
}

// TrustDays returns Config.TrustFor in days, rounded up.
func (a *Accounts) TrustDays() int {
	return int((a.config.TrustFor + day - 1) / day)
}
