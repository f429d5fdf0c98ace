package accounts

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gosocial/social/secret"
)

// A FieldError says that something entered cannot be taken. Its text is fit for
// the person who entered it.
type FieldError struct {
	field, message string
	taken          error
}

// Error returns the text for people.
func (e *FieldError) Error() string { return e.message }

// Field names what was refused: "email", "username" or "password".
func (e *FieldError) Field() string { return e.field }

// Taken reports whether it was refused because another account has it.
func (e *FieldError) Taken() bool { return e.taken != nil }

// Unwrap returns ErrEmailTaken or ErrUsernameTaken when that is the reason.
func (e *FieldError) Unwrap() error { return e.taken }

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// checkEmail lets a dot-atom address of RFC 5321 through: ASCII, of at most 254
// bytes, with one @. Addresses beyond ASCII are refused as a whole, since only
// a table of all look-alikes could tell Latin "a" from Cyrillic "а"; domains
// can be written in their ASCII form (xn--…).
func checkEmail(email string) error {
	refuse := func(why string) error { return &FieldError{field: "email", message: why} }
	const invalid = "That is not a valid e-mail address"
	local, domain, _ := strings.Cut(email, "@")
	switch {
	case email == "":
		return refuse("Enter an e-mail address")
	case len(email) > 254 || len(local) > 64:
		return refuse("That e-mail address is too long")
	case strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII }):
		return refuse("The e-mail address may have only ASCII characters")
	case !isDotted(local, isAtom, 64) || !isDotted(domain, isHost, 63):
		return refuse(invalid)
	}
	for label := range strings.SplitSeq(domain, ".") {
		if label[0] == '-' || label[len(label)-1] == '-' {
			return refuse(invalid)
		}
	}
	if last := domain[strings.LastIndexByte(domain, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return refuse(invalid)
	}
	return nil
}

// isDotted reports whether s is made of parts of the given characters with
// single dots between.
func isDotted(s string, of func(rune) bool, longest int) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || len(part) > longest || strings.ContainsFunc(part, func(r rune) bool { return !of(r) }) {
			return false
		}
	}
	return true
}

func isHost(r rune) bool { return isAlphanumeric(r) || r == '-' }

// isAtom reports whether r is atext of RFC 5322 §3.2.3.
func isAtom(r rune) bool { return isAlphanumeric(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) }

// checkUsername takes none, or ASCII letters, digits and ". _ -": no @, so that
// a username never reads as an e-mail address.
func checkUsername(username string) error {
	if username == "" {
		return nil
	}
	refuse := func(why string) error { return &FieldError{field: "username", message: why} }
	if len(username) > 64 {
		return refuse("The username may have at most 64 characters")
	}
	if strings.ContainsFunc(username, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("._-", r) }) {
		return refuse("The username may have only the letters a to z, digits, dots, hyphens and underscores")
	}
	if !isAlphanumeric(rune(username[0])) {
		return refuse("The username has to begin with a letter or a digit")
	}
	return nil
}

// checkPassword judges a new password, which is not "".
func (a *Accounts) checkPassword(password secret.Text) error {
	if n := a.config.PasswordMinLength; utf8.RuneCountInString(password.Reveal()) < n {
		return &FieldError{field: "password", message: fmt.Sprintf("The password must have at least %d characters", n)}
	}
	if n := a.config.PasswordMaxLength; len(password) > n {
		return &FieldError{field: "password", message: fmt.Sprintf("The password may have at most %d bytes", n)}
	}
	return nil
}

// canBeLogin reports whether a store can be asked for what was entered as an
// e-mail address or username. It is wider than the rules above: an account that
// came from elsewhere can log in, too.
func canBeLogin(login string) bool {
	return login != "" && len(login) <= 254 && utf8.ValidString(login) && !strings.ContainsFunc(login, unicode.IsControl)
}
