package accounts

import (
	"time"

	"github.com/gosocial/social/identity"
)

// An Event is something that happened: one of the types in this file. No event
// carries a secret, nor what a visitor entered: people type passwords into other
// fields.
type Event interface {
	Event() string    // a name for logs: "user_logged_in"
	Provider() string // the ID of the provider that the user came through, or ""
	About() Subject
}

// A Subject says which user an event is about.
type Subject struct {
	Tenant string
	UserID string // "" where there is no such user, or none is known
}

// About returns the subject.
func (s Subject) About() Subject { return s }

// Provider returns "".
func (Subject) Provider() string { return "" }

// Registered: a visitor made an account.
type Registered struct {
	Subject
	ProviderID string // of a sign-up through a provider
	Address    string // of the client, "" when unknown
}

// RegisteredAgain: with Config.ConfirmEmail a visitor registered with the address of a user,
// and got no account.
type RegisteredAgain struct {
	Subject
	Address string
}

// Created: an account was made by Create or Import.
type Created struct{ Subject }

// LoggedIn: a session began.
type LoggedIn struct {
	Subject
	Via     string // a provider's ID, or identity.ViaPassword
	Address string
	// NewBrowser: the user had not logged in to the browser before, or its cookies are gone.
	NewBrowser bool
}

// LoginFailed: a log-in was refused. Err is ErrCredentials, ErrInactive, ErrNotConfirmed,
// for a user who was deleted ErrNoUser, or ErrFactor for a password in a request's header
// that is not enough.
type LoginFailed struct {
	Subject
	Via     string
	Address string
	Err     error
}

// Reauthenticated: a signed-in user proved once more who they are.
type Reauthenticated struct {
	Subject
	Via     string // a provider's ID, or identity.ViaPassword
	Address string
}

// ReauthenticationFailed: a signed-in user did not prove who they are.
type ReauthenticationFailed struct {
	Subject
	Via     string
	Address string
}

// Locked: with this failure the log-ins under one name have reached the limit of
// Throttle.AccountLogins. Until then no password is checked.
type Locked struct {
	Subject
	Address string
	Until   time.Time
}

// Throttled: an attempt was refused because there were too many. Limit is the field
// of Throttle.
type Throttled struct {
	Subject
	Limit      string
	Address    string
	RetryAfter time.Duration
}

// LoggedOut: a user ended the session that the request came with.
type LoggedOut struct {
	Subject
	Address string
}

// SessionStolen: a session was ended, because a request used a cookie that had been
// replaced. With Config.Mail the user gets a mail.
type SessionStolen struct {
	Subject
	Address string // from where it came
}

// SessionsEnded: sessions of a user were ended by EndSession or EndSessions,
// or because their password or activity changed. Trusted devices count.
type SessionsEnded struct {
	Subject
	Count int
}

// PasswordChanged: a user has a new password or, when Removed, none any more.
type PasswordChanged struct {
	Subject
	Removed bool
}

// PasswordUnchecked: a new password was taken though Config.Breached failed. It is not
// known yet whether it becomes a user's: a new account has no UserID.
type PasswordUnchecked struct {
	Subject
	Err error
}

// ActivityChanged: a user may sign in from now on, or no longer.
type ActivityChanged struct {
	Subject
	Active bool
}

// VerificationChanged: a user's e-mail address counts as verified from now on, or no
// longer.
type VerificationChanged struct {
	Subject
	Verified bool
}

// LinkRequested: a mail with a link was requested. Without a UserID no user has the
// address, or none who gets such a link, and nothing is sent.
type LinkRequested struct {
	Subject
	Kind    string // of the letter: mail.KindReset, for instance
	Address string
}

// EmailChanged: a user has another e-mail address, which is proved, or again the one
// before when Undone.
type EmailChanged struct {
	Subject
	Undone      bool
	UndoneSince time.Time // of the change that was undone: what the account got since is gone
}

// UsernameChanged: a user has another username, or none.
type UsernameChanged struct{ Subject }

// TakenOver: an account was handed over to the person who proved its e-mail address,
// which was not verified before.
type TakenOver struct{ Subject }

// RoleCreated: the tenant has one more role. It is about no user.
type RoleCreated struct {
	Subject
	Role        string
	Permissions []string
}

