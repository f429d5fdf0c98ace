package accounts

import (
	_ "embed"
	"strings"
)

// commonPasswords are those of the 10,000 most common passwords that have 8 characters
// or more, in lower case, a line each. They are from the package
// @zxcvbn-ts/language-common 3.0.4 (passwords.json, sorted there by how common they
// are), Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., MIT licence.
//
//go:embed common.txt
var commonPasswords string

// isCommon reports whether many people have the password, in whatever case.
func isCommon(password string) bool {
	const shortest, longest = 8, 64
	if len(password) < shortest || len(password) > longest || strings.ContainsRune(password, '\n') {
		return false
	}
	line := strings.ToLower(password) + "\n"
	return strings.HasPrefix(commonPasswords, line) || strings.Contains(commonPasswords, "\n"+line)
}
