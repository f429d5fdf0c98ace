package social_test

import (
	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// Package accounts does not know this one, and has all of its powers.
var (
	_ social.Users          = (*accounts.Accounts)(nil)
	_ social.Registrar      = (*accounts.Accounts)(nil)
	_ social.Preparer       = (*accounts.Accounts)(nil)
	_ social.EmailFinder    = (*accounts.Accounts)(nil)
	_ social.PasswordHolder = (*accounts.Accounts)(nil)
	_ social.Describer      = (*accounts.Accounts)(nil)
)
