// Package ticket has the rows behind mailed links and codes. A ticket has the hash of a
// random token, and says what the token is for, which user it belongs to, and when it
// expires. A ticket is taken once.
//
// Package accounts writes and takes tickets; a [Store] keeps them.
package ticket

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"
)

// A Purpose is what a ticket is good for.
type Purpose string

// Purposes of tickets.
const (
	Reset       Purpose = "reset"        // set a new password
	Confirm     Purpose = "confirm"      // prove the e-mail address of an account
	MagicLink   Purpose = "magic_link"   // sign in
	ChangeEmail Purpose = "change_email" // prove the address that an account is to have
	UndoEmail   Purpose = "undo_email"   // take a change of address back
)

// A Ticket is one mailed link, with the code beside it where there is one.
type Ticket struct {
	// Hash is the SHA-256 of the token, which is not stored.
	Hash   [32]byte `json:"-"`
	Tenant string
	// UserID is the user's, or DecoyUserID's when no account has the address.
	UserID  string
	Purpose Purpose
	// Address is the user's e-mail address at the time: the ticket is void when it has
	// changed.
	Address string
	// NewAddress is the one to be proved by ChangeEmail, or to go back to by UndoEmail.
	NewAddress string
	// CodeHash is the keyed hash of the code in the mail, or zero without one.
	CodeHash  [32]byte `json:"-"`
	CreatedAt time.Time
	ExpiresAt time.Time
}

// Slot names the place that a ticket takes among those of its user: a new one in the
// same place ends the older. Each UndoEmail has a place of its own, any other purpose
// has one.
func (t *Ticket) Slot() string {
	if t.Purpose == UndoEmail {
		return string(t.Purpose) + ":" + base64.RawURLEncoding.EncodeToString(t.Hash[:])
	}
	return string(t.Purpose)
}

// DecoyUserID returns the user ID of tickets for an address without an account. No user
// has it, and each address has its own. Such tickets are written so that a request does
// the same work for every address.
func DecoyUserID(address string) string {
	sum := sha256.Sum256([]byte(address))
	return "nobody:" + base64.RawURLEncoding.EncodeToString(sum[:15])
}

// ErrNone: there is no such ticket, or it has expired.
var ErrNone = errors.New("ticket: no such ticket")

// A Store keeps tickets. All methods are safe for concurrent use, and join a transaction
// that the context carries. A method sees and changes the tickets of its tenant only.
type Store interface {
	// PutTicket adds a ticket, and ends the one that its user has in the same Slot. Of
	// parallel calls for one Slot one ticket stays.
	PutTicket(ctx context.Context, t Ticket) error
	// Ticket returns the ticket with the hash if it has not expired at now, or ErrNone.
	Ticket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (Ticket, error)
	// TakeTicket is Ticket, and deletes it: of parallel calls one gets it, and the others
	// get ErrNone.
	TakeTicket(ctx context.Context, tenant string, hash [32]byte, now time.Time) (Ticket, error)
	// DeleteTickets deletes the tickets that the filter chooses.
	DeleteTickets(ctx context.Context, f Filter) error
}

// A Filter chooses tickets of one user.
type Filter struct {
	Tenant string
	UserID string
	Only   Purpose   // if set, those of the purpose alone
	Except Purpose   // if set, none of the purpose
	Since  time.Time // none that were made before
}

// tokenLength is the bytes of a token.
const tokenLength = 32

var tokenEncoding = base64.RawURLEncoding.Strict()

// NewToken returns a token for a link, and its hash.
func NewToken() (token string, hash [32]byte) {
	var b [tokenLength]byte
	rand.Read(b[:])
	return tokenEncoding.EncodeToString(b[:]), sha256.Sum256(b[:])
}

// HashOf returns the hash of a token, or ErrNone for a text that is none.
func HashOf(token string) (hash [32]byte, err error) {
	if len(token) != tokenEncoding.EncodedLen(tokenLength) {
		return hash, ErrNone
	}
	var b [tokenLength]byte
	// The decoder stops at what is wrong, and leaves out line ends.
	if n, _ := tokenEncoding.Decode(b[:], []byte(token)); n != tokenLength {
		return hash, ErrNone
	}
	return sha256.Sum256(b[:]), nil
}
