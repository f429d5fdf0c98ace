package accounts

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// A User is a local account.
type User struct {
	Tenant   string // "" is the default one
	ID       string
	Email    string // as entered; compared without ASCII case; "" when the user has none
	Username string // "" when the user has none
	// PasswordHash is in PHC string form, or "" for a user without a password.
	PasswordHash string `json:"-"`
	Active       bool
	// EmailVerifiedAt is when the address was proved to be the user's own, or zero.
	EmailVerifiedAt time.Time
	Roles           []string // names, sorted
	// Language is the one that the user wants pages and mails in, as a BCP 47 tag, or "" for
	// whatever the browser asks for. See Accounts.SetLanguage.
	Language string
	// DeletionAt is when the account will be deleted, as its user asked for, or zero. Until
	// then its user may keep it, and nothing else: see Accounts.RequestDeletion.
	DeletionAt time.Time

	Login Tracking

	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // of the row, without log-ins; an update succeeds at the version it read
}

// LogValue returns the user's ID alone.
func (u User) LogValue() slog.Value { return slog.StringValue(u.ID) }

// Format writes the user's ID for every verb.
func (u User) Format(f fmt.State, _ rune) { io.WriteString(f, u.ID) }

// Tracking records the last two log-ins of a user. Zero times mean never.
type Tracking struct {
	LastAt, CurrentAt           time.Time
	LastAddress, CurrentAddress string
	Count                       int64
}

// HasRole reports whether the user has the role.
func (u *User) HasRole(name string) bool {
	for _, r := range u.Roles {
		if r == name {
			return true
		}
	}
	return false
}

// A Session is a browser in which a user is signed in.
type Session struct {
	// Hash is the SHA-256 of the cookie's token, which is not stored.
	Hash      [32]byte `json:"-"`
	Tenant    string
	UserID    string
	CreatedAt time.Time
	ExpiresAt time.Time
	// LastSeenAt is when a request last came with the session, to some minutes.
	LastSeenAt time.Time
	// ProvedAt is when the user last proved who they are: at the log-in, or later to do
	// what asks for a recent proof. See Config.FreshFor.
	ProvedAt  time.Time
	Remember  bool
	Address   string
	UserAgent string
	// Via is the ID of the provider that the session began with, or
	// identity.ViaPassword.
	Via string
	// ConnectionID and ProviderSession are those of identity.SignIn.
	ConnectionID    string
	ProviderSession string
	// DeviceID is the ID of the trusted device that it began in, or "". See
	// LimitedToTrust.
	DeviceID string
	// KeyHash is the hash of the part of a remembered session's cookie that is replaced
	// once a day, and OldKeyHash that of the one before, which RotatedAt ended; "" for a
	// session whose cookie stays.
	KeyHash    string `json:"-"`
	OldKeyHash string `json:"-"`
	RotatedAt  time.Time
	// LimitedTo is "" for a user who is signed in. Else it is the one thing that the
	// session is good for.
	LimitedTo string
}

// What a session can be limited to: a value of Session.LimitedTo. Only one that is not
// limited signs a user in.
const (
	// LimitedToFactor: the user has proved who they are but for the second factor.
	LimitedToFactor = "two_factor"
	// LimitedToSetup: the user has to set up a second factor first.
	LimitedToSetup = "two_factor_setup"
	// LimitedToDeletion: the account is being deleted, and the user may keep it.
	LimitedToDeletion = "deletion"
	// LimitedToTrust: the row is no session but a trusted device: a browser in which no
	// second factor is asked for. It ends as sessions do.
	LimitedToTrust = "trusted_device"
)

// A Role is a name that the application attaches rights to. Permissions are some of them,
// as text that the application chooses: "reports.read".
type Role struct {
	Tenant      string
	Name        string
	Description string
	Permissions []string // sorted
}
