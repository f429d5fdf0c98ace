package accounts

import (
	"context"
	"errors"

	"github.com/gosocial/social/keyring"
)

// ResealFactors seals the secrets of a user's second factors under the first of
// Config.Keys, as far as they are under another one, and returns how many. After that for
// all users of all tenants the other keys can go. It may run while the application serves,
// and again. A secret whose key is missing is an error, which names the user.
func (a *Accounts) ResealFactors(ctx context.Context, u *User) (resealed int, err error) {
	if a.config.Keys == nil {
		return 0, errors.New("accounts: resealing needs Config.Keys")
	}
	list, err := a.store.Factors(ctx, u.Tenant, u.ID)
	if err != nil {
		return 0, wrap("reading second factors", err)
	}
	for _, f := range list {
		if keyring.KeyName(f.Secret) == a.config.Keys.Current() {
			continue
		}
		done, err := a.reseal(ctx, f)
		if err != nil {
			return resealed, wrap("resealing the second factor of "+u.ID, err)
		}
		if done {
			resealed++
		}
	}
	return resealed, nil
}

// reseal reports whether it has sealed the secret again. One that was replaced at the same
// moment stays as it is, for the next run.
func (a *Accounts) reseal(ctx context.Context, f StoredFactor) (done bool, err error) {
	var bind []byte
	switch f.Kind {
	case FactorTOTP:
		bind = bindTOTP(f.Tenant, f.UserID)
	case FactorPasskey:
		bind = bindPasskey(&f)
	default: // of another package, or without a secret
		return false, nil
	}
	plain, err := a.config.Keys.Open(f.Secret, bind)
	if err != nil {
		return false, err
	}
	sealed, err := a.config.Keys.Seal(plain, bind)
	if err != nil {
		return false, err
	}
	err = a.store.ResealFactor(ctx, f, sealed)
	if errors.Is(err, ErrNoFactor) {
		return false, nil
	}
	return err == nil, err
}
