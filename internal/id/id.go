// Package id makes the IDs of rows.
package id

import (
	"crypto/rand"
	"encoding/base32"
	"sync"
	"time"
)

// encoding keeps the order of what it encodes, and has no two characters that look
// alike (Crockford's base 32, in small letters).
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// New returns an ID of 26 letters and digits: 48 bits of time in milliseconds, so
// that new rows are side by side in an index and sort by age, and 80 random bits.
// An ID is unique, and no secret.
func New(now time.Time) string {
	b := newBytes(now)
	return encoding.EncodeToString(b[:])
}

func newBytes(now time.Time) (b [16]byte) {
	rand.Read(b[6:])
	stamp(&b, now)
	return b
}

// A Sequence makes IDs of which each is greater than the one before, also within a
// millisecond. It is safe for concurrent use.
type Sequence struct {
	mu   sync.Mutex
	last [16]byte
}

// New returns an ID as the function New does.
func (s *Sequence) New(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := newBytes(now)
	if [6]byte(b[:6]) == [6]byte(s.last[:6]) {
		b = s.last
		for i := len(b) - 1; i >= 6; i-- {
			if b[i]++; b[i] != 0 {
				break
			}
		}
	}
	s.last = b
	return encoding.EncodeToString(b[:])
}

// First returns the least ID that New makes at a time: those of before are less.
func First(now time.Time) string {
	var b [16]byte
	stamp(&b, now)
	return encoding.EncodeToString(b[:])
}

func stamp(b *[16]byte, now time.Time) {
	ms := uint64(now.UnixMilli())
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
}
