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
	Email    string // as entered; compared without ASCII case
	Username string // "" when the user has none
	// PasswordHash is in PHC string form; "" means the user has no password.
	PasswordHash string `json:"-"`
	Active       bool
	// EmailVerifiedAt is zero while nobody proved to own the address.
	EmailVerifiedAt time.Time
	Roles           []string // names, sorted

	Login Tracking

	CreatedAt time.Time
	UpdatedAt time.Time
	Version   int64 // counts the row's changes, log-ins excepted; writes compare and swap it
}

// LogValue returns the user's ID alone.
func (u User) LogValue() slog.Value { return slog.StringValue(u.ID) }

// Format writes the same, for every verb.
func (u User) Format(f fmt.State, _ rune) { io.WriteString(f, u.ID) }

// Tracking is when and from where a user logged in. Zero times mean never.
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

// A Session is one browser that a user is signed in with.
type Session struct {
	// Hash is SHA-256 of the cookie's token; the token itself is not kept.
	Hash      [32]byte `json:"-"`
	Tenant    string
	UserID    string
	CreatedAt time.Time
	ExpiresAt time.Time
	Remember  bool
	Address   string
	UserAgent string
	// Via is the ID of the provider that the session began with, or
	// identity.ViaPassword.
	Via string
}

// A Role is a name that rights hang on.
type Role struct {
	Tenant      string
	Name        string
	Description string
}
