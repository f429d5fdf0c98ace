// Package onetime keeps sealed values in a store until they are used, once, or expire:
// what must outlive a request without being a user's own row, such as a sign-up that is
// not finished, a token that is to be revoked, or a mail that is to be sent.
package onetime

import (
	"context"
	"errors"
	"time"

	"github.com/gosocial/social/keyring"
)

// ErrNone: there is no such value, or it has expired.
var ErrNone = errors.New("onetime: no such value")

// A Value is used once. Its owner chooses a Purpose that no other package uses.
type Value struct {
	// ID is unique. Where a browser or a link holds the key to the value, it
	// holds an unguessable token, and this is the token's SHA-256 in
	// hexadecimal: reading the table gives nothing that could be used.
	ID      string
	Tenant  string
	Purpose string // such as "signup" or "revoke"
	UserID  string // whose it is, "" for no user
	Sealed  []byte
	// NotBefore is when there is something to do: a next attempt, or Expires
	// where the value waits to be taken.
	NotBefore time.Time
	Expires   time.Time
}

// Seal sets Sealed to the plaintext, sealed and bound to the value's tenant, purpose, ID
// and user.
func (v *Value) Seal(keys *keyring.Ring, plaintext []byte) (err error) {
	v.Sealed, err = keys.Seal(plaintext, v.bind())
	return err
}

// Open returns what Seal sealed, or the errors of keyring.Ring.Open.
func (v *Value) Open(keys *keyring.Ring) (plaintext []byte, err error) {
	return keys.Open(v.Sealed, v.bind())
}

func (v *Value) bind() []byte {
	return keyring.Bind("social/one-time", v.Tenant, v.Purpose, v.ID, v.UserID)
}

// A Store keeps values. *sqlstore.Store is one; package storetest tests another. All
// methods are safe for concurrent use, by several processes too. A method that is called
// with a context of a transaction of the same store is part of that transaction.
type Store interface {
	// PutOneTime adds a value, under an ID that is new.
	PutOneTime(ctx context.Context, v Value) error
	// OneTime returns a value that has not expired at now, or ErrNone.
	OneTime(ctx context.Context, id string, now time.Time) (Value, error)
	// TakeOneTime returns and deletes it: among parallel calls one succeeds.
	TakeOneTime(ctx context.Context, id string, now time.Time) (Value, error)
	// DueOneTime lists values of a purpose, or of every purpose when it is "",
	// of all tenants, with NotBefore at or before now: up to limit, by NotBefore and
	// ID, expired ones included. A limit of 0 or below returns none.
	DueOneTime(ctx context.Context, purpose string, now time.Time, limit int) ([]Value, error)
	// DeferOneTime changes NotBefore. ErrNone when there is no such value.
	DeferOneTime(ctx context.Context, id string, notBefore time.Time) error
	// ResealOneTime replaces the sealed bytes when they are still old: ErrNone when
	// they are not, or there is no such value.
	ResealOneTime(ctx context.Context, id string, old, sealed []byte) error
}
