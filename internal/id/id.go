// Package id makes the IDs of rows.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"time"
)

// encoding keeps the order of what it encodes, and has no two characters that look
// alike (Crockford's base 32, in small letters).
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns an ID of 26 letters and digits: 48 bits of time in milliseconds, so
// that new rows are side by side in an index and sort by age, and 80 random bits.
// An ID is unique, and no secret.
func New(now time.Time) string {
	var b [16]byte
	rand.Read(b[6:])
	return encode(&b, now)
}

// First returns the least ID that New makes at a time: those of before are less.
func First(now time.Time) string { return encode(new([16]byte), now) }

func encode(b *[16]byte, now time.Time) string {
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return encoding.EncodeToString(b[:])
}
