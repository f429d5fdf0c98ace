package accounts

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

const (
	emailMax    = 254 // bytes; RFC 5321 §4.5.3.1.3, less the angle brackets
	localMax    = 64  // bytes before the @; RFC 5321 §4.5.3.1.1
	labelMax    = 63  // bytes; RFC 1035 §2.3.4
	usernameMax = 64  // characters, which are bytes too
)

// CheckRegistration checks the fields of a registration as Register does, and writes
// nothing. An empty password is none. The error joins one *FieldError for each field
// that is wrong. It asks no store and no Config.Breached, so it does not find what is taken or
// breached.
func (a *Accounts) CheckRegistration(r identity.Registration) error {
	return a.checkRegistration(r.Email, r.Username, r.Password)
}

// checkRegistration checks what a new account is made of. An empty password is none.
func (a *Accounts) checkRegistration(email, username string, password secret.Text) error {
	wrong := []error{checkEmail(email), a.checkUsername(username)}
	if password != "" {
		wrong = append(wrong, a.checkPassword(password, email, username))
	}
	return errors.Join(wrong...)
}

// checkEmail accepts a dot-atom address of RFC 5321 §4.1.2: ASCII, of at most 254
// bytes, with one @. Addresses beyond ASCII are refused as a whole, since only a
// table of all look-alikes could tell Latin "a" from Cyrillic "а"; domains can be
// written in their ASCII form (xn--…).
func checkEmail(email string) error {
	local, domain, _ := strings.Cut(email, "@")
	switch {
	case email == "":
		return wrongEmail(CodeEmailMissing)
	case len(email) > emailMax || len(local) > localMax:
		return wrongEmail(CodeEmailLong)
	case strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII }):
		return wrongEmail(CodeEmailNotASCII)
	case !isDotted(local, isAtom) || !isDotted(domain, isHost):
		return wrongEmail(CodeEmailInvalid)
	}
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > labelMax || label[0] == '-' || label[len(label)-1] == '-' {
			return wrongEmail(CodeEmailInvalid)
		}
	}
	if last := domain[strings.LastIndexByte(domain, '.')+1:]; strings.Trim(last, "0123456789") == "" {
		return wrongEmail(CodeEmailInvalid)
	}
	return nil
}

// isDotted reports whether s is made of parts of the given characters with single
// dots between.
func isDotted(s string, of func(rune) bool) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !of(r) }) {
			return false
		}
	}
	return true
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func isHost(r rune) bool { return isAlphanumeric(r) || r == '-' }

// isAtom reports whether r is atext of RFC 5322 §3.2.3.
func isAtom(r rune) bool { return isAlphanumeric(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r) }

// checkUsername accepts no username, or one of ASCII letters, digits and ". _ -": no
// @, so that a username never reads as an e-mail address.
func checkUsername(username string) error {
	switch {
	case username == "":
		return nil
	case len(username) > usernameMax:
		return usernameLong(usernameMax)
	case strings.ContainsFunc(username, func(r rune) bool { return !isAlphanumeric(r) && !strings.ContainsRune("._-", r) }):
		return wrongUsername(CodeUsernameCharacters)
	case !isAlphanumeric(rune(username[0])):
		return wrongUsername(CodeUsernameStart)
	}
	return nil
}

// CheckNewPassword returns a *FieldError for a password that ChangePassword and ResetPassword
// would refuse as the user's. Like CheckRegistration it does not ask Config.Breached.
func (a *Accounts) CheckNewPassword(u User, password secret.Text) error {
	return a.checkPassword(password, u.Email, u.Username)
}

// checkPassword checks a new password, which is not "", of an account with these names.
func (a *Accounts) checkPassword(password secret.Text, email, username string) error {
	if n := a.config.PasswordMaxLength; len(password) > n {
		return wrongPassword(CodePasswordLong, n)
	}
	normal := normalPassword(password)
	// One character may become many: what was typed counts, too.
	length := min(utf8.RuneCountInString(password.Reveal()), utf8.RuneCountInString(normal))
	if n := a.config.PasswordMinLength; length < n {
		return wrongPassword(CodePasswordShort, n)
	}
	local, _, _ := strings.Cut(email, "@")
	for _, name := range [...]string{email, local, username} {
		if strings.EqualFold(normal, name) {
			return &FieldError{field: identity.FieldPassword, code: CodePasswordName}
		}
	}
	if isCommon(normal) {
		return &FieldError{field: identity.FieldPassword, code: CodePasswordCommon}
	}
	return nil
}

// canBeLogin reports whether a store can be asked for what was entered as an e-mail
// address or username. It is wider than the rules above: an account that came from
// elsewhere can log in, too.
func canBeLogin(login string) bool {
	return login != "" && len(login) <= emailMax && utf8.ValidString(login) && !strings.ContainsFunc(login, unicode.IsControl)
}