// RoleGranted: a user was given a role, which they may have had before.
type RoleGranted struct {
	Subject
	Role string
}

// RoleRevoked: a role was taken from a user, who may not have had it.
type RoleRevoked struct {
	Subject
	Role string
}

// PermissionGranted: a role of the tenant was given a permission, which it may have had
// before. It is about no user.
type PermissionGranted struct {
	Subject
	Role, Permission string
}

// PermissionRevoked: a permission was taken from a role of the tenant, which may not have
// had it. It is about no user.
type PermissionRevoked struct {
	Subject
	Role, Permission string
}

// Refused marks events of what was refused: nothing changed.
func (LoginFailed) Refused() {}

// Refused is as that of LoginFailed.
func (ReauthenticationFailed) Refused() {}

// Refused is as that of LoginFailed.
func (Locked) Refused() {}

// Refused is as that of LoginFailed.
func (Throttled) Refused() {}

// Event returns "user_registered".
func (Registered) Event() string { return "user_registered" }

// Event returns "user_registered_again".
func (RegisteredAgain) Event() string { return "user_registered_again" }

// Event returns "user_created".
func (Created) Event() string { return "user_created" }

// Event returns "user_logged_in".
func (LoggedIn) Event() string { return "user_logged_in" }

// Event returns "user_login_failed".
func (LoginFailed) Event() string { return "user_login_failed" }

// Event returns "user_reauthenticated".
func (Reauthenticated) Event() string { return "user_reauthenticated" }

// Event returns "user_reauthentication_failed".
func (ReauthenticationFailed) Event() string { return "user_reauthentication_failed" }

// Event returns "user_locked".
func (Locked) Event() string { return "user_locked" }

// Event returns "user_throttled".
func (Throttled) Event() string { return "user_throttled" }

// Event returns "user_logged_out".
func (LoggedOut) Event() string { return "user_logged_out" }

// Event returns "user_session_stolen".
func (SessionStolen) Event() string { return "user_session_stolen" }

// Event returns "user_sessions_ended".
func (SessionsEnded) Event() string { return "user_sessions_ended" }

// Event returns "user_password_changed".
func (PasswordChanged) Event() string { return "user_password_changed" }

// Event returns "user_password_unchecked".
func (PasswordUnchecked) Event() string { return "user_password_unchecked" }

// Event returns "user_activity_changed".
func (ActivityChanged) Event() string { return "user_activity_changed" }

// Event returns "user_verification_changed".
func (VerificationChanged) Event() string { return "user_verification_changed" }

// Event returns "user_link_requested".
func (LinkRequested) Event() string { return "user_link_requested" }

// Event returns "user_email_changed".
func (EmailChanged) Event() string { return "user_email_changed" }

// Event returns "user_username_changed".
func (UsernameChanged) Event() string { return "user_username_changed" }

// Event returns "user_taken_over".
func (TakenOver) Event() string { return "user_taken_over" }

// Event returns "role_created".
func (RoleCreated) Event() string { return "role_created" }

// Event returns "user_role_granted".
func (RoleGranted) Event() string { return "user_role_granted" }

// Event returns "user_role_revoked".
func (RoleRevoked) Event() string { return "user_role_revoked" }

// Event returns "role_permission_granted".
func (PermissionGranted) Event() string { return "role_permission_granted" }

// Event returns "role_permission_revoked".
func (PermissionRevoked) Event() string { return "role_permission_revoked" }

// Provider returns the provider's ID.
func (e Registered) Provider() string { return e.ProviderID }

// Provider returns the provider's ID, "" for a log-in by password.
func (e LoggedIn) Provider() string { return providerOf(e.Via) }

// Provider returns the provider's ID, "" for a log-in by password.
func (e LoginFailed) Provider() string { return providerOf(e.Via) }

// Provider returns the provider's ID, "" for a password.
func (e Reauthenticated) Provider() string { return providerOf(e.Via) }

// Provider returns the provider's ID, "" for a password.
func (e ReauthenticationFailed) Provider() string { return providerOf(e.Via) }

func providerOf(via string) string {
	if via == identity.ViaPassword || via == identity.ViaMail || via == identity.ViaPasskey {
		return ""
	}
	return via
}
