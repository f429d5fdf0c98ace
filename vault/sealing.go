package vault

import (
	"fmt"

	"github.com/gosocial/social/keyring"
)

// bindToken binds a sealed token to its tenant, row, user, provider and column.
func bindToken(c *Connection) []byte {
	return keyring.Bind("social/vault/connection", c.Tenant, c.ID, c.UserID, c.ProviderID, "token")
}

func (v *Vault) sealToken(c *Connection, t *storedToken) ([]byte, error) {
	return v.keys.Seal(encodeToken(t), bindToken(c))
}

// openToken fails closed: the error is about this row alone, and says nothing
// about the connection.
func (v *Vault) openToken(c *Connection, sealed []byte) (storedToken, error) {
	plaintext, err := v.keys.Open(sealed, bindToken(c))
	if err != nil {
		return storedToken{}, fmt.Errorf("connection %s: %w", c.ID, err)
	}
	t, ok := decodeToken(plaintext)
	if !ok {
		return storedToken{}, fmt.Errorf("connection %s: %w", c.ID, keyring.ErrSealed)
	}
	return t, nil
}
