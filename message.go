package social

import (
	"errors"
	"maps"

	"github.com/gosocial/social/internal/phrase"
	"github.com/gosocial/social/internal/reply"
	"github.com/gosocial/social/vault"
)

// A Message is a text for people, as a code and its arguments. Text says it in
// English; a page in another language has its own text for the code.
type Message struct {
	Code string            `json:"code"`
	Args map[string]string `json:"args,omitempty"` // by name, such as ArgProvider
}

// Text returns a message of the application's own: one that has its text with
// it.
func Text(text string) Message { return Message{CodeText, map[string]string{ArgText: text}} }

// A CodedError is an error whose text for people has a code and arguments. Those of
// package accounts have.
type CodedError interface {
	error
	Code() string
	Args() map[string]string
}

// ErrorMessage returns the message of an error whose text is for people: with its code
// and arguments if it is a CodedError.
func ErrorMessage(err error) Message {
	var coded CodedError
	if !errors.As(err, &coded) {
		return Text(err.Error())
	}
	args := map[string]string{ArgText: err.Error()}
	maps.Copy(args, coded.Args())
	return Message{coded.Code(), args}
}

// RefusalMessage returns the message of a refusal: with its code and arguments if it
// is a CodedError, else CodeRefused with its text.
func RefusalMessage(r Refusal) Message {
	m := Message{CodeRefused, map[string]string{ArgText: r.Refusal()}}
	var coded CodedError
	if errors.As(r, &coded) {
		m.Code = coded.Code()
		maps.Copy(m.Args, coded.Args())
	}
	return m
}

// Arguments of messages.
const (
	ArgProvider = "provider" // the provider's name
	ArgEmail    = "email"    // an e-mail address
	ArgUntil    = "until"    // a date, in the reader's language
	ArgText     = "text"     // a text that comes with the message
	ArgFlow     = "flow"     // FlowConnect, FlowRemove or FlowVerify where the text is another one there
)

// Values of ArgFlow.
const (
	FlowConnect = "connect" // a user connects or reconnects
	FlowRemove  = "remove"  // a user removes a connection
	FlowVerify  = "verify"  // a user proves once more who they are
)

// Text returns the message in English. For a code that package social does not
// know it is the argument ArgText.
func (m Message) Text() string {
	text, ok := texts[m.Code+"."+m.Args[ArgFlow]]
	if !ok {
		text, ok = texts[m.Code]
	}
	if ok {
		return phrase.Fill(text, m.Args)
	}
	return m.Args[ArgText]
}

