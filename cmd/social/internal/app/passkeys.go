package app

import (
	"errors"
	"log/slog"
	"strings"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkey"
	"github.com/gosocial/social/cmd/social/internal/config"
)

// Passkeys returns what checks the passkeys of a configuration; nil where they are turned
// off, or with the error passkey.ErrAddress where browsers have none at app_url.
func Passkeys(c *config.Config) (*passkey.RelyingParty, error) {
	if !c.Passkeys {
		return nil, nil
	}
	party, err := passkey.New(passkey.Config{AppURL: c.AppURL, ID: c.PasskeyDomain})
	switch {
	case errors.Is(err, passkey.ErrAddress):
		return nil, err
	case err != nil:
		fields := strings.NewReplacer("passkey: ", "", "Config.AppURL", "app_url", "Config.ID", "passkey_domain")
		return nil, errors.New(fields.Replace(err.Error()))
	}
	return party, nil
}

// passkeys is Passkeys for accounts. An address without passkeys is logged.
func passkeys(c *config.Config, log *slog.Logger) (accounts.RelyingParty, error) {
	party, err := Passkeys(c)
	switch {
	case errors.Is(err, passkey.ErrAddress):
		log.Info("passkeys are off: no browser has them at app_url", "app_url", c.AppURL, "reason", strings.TrimPrefix(err.Error(), passkey.ErrAddress.Error()+": "))
		return nil, nil
	case err != nil || party == nil:
		return nil, err
	}
	return party, nil
}
