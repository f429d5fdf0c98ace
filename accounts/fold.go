package accounts

import "github.com/gosocial/social/internal/fold"

// Fold returns an e-mail address or username as a Store compares it: ASCII letters are
// lower case, and all else is as it was.
func Fold(name string) string { return fold.ASCII(name) }