// Codes of messages, of problems, or of both.
const (
	// Log-in.
	CodeAccessDenied   = "access_denied" // at any flow
	CodeUnknownAccount = "unknown_account"
	CodeSignInFirst    = "sign_in_first"
	CodeAccountCreated = "account_created"
	CodeSignedIn       = "signed_in"  // problem: a log-in begun while signed in
	CodeSignedOut      = "signed_out" // message
	CodeNotSignedIn    = reply.CodeNotSignedIn
	CodeBadCredentials = "bad_credentials" // wrong e-mail address, username or password
	CodeRefused        = "refused"         // by Users; "text" has the reason

	// Connections.
	CodeConnected            = "connected"
	CodeConnectedAlready     = "connected_already"
	CodeConnectionTaken      = "connection_taken"
	CodeConnectionRenewed    = "connection_renewed"
	CodeConnectionDifferent  = "connection_different"
	CodeConnectionGone       = "connection_gone"
	CodeConnectionRemoved    = "connection_removed"
	CodeConnectionsRemoved   = "connections_removed"
	CodeNoConnection         = "no_connection"
	CodeLastWayIn            = "last_way_in"
	CodeConnectionWorks      = "connection_works"
	CodeNeedsReauthorization = string(vault.NeedsReauthorization)

	// Mailed links.
	CodeBadToken        = "bad_token"         // used, expired, or ended by a newer one
	CodeTurnedOff       = "turned_off"        // by the configuration
	CodeResetSent       = "reset_sent"        // message; ArgEmail
	CodePasswordReset   = "password_reset"    // message
	CodeMagicLinkSent   = "magic_link_sent"   // message; ArgEmail
	CodeChangeEmailSent = "change_email_sent" // message; ArgEmail
	CodeEmailChanged    = "email_changed"     // message
	CodeEmailUndone     = "email_undone"      // message
	CodeUsernameChanged = "username_changed"  // message
	CodeProfileChanged  = "profile_changed"   // message
	CodeConfirmSent     = "confirm_sent"      // message, after a registration; ArgEmail
	CodeConfirmAgain    = "confirm_again"     // message; ArgEmail
	CodeEmailConfirmed  = "email_confirmed"   // message

	CodeDeletionRequested = "deletion_requested" // message; ArgUntil
	CodeAccountKept       = "account_kept"       // message
	CodeDeletionDue       = "deletion_due"       // the account is being deleted, and cannot be kept

	// Passwords and sessions.
	CodePasswordWrong            = "password_wrong"                   // of a user who changes it
	CodeWeakPassword             = "weak_password"                    // of a change; the field's message says why
	CodePasswordChanged          = "password_changed"                 // message
	CodeReauthenticationRequired = reply.CodeReauthenticationRequired // the proof is too long ago
	CodeBadCode                  = "bad_code"                         // of a second factor or a mail, or used before
	CodeCodeMissing              = "code_missing"                     // of a second factor
	CodeFactorAdded              = "factor_added"                     // message
	CodeFactorRemoved            = "factor_removed"                   // message
	CodeNoFactor                 = "no_factor"                        // none is set up, or being set up
	CodeFactorRequired           = "two_factor_required"              // the only one cannot be removed
	CodePasskeyAdded             = "passkey_added"                    // message
	CodePasskeyRenamed           = "passkey_renamed"                  // message
	CodePasskeyRemoved           = "passkey_removed"                  // message
	CodeBadPasskey               = "bad_passkey"                      // not the user's, or too late
	CodePasskeyKnown             = "passkey_known"                    // the user has it already
	CodeNoPasskey                = "no_passkey"
	CodeSessionEnded             = "session_ended"  // message
	CodeSessionsEnded            = "sessions_ended" // message
	CodeTrustEnded               = "trust_ended"    // message
	CodeNoSession                = "no_session"
	CodeOtherAccount             = "other_account"

	// API tokens.
	CodeNoToken       = "no_token"
	CodeTokenEnded    = "token_ended" // message
	CodeTooManyTokens = "too_many_tokens"

	// Sign-up and registration.
	CodeNoSignUp         = "no_signup"
	CodeLoginMissing     = "login_missing" // of a log-in
	CodePasswordMissing  = "password_missing"
	CodePasswordsDiffer  = "passwords_differ"
	CodeAccountConnected = "account_connected"   // the provider's account, during a sign-up
	CodeEmailSignInFirst = "email_sign_in_first" // "text" has the reason

	// Requests.
	CodeNotFound         = "not_found"
	CodeUnknownProvider  = "unknown_provider"
	CodeMethodNotAllowed = "method_not_allowed"
	CodeCrossSite        = "cross_site"
	CodeMalformed        = "malformed"
	CodeWrongType        = "wrong_type"       // of a field: another type of JSON value than it takes
	CodeTooLarge         = "too_large"        // message
	CodeCallbackRefused  = "callback_refused" // "reason" says why
	CodeProviderFailed   = "provider_failed"
	CodeThrottled        = "throttled"
	CodeBusy             = "busy"
	CodeInternal         = "internal"

	// CodeText is the code of a message that Text made.
	CodeText = "text"
)

