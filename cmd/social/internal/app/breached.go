package app

import (
	"fmt"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/breached"
	"github.com/gosocial/social/cmd/social/internal/config"
)

// Breached returns what knows breached passwords, nil when none is asked.
func Breached(c *config.Config) (accounts.BreachChecker, error) {
	if !c.BreachedPasswords {
		return nil, nil
	}
	client, err := breached.New(breached.Options{Address: c.BreachedPasswordsAddress, AllowPrivateAddresses: c.AllowPrivateAddresses})
	if err != nil {
		return nil, fmt.Errorf("breached_passwords_address must be an https address, or http with allow_private_addresses, not %q", c.BreachedPasswordsAddress)
	}
	return client, nil
}
