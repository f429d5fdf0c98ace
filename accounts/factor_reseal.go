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
		if f.Kind != FactorTOTP || keyring.KeyName(f.Secret) == a.config.Keys.Current() {
			continue
		}
		done, err := a.resealTOTP(ctx, f)
		if err != nil {
			return resealed, wrap("resealing the second factor of "+u.ID, err)
		}
		if done {
			resealed++
		}
	}
	return resealed, nil
}

// resealTOTP reports whether it has sealed the secret again. One that was used or replaced
// at the same moment stays as it is, for the next run.
func (a *Accounts) resealTOTP(ctx context.Context, f StoredFactor) (done bool, err error) {
	key, err := a.openTOTP(f)
	if err != nil {
		return false, err
	}
	if f.Secret, err = a.config.Keys.Seal(key, bindTOTP(f.Tenant, f.UserID)); err != nil {
		return false, err
	}
	err = a.inTx(ctx, func(ctx context.Context) error {
		// A use keeps the row for this transaction. It costs the one code that it counts.
		f := f
		f.Counter++
		err := a.store.UseFactor(ctx, FactorUse{f.Tenant, f.UserID, f.Kind, f.ID, f.Counter, f.LastUsedAt})
		if err != nil {
			return err
		}
		return a.store.PutFactor(ctx, f)
	})
	if errors.Is(err, ErrNoFactor) {
		return false, nil
	}
	return err == nil, err
}
