package mail

// english has the texts of mails by key: the kind of letter, a dot and the part; or
// "common", a dot and the part. A text may name {site}, {name}, {code}, {at}, {until} and the
// letter's arguments.
//
// The parts of a kind are subject (needed), title, text, button (for Link), code (for
// Code), until (for Until) and not_you. A part that a kind lacks is the common one's, or
// nothing.
//
// They are here for applications without package text. A test of package web
// (TestMailsHaveTexts) holds them equal to text/messages/en.json.
var english = map[string]string{
	"common.direction":    "ltr", // or rtl
	"common.date":         "2 January 2006 at 15:04 UTC",
	"common.hello":        "Hello {name},",
	"common.hello_all":    "Hello,",
	"common.until":        "The link works once, until {until}.",
	"common.before":       "{button}:",
	"common.link":         "If the button does not work, open this address in a browser:",
	"common.code":         "Or enter this code:",
	"common.cause":        "It came from {device}, network address {address}.",
	"common.cause_device": "It came from {device}.",
	"common.cause_from":   "It came from the network address {address}.",
	"common.footer":       "{site} sent this mail about an account or a request with this address. Please do not reply: replies are not read.",

	"factor.totp":    "authenticator app",
	"factor.passkey": "passkey",
	"factor.all":     "all of them",

	"via.password": "password",
	"via.mail":     "mailed link",
	"via.passkey":  "passkey",

	"reset.subject": "Reset your password for {site}",
	"reset.title":   "Reset your password",
	"reset.text":    "We were asked for a new password for your account.",
	"reset.button":  "Choose a new password",
	"reset.not_you": "If it was not you, ignore this mail: your password stays as it is.",

	"confirm.subject": "Confirm your address for {site}",
	"confirm.title":   "Confirm your address",
	"confirm.text":    "An account was registered with this e-mail address. Please confirm that the address is yours.",
	"confirm.button":  "Confirm the address",
	"confirm.not_you": "If it was not you, open the link and choose “This was not me”, or ignore this mail.",

	"magic_link.subject": "Sign in to {site}",
	"magic_link.title":   "Sign in",
	"magic_link.text":    "We were asked for a link that signs you in.",
	"magic_link.button":  "Sign in",
	"magic_link.code":    "Or enter this code in the browser in which you asked for it:",
	"magic_link.until":   "The link and the code work once, until {until}.",
	"magic_link.not_you": "If it was not you, ignore this mail, and give the code to nobody.",

	"change_email.subject": "Confirm your new address for {site}",
	"change_email.title":   "Confirm your new address",
	"change_email.text":    "This is to become the e-mail address of your account. Please open the link in a browser in which you are signed in.",
	"change_email.button":  "Use this address",
	"change_email.not_you": "If it is not your account, ignore this mail: nothing changes.",

	"already_registered.subject": "You already have an account at {site}",
	"already_registered.title":   "You already have an account",
	"already_registered.text":    "A new account was to be registered with your e-mail address, but you have one already. You can sign in, or reset your password if you have forgotten it.",
	"already_registered.button":  "Sign in",
	"already_registered.not_you": "If it was not you, there is nothing to do: nothing has changed.",

	"email_changed.subject": "Your e-mail address at {site} was changed",
	"email_changed.title":   "Your e-mail address was changed",
	"email_changed.text":    "The e-mail address of your account is now {email}. There will be no more mail to this one.",
	"email_changed.button":  "Take the change back",
	"email_changed.until":   "You can take it back until {until}.",
	"email_changed.not_you": "If it was not you, take the change back: this ends all sessions, and you choose a new password.",

	"password_changed.subject": "Your password for {site} was changed",
	"password_changed.title":   "Your password was changed",
	"password_changed.text":    "Your account has a new password, and its other sessions have ended.",
	"password_changed.button":  "Reset the password",
	"password_changed.not_you": "If it was not you, reset your password now.",

	"username_changed.subject": "Your username at {site} was changed",
	"username_changed.title":   "Your username was changed",
	"username_changed.text":    "The username of your account is now {username}.",
	"username_changed.button":  "Look at the account",
	"username_changed.not_you": "If it was not you, change your password now, and the username back.",

	"factor_added.subject": "A second factor was added at {site}",
	"factor_added.title":   "A second factor was added",
	"factor_added.text":    "This second factor was added to your account: {factor}.",
	"factor_added.button":  "Look at the account",
	"factor_added.not_you": "If it was not you, remove it now, and change your password.",

	"factor_removed.subject": "A second factor was removed at {site}",
	"factor_removed.title":   "A second factor was removed",
	"factor_removed.text":    "This second factor was removed from your account: {factor}.",
	"factor_removed.button":  "Look at the account",
	"factor_removed.not_you": "If it was not you, change your password now, and set the factor up again.",

	"recovery_codes.subject": "New recovery codes for {site}",
	"recovery_codes.title":   "There are new recovery codes",
	"recovery_codes.text":    "New recovery codes were made for your account. The old ones no longer work.",
	"recovery_codes.button":  "Look at the account",
	"recovery_codes.not_you": "If it was not you, make new codes now, and change your password.",

	"token_created.subject": "A new API token at {site}",
	"token_created.title":   "There is a new API token",
	"token_created.text":    "An API token was made for your account. A program that has it can act for you.",
	"token_created.button":  "Look at the tokens",
	"token_created.not_you": "If it was not you, end the token now, and change your password.",

	"new_browser.subject": "New sign-in to {site}",
	"new_browser.title":   "New sign-in",
	"new_browser.text":    "Somebody signed in to your account on {at} from a browser that we did not know ({via}).",
	"new_browser.button":  "Look at the sessions",
	"new_browser.not_you": "If it was you, there is nothing to do. If not, end the session now, and change your password.",

	"session_stolen.subject": "A session at {site} was ended",
	"session_stolen.title":   "A session was ended",
	"session_stolen.text":    "A session of your account was used from two places, as if its cookie had been copied. To be safe we have ended it.",
	"session_stolen.button":  "Look at the sessions",
	"session_stolen.not_you": "Sign in again. If there are sessions that you do not know, end them and change your password.",

	"deletion.subject": "Your account at {site} will be deleted",
	"deletion.title":   "Your account will be deleted",
	"deletion.text":    "You asked us to delete your account. It is out of use now, and will be deleted with all that belongs to it.",
	"deletion.button":  "Keep the account",
	"deletion.until":   "To keep it, sign in before {until}.",
	"deletion.not_you": "If it was not you, sign in, keep the account and change your password.",

	"deleted.subject": "Your account at {site} was deleted",
	"deleted.title":   "Your account was deleted",
	"deleted.text":    "Your account was deleted with all that belonged to it.",
}

// Texts returns the English texts by key, for translators. See TemplateConfig.Text.
func Texts() map[string]string {
	texts := make(map[string]string, len(english))
	for key, text := range english {
		texts[key] = text
	}
	return texts
}
