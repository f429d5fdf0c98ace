// Package importedhash compares passwords with hashes that other systems made, in the
// notations of passlib (Flask-Security), Django, Werkzeug, PHP and Devise: bcrypt,
// PBKDF2, scrypt and argon2i. It makes no hashes.
package importedhash

import (
	"errors"
	"strings"
)

// A Hash is a password hash that another system made. It is safe for concurrent use.
type Hash struct {
	memory  int64 // KiB
	most    int   // bytes of a password that count; 0: all
	matches func(password string) bool
}

// Memory returns how many KiB of memory a comparison takes, 0 for hardly any.
func (h Hash) Memory() int64 { return h.memory }

// Matches reports whether the hash is the password's, in constant time. It takes as
// much processor time as the hash says.
func (h Hash) Matches(password string) bool { return h.matches(password) }

// Covers reports whether all of the password counts. bcrypt cuts it after 72 bytes, so
// that a match says nothing of the others.
func (h Hash) Covers(password string) bool { return h.most == 0 || len(password) <= h.most }

// Errors of Parse, to be tested with errors.Is. They have no part of the hash in them.
var (
	// ErrUnknown: the text is no hash of a kind that is known here.
	ErrUnknown = errors.New("the hash is not bcrypt, PBKDF2, scrypt or argon2i in the notation of passlib, Django, Werkzeug or PHP")
	// ErrCost: comparing a password would take too much time or memory. The bounds are far
	// above what is recommended: access to the database is not enough to stop the program.
	ErrCost = errors.New("the hash takes more time or memory than is allowed")
)

// Parse reads a hash.
func Parse(s string) (Hash, error) {
	for _, kind := range kinds {
		if rest, ok := strings.CutPrefix(s, kind.prefix); ok {
			return kind.parse(rest)
		}
	}
	return Hash{}, ErrUnknown
}

// kinds are the notations, by what a hash begins with.
var kinds = []struct {
	prefix string
	parse  func(rest string) (Hash, error)
}{
	{"$2a$", parseBcrypt}, {"$2b$", parseBcrypt}, {"$2y$", parseBcrypt},
	{"bcrypt$$2a$", parseBcrypt}, {"bcrypt$$2b$", parseBcrypt}, {"bcrypt$$2y$", parseBcrypt}, // Django
	{"bcrypt_sha256$$2b$", parseBcryptOfHex}, // Django
	{"$bcrypt-sha256$", parseBcryptOfBase64}, // passlib

	{"$pbkdf2$", passlibPBKDF2("sha1")},
	{"$pbkdf2-sha256$", passlibPBKDF2("sha256")},
	{"$pbkdf2-sha512$", passlibPBKDF2("sha512")},
	{"pbkdf2_sha1$", djangoPBKDF2("sha1")},
	{"pbkdf2_sha256$", djangoPBKDF2("sha256")},
	{"pbkdf2:", parseWerkzeugPBKDF2},

	{"$scrypt$", parsePasslibScrypt},
	{"scrypt$", parseDjangoScrypt},
	{"scrypt:", parseWerkzeugScrypt},

	{"$argon2i$", parseArgon2i},
	{"argon2$argon2i$", parseArgon2i}, // Django
}

// Keys of hashes have so many bytes.
const minKey, maxKey = 16, 64

// fits reports whether the length of a hash's key is within bounds.
func fits(key []byte) bool { return minKey <= len(key) && len(key) <= maxKey }