// texts are the messages in English, by code, and by code and flow where that has a
// text of its own. They are here, too, for applications without package text, which this one
// does not import. A test of package web (TestMessagesHaveTexts) holds them equal to
// text/messages/en.json, which pages use.
var texts = map[string]string{
	CodeAccessDenied:   "Access was denied to your {provider} account",
	CodeUnknownAccount: "{provider} account not associated with an existing user",
	CodeSignInFirst:    "There is an account with this e-mail address already: sign in first, then connect your {provider} account",
	CodeAccountCreated: "Account created successfully",
	CodeSignedOut:      "You are signed out.",
	CodeSignedIn:       "You are signed in already.",
	CodeNotSignedIn:    "Please log in to access this page.",

	CodePasswordWrong:            "Invalid password",
	CodeWeakPassword:             "Choose another password.",
	CodePasswordChanged:          "You successfully changed your password.",
	CodeReauthenticationRequired: "Prove once more who you are first.",
	CodeBadCode:                  "Invalid code. It is wrong, or it was used before.",
	CodeCodeMissing:              "Enter the code.",
	CodeFactorAdded:              "Your authenticator app is set up.",
	CodeFactorRemoved:            "Your authenticator app is removed.",
	CodeNoFactor:                 "No authenticator app is set up. Begin again.",
	CodeFactorRequired:           "Your account has to have a second factor: set up another one instead.",
	CodePasskeyAdded:             "Your passkey is added.",
	CodePasskeyRenamed:           "Your passkey has a new name.",
	CodePasskeyRemoved:           "Your passkey is removed.",
	CodeBadPasskey:               "That passkey is not known here, or it took too long. Try again.",
	CodePasskeyKnown:             "You have added that passkey already.",
	CodeNoPasskey:                "There is no such passkey.",
	CodeSessionEnded:             "That browser is signed out.",
	CodeSessionsEnded:            "All other browsers are signed out.",
	CodeTrustEnded:               "That browser is not trusted any more.",
	CodeNoSession:                "There is no such session.",
	CodeOtherAccount:             "This link belongs to another account than the one that you are signed in to.",

	CodeNoToken:       "There is no such API token.",
	CodeTokenEnded:    "The API token is ended.",
	CodeTooManyTokens: "You have as many API tokens as you may: end one that you do not need.",

	CodeBadToken:        "This link is not good any more. Ask for a new one.",
	CodeTurnedOff:       "This is not offered here.",
	CodeResetSent:       "If there is an account with the address {email}, instructions to reset its password have been sent there.",
	CodeMagicLinkSent:   "If there is an account with the address {email}, a link and a code to sign in have been sent there.",
	CodeChangeEmailSent: "Instructions to confirm your new email address have been sent to {email}. Until you open the link, nothing changes.",
	CodeEmailChanged:    "Change of email address confirmed.",
	CodeEmailUndone:     "The change of your e-mail address is taken back, and all browsers are signed out. You get an e-mail with a link to set a new password.",
	CodeUsernameChanged: "Your username is changed.",
	CodeProfileChanged:  "Your profile is changed.",
	CodeConfirmSent:     "Thank you. Confirmation instructions have been sent to {email}.",
	CodeConfirmAgain:    "If the address {email} is still to be confirmed, instructions have been sent there.",
	CodeEmailConfirmed:  "Thank you. Your email has been confirmed.",
	CodePasswordReset:   "You successfully reset your password. Sign in with it.",

	CodeDeletionRequested: "Your account will be deleted on {until}. To keep it, sign in before then.",
	CodeAccountKept:       "Your account is kept.",
	CodeDeletionDue:       "This account is being deleted, and cannot be kept any more.",

	CodeBadCredentials: "The e-mail address, username or password is wrong.",

	CodeAccessDenied + "." + FlowConnect: "Access was denied by {provider}",
	CodeConnected:                        "Connection established to {provider}",
	CodeConnectedAlready:                 "A connection is already established with {provider} to your account",
	CodeConnectionTaken:                  "A connection is already established with {provider}",
	CodeConnectionRenewed:                "Connection to {provider} renewed",
	CodeConnectionDifferent:              "That is a different {provider} account",
	CodeConnectionGone:                   "The connection to {provider} was removed meanwhile",
	CodeConnectionRemoved:                "Connection to {provider} removed",
	CodeConnectionsRemoved:               "All connections to {provider} removed",
	CodeNoConnection + "." + FlowRemove:  "Unable to remove connection to {provider}",
	CodeNoConnection:                     "There is no such connection.",
	CodeLastWayIn:                        "This is your last way to log in: set a password or connect another account first",
	CodeConnectionWorks:                  "Connection to {provider} works",
	CodeNeedsReauthorization:             "Connection to {provider} has to be renewed",

	CodeNoSignUp:         "There is no unfinished sign-up. Log in through the provider first.",
	CodeLoginMissing:     "Enter your e-mail address or username.",
	CodePasswordMissing:  "Password not provided",
	CodePasswordsDiffer:  "Passwords do not match",
	CodeAccountConnected: "This {provider} account has been connected meanwhile. Sign in with it.",
	CodeEmailSignInFirst: "{text}: sign in first, then connect {provider}.",

	CodeNotFound:         "There is nothing at this address.",
	CodeUnknownProvider:  "There is no such provider here.",
	CodeMethodNotAllowed: "This address does not take such requests.",
	CodeCrossSite:        "This request came from another site.",
	CodeMalformed:        "The request could not be read.",
	CodeWrongType:        "This value has the wrong type",
	CodeTooLarge:         "The request is too large.",
	CodeCallbackRefused:  "This log-in could not be completed: {reason}. Please try again.",
	CodeProviderFailed:   "{provider} did not answer as it should. Please try again.",
	CodeThrottled:        "There were too many attempts. Please try again later.",
	CodeBusy:             "Too many people are signing in at the moment. Please try again.",
	CodeInternal:         "Something went wrong here. Please try again.",
}
