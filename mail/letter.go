package mail

import "time"

// Kinds of letters that this package has texts for. An application may have others, with
// texts of its own: see TemplateConfig.
const (
	KindReset             = "reset"              // Link: to a page that sets a new password
	KindConfirm           = "confirm"            // Link: confirms the address of an account
	KindMagicLink         = "magic_link"         // Link and Code: sign in
	KindChangeEmail       = "change_email"       // to the new address; Link: confirms it
	KindAlreadyRegistered = "already_registered" // to the owner of an address that was registered again; Link: to log in

	// Notices. Their Link leads to what to do about it, and may be "".
	KindEmailChanged    = "email_changed"    // to the old address; Link: takes the change back; ArgEmail
	KindPasswordChanged = "password_changed" // Link: to reset the password
	KindUsernameChanged = "username_changed" // ArgUsername
	KindFactorAdded     = "factor_added"     // ArgFactor
	KindFactorRemoved   = "factor_removed"   // ArgFactor
	KindRecoveryCodes   = "recovery_codes"   // new ones replaced the old
	KindTokenCreated    = "token_created"    // a new API token; Link: to the tokens
	KindNewBrowser      = "new_browser"      // a log-in from a browser that was not known; At, ArgVia; Link: to the sessions
	KindSessionStolen   = "session_stolen"   // a session was ended because its cookie was used twice
	KindDeletion        = "deletion"         // Until: when the account is deleted; Link: to log in and keep it
	KindDeleted         = "deleted"          // the account is deleted
)

// Arguments of letters, in Letter.Args.
const (
	ArgAddress   = "address"          // the client's network address, of who caused the mail
	ArgDevice    = "device"           // and their browser and system, in words
	ArgEmail     = "email"            // the new e-mail address
	ArgUsername  = "username"         // the new username
	ArgVia       = "via"              // how a user logged in, which has a text "via.HOW", or a provider's name
	ArgSite      = "brand"            // the site's name, in place of TemplateConfig.Site
	ArgSiteURL   = "brand_url"        // and its address
	ArgColor     = "brand_color"      // of buttons and links, as in "#2f5d8a", with white text
	ArgDarkColor = "brand_dark_color" // the same where the reader's program is dark, with dark text
	ArgFactor    = "factor"           // the kind of second factor, which has a text "factor.KIND", or is shown as it is
)

// A Letter is what a mail says, without its words.
type Letter struct {
	Kind string // one of the constants, or the application's own
	// To is the address that gets the mail. A letter to "" is queued and dropped: a
	// request about an address without an account then does the same work as others.
	To string
	// Name is what the mail calls its reader, "" for no name. A name that mail programs
	// might show as a link is left out.
	Name     string
	Link     string    // an http or https address, "" for none
	Code     string    // to be entered instead of opening Link, "" for none
	Language string    // of TemplateConfig.Text; "" is TemplateConfig.Language
	At       time.Time // of what the mail tells of, or zero
	Until    time.Time // when Link and Code end; the mail is not sent after it. Zero: they do not
	// Args are further values for the texts, by name. They are shown cut and without
	// control characters.
	Args map[string]string
}

// Kinds returns the kinds of letters that this package has texts for.
func Kinds() []string {
	return []string{
		KindReset, KindConfirm, KindMagicLink, KindChangeEmail, KindAlreadyRegistered,
		KindEmailChanged, KindPasswordChanged, KindUsernameChanged, KindFactorAdded, KindFactorRemoved,
		KindRecoveryCodes, KindTokenCreated, KindNewBrowser, KindSessionStolen, KindDeletion, KindDeleted,
	}
}
