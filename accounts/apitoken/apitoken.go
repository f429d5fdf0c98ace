// Package apitoken has the tokens with which programs act for a user: their text, which
// the user sees once, and the rows that are kept of them. Package accounts makes and checks
// them; an accounts.TokenStore keeps them.
//
// A token is "soc_", 43 random letters and digits (256 bits), and 6 more that are their
// checksum. Tools that look for secrets in files find it by the expression
//
//	soc_[0-9A-Za-z]{49}
//
// and tell by the checksum, without asking anybody, that it is one: see [HashOf].
package apitoken

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"hash/crc32"
	"slices"
	"time"
)

// Prefix begins each token.
const Prefix = "soc_"

const (
	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

	randomLength   = 43 // 62^43 is more than 2^256
	checksumLength = 6  // 62^6 is more than 2^32
	length         = len(Prefix) + randomLength + checksumLength
)

// A Token is what is kept of a token.
type Token struct {
	// Hash is the SHA-256 of the token, which is not stored.
	Hash   [32]byte `json:"-"`
	Tenant string
	UserID string
	// ID names the token in lists and addresses, and is no secret. It is unique among the
	// tokens of its user.
	ID   string
	Name string // given by the user
	// Scopes are what the token may be used for, sorted; none is nil.
	Scopes     []string
	CreatedAt  time.Time
	ExpiresAt  time.Time
	LastUsedAt time.Time // zero: never; written every 5 minutes at most
}

// HasScope reports whether the token has the scope.
func (t *Token) HasScope(scope string) bool { return slices.Contains(t.Scopes, scope) }

// ErrMalformed: a text is no token.
var ErrMalformed = errors.New("apitoken: this is no token")

// New returns a token, and its hash.
func New() (text string, hash [32]byte) {
	token := make([]byte, 0, length)
	token = append(token, Prefix...)
	for len(token) < len(Prefix)+randomLength {
		var random [randomLength]byte
		rand.Read(random[:])
		for _, b := range random {
			// Above the last multiple of 62 some digits would come more often.
			if b < 248 && len(token) < len(Prefix)+randomLength {
				token = append(token, digits[b%62])
			}
		}
	}
	sum := checksum(string(token))
	token = append(token, sum[:]...)
	return string(token), sha256.Sum256(token)
}

// HashOf returns the hash of a token, or ErrMalformed for a text that is none: one that
// was cut or mistyped, for instance.
func HashOf(text string) (hash [32]byte, err error) {
	if len(text) != length || text[:len(Prefix)] != Prefix {
		return hash, ErrMalformed
	}
	var token [length]byte
	copy(token[:], text)
	if checksum(text[:length-checksumLength]) != [checksumLength]byte(token[length-checksumLength:]) {
		return hash, ErrMalformed
	}
	return sha256.Sum256(token[:]), nil
}

// checksum returns the CRC-32 (IEEE) of a token without it, the highest digit first. That
// of package crc32 would have the token copied to the heap, in each request.
func checksum(token string) (sum [checksumLength]byte) {
	n := ^uint32(0)
	for i := range len(token) {
		n = crc32.IEEETable[byte(n)^token[i]] ^ n>>8
	}
	n = ^n
	for i := checksumLength - 1; i >= 0; i-- {
		sum[i] = digits[n%62]
		n /= 62
	}
	return sum
}
