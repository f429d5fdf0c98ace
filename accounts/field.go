package accounts

import (
	"strconv"

	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/phrase"
)

// A FieldError says that something entered cannot be taken. Its text is for the
// person who entered it; a page in another language writes its own for the code.
type FieldError struct {
	field, code string
	args        map[string]string
	taken       error
}

// Codes of field errors.
const (
	CodeEmailMissing       = "email_missing"
	CodeEmailLong          = "email_long"
	CodeEmailNotASCII      = "email_not_ascii"
	CodeEmailInvalid       = "email_invalid"
	CodeEmailTaken         = "email_taken"         // of "email"
	CodeEmailSame          = "email_same"          // the address that the user has
	CodeUsernameMissing    = "username_missing"    // of a user without an e-mail address
	CodeUsernameRequired   = "username_required"   // with UsernamesRequired
	CodeUsernameOff        = "username_off"        // with UsernamesOff
	CodeUsernameLong       = "username_long"       // at most "n" characters
	CodeUsernameCharacters = "username_characters" // other ones than may be in it
	CodeUsernameStart      = "username_start"      // another character than may begin it
	CodeUsernameTaken      = "username_taken"      // of "username"
	CodeLanguageInvalid    = "language_invalid"    // no BCP 47 tag
	CodePasswordShort      = "password_short"      // at least "n" characters
	CodePasswordLong       = "password_long"       // at most "n" bytes
	CodePasswordCommon     = "password_common"     // of the 10,000 most common
	CodePasswordBreached   = "password_breached"   // known to Config.Breached
	CodePasswordName       = "password_name"       // the e-mail address, what is before its @, or the username
)

// Codes of field errors of a new API token.
const (
	CodeTokenNameMissing = "token_name_missing"
	CodeTokenNameLong    = "token_name_long"       // at most "n" characters
	CodeTokenNameInvalid = "token_name_characters" // line ends, for instance
	CodeTokenScope       = "token_scope"           // there is no "scope"
	CodeTokenExpiry      = "token_expiry"          // in the past, or not readable as a time
	CodeTokenExpiryLong  = "token_expiry_long"     // at most "n" days
)

// Codes of refusals to sign a user in.
const (
	CodeUserInactive = "inactive"
	CodeUserMissing  = "user_missing"  // deleted, while a connection was left
	CodeNotConfirmed = "not_confirmed" // the e-mail address, before a log-in by password
)

// texts are the field errors, refusals and problems of requests in English, by code or key,
// for applications without package text. A test of package web (TestMessagesHaveTexts) holds them equal to
// text/messages/en.json, which pages use.
var texts = map[string]string{
	CodeUserInactive: "Account is disabled.",
	CodeUserMissing:  "This account does not exist any more.",
	CodeNotConfirmed: "Email requires confirmation: open the link in the e-mail that you got.",

	CodeEmailMissing:       "Email not provided",
	CodeEmailLong:          "That e-mail address is too long",
	CodeEmailNotASCII:      "The e-mail address may have only ASCII characters",
	CodeEmailInvalid:       "Invalid email address",
	CodeEmailTaken:         "{email} is already associated with an account",
	CodeEmailSame:          "That is your e-mail address already",
	CodeUsernameMissing:    "Enter a username: without an e-mail address you log in with it",
	CodeUsernameRequired:   "Username not provided",
	CodeUsernameOff:        "There are no usernames here",
	CodeUsernameLong:       "The username may have at most {n} characters",
	CodeUsernameCharacters: "The username may have only the letters a to z, digits, dots, hyphens and underscores",
	CodeUsernameStart:      "The username has to begin with a letter or a digit",
	CodeUsernameTaken:      "{username} is already associated with an account",
	CodeLanguageInvalid:    "There is no such language here",
	CodePasswordShort:      "Password must be at least {n} characters",
	CodePasswordLong:       "The password may have at most {n} bytes",
	CodePasswordCommon:     "That password is one of the most common ones: choose another",
	CodePasswordBreached:   "Password on breached list: choose another",
	CodePasswordName:       "The password must not be your e-mail address or username",

	CodeTokenNameMissing: "Enter a name, so that you know later what the token is for",
	CodeTokenNameLong:    "The name may have at most {n} characters",
	CodeTokenNameInvalid: "The name has characters that cannot be shown",
	CodeTokenScope:       "There is no scope {scope}",
	CodeTokenExpiry:      "That cannot be read as a time in the future. Enter seconds, such as 86400, or hours, such as 24h",
	CodeTokenExpiryLong:  "A token can be good for at most {n} days",

	"not_signed_in":             "Please log in to access this page.",
	"reauthentication_required": "Prove once more who you are first.",
	refusedForbidden:            "You do not have permission to view this resource.",
	refusedUnavailable:          "The service cannot tell who is signed in. Try again soon.",
	refusedUnavailableRights:    "The service cannot tell what you may do. Try again soon.",
	refusedScope:                "The API token does not have the scope {scope}.",
	refusedToken:                "The API token is wrong, or it has expired or was ended.",
	refusedTokenFactor:          "Sign in and set up a second factor first.",
	refusedBasic:                "The e-mail address, username or password is wrong.",
	refusedBasicDeletion:        "The account is to be deleted: sign in to keep it.",
	refusedBasicFactor:          "A password is not enough for this account: use an API token.",
	refusedThrottled:            "There were too many attempts. Please try again later.",
	refusedBusy:                 "Too many people are signing in at the moment. Please try again.",
}

// Error returns the text in English.
func (e *FieldError) Error() string { return phrase.Fill(texts[e.code], e.args) }

// Code returns the reason, one of the constants.
func (e *FieldError) Code() string { return e.code }

// Args returns what the text has to be filled in with, by name.
func (e *FieldError) Args() map[string]string { return e.args }

// Field names what was refused: identity.FieldEmail, FieldUsername or FieldPassword, or
// FieldLanguage, FieldTokenName, FieldTokenScopes or FieldTokenExpiry.
func (e *FieldError) Field() string { return e.field }

// Taken reports whether it was refused because another account has it.
func (e *FieldError) Taken() bool { return e.taken != nil }

// Unwrap returns ErrEmailTaken or ErrUsernameTaken when that is the reason.
func (e *FieldError) Unwrap() error { return e.taken }

func wrongEmail(code string) error { return &FieldError{field: identity.FieldEmail, code: code} }

func emailTaken(email string) error {
	return &FieldError{identity.FieldEmail, CodeEmailTaken, map[string]string{"email": email}, ErrEmailTaken}
}

func wrongUsername(code string) error { return &FieldError{field: identity.FieldUsername, code: code} }

func usernameLong(most int) error {
	return &FieldError{field: identity.FieldUsername, code: CodeUsernameLong, args: number(most)}
}

func usernameTaken(username string) error {
	return &FieldError{identity.FieldUsername, CodeUsernameTaken, map[string]string{"username": username}, ErrUsernameTaken}
}

func wrongPassword(code string, n int) error {
	return &FieldError{field: identity.FieldPassword, code: code, args: number(n)}
}

func number(n int) map[string]string { return map[string]string{"n": strconv.Itoa(n)} }
