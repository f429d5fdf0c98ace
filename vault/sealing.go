package vault

import (
	"fmt"
	"time"

	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
)

// Purposes that a sealed value is bound to.
const (
	purposeConnection = "connection"
	purposeOneTime    = "one-time"
)

// bindingV1 is the way in which associated data is made.
const bindingV1 = 1

// bind makes associated data out of its parts, each led by its length so that
// no two lists of parts give the same bytes.
func bind(purpose string, parts ...string) []byte {
	e := make(encoder, 0, 160)
	e = append(e, bindingV1)
	e.string("social/vault")
	e.string(purpose)
	for _, p := range parts {
		e.string(p)
	}
	return e
}

// bindToken binds a sealed token to its row, its user, its provider and its
// column.
func bindToken(c *Connection) []byte {
	return bind(purposeConnection, c.ID, c.UserID, c.ProviderID, "token")
}

func bindOneTime(purpose, id string) []byte { return bind(purposeOneTime, purpose, id) }

func (v *Vault) sealToken(c *Connection, t *keptToken) ([]byte, error) {
	return v.keys.Seal(encodeToken(t), bindToken(c))
}

// openToken fails closed: the error concerns this row alone, and nothing is
// concluded from it about the connection.
func (v *Vault) openToken(c *Connection, sealed []byte) (keptToken, error) {
	plaintext, err := v.keys.Open(sealed, bindToken(c))
	if err != nil {
		return keptToken{}, fmt.Errorf("connection %s: %w", c.ID, err)
	}
	t, ok := decodeToken(plaintext)
	if !ok {
		return keptToken{}, fmt.Errorf("connection %s: %w", c.ID, keyring.ErrSealed)
	}
	return t, nil
}

func (v *Vault) sealGrant(purpose, id string, g *oauth.Grant, now time.Time) ([]byte, error) {
	return v.keys.Seal(encodeGrant(g, now), bindOneTime(purpose, id))
}

func (v *Vault) openGrant(p *OneTime) (*oauth.Grant, error) {
	plaintext, err := v.keys.Open(p.Sealed, bindOneTime(p.Purpose, p.ID))
	if err != nil {
		return nil, fmt.Errorf("one-time value: %w", err)
	}
	g, ok := decodeGrant(plaintext)
	if !ok {
		return nil, fmt.Errorf("one-time value: %w", keyring.ErrSealed)
	}
	return g, nil
}
