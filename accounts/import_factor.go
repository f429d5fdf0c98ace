package accounts

import (
	"encoding/base32"
	"errors"
	"strings"

	"github.com/gosocial/social/secret"
)

// Bytes of a secret that other systems make: Google's own application made 10 at first, and
// HMAC-SHA-1 takes no more than 64 as they are.
const (
	shortestSecret = 10
	longestSecret  = 64
)

var errSecret = errors.New("the secret of the authenticator application is not 10 to 64 bytes in base 32")

// importedSecret reads a secret as people and programs write it: in any case, in groups,
// with padding or without.
func importedSecret(text secret.Text) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	digits := strings.TrimRight(strings.ToUpper(plainCode(text.Reveal())), "=")
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(digits)
	if err != nil || len(key) < shortestSecret || len(key) > longestSecret {
		return nil, errSecret
	}
	return key, nil
}

// importedTOTP returns the authenticator application of a user who is imported.
func (a *Accounts) importedTOTP(u *User, text secret.Text) (*StoredFactor, error) {
	key, _ := importedSecret(text) // was checked
	sealed, err := a.config.Keys.Seal(key, bindTOTP(u.Tenant, u.ID))
	if err != nil {
		return nil, wrap("sealing a secret", err)
	}
	return &StoredFactor{Tenant: u.Tenant, UserID: u.ID, Kind: FactorTOTP, ID: totpID, Secret: sealed, CreatedAt: u.UpdatedAt, ConfirmedAt: u.UpdatedAt}, nil
}
