// Package escape makes texts of any bytes fit for databases that do not take all.
package escape

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Providers and browsers send any bytes, and not every database takes a zero byte
// or what is not UTF-8 in a text. Such bytes are stored as sign and two hex
// digits, so that a text comes back as it was and two texts stay two.
const sign = '\x1a'

// Plain reports whether Text leaves s as it is.
func Plain(s string) bool {
	return strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, sign) < 0 && utf8.ValidString(s)
}

// Text returns s as UTF-8 without zero bytes.
func Text(s string) string {
	if Plain(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == sign || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%c%02x", sign, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
	}
	return b.String()
}

// Undo is the reverse of Text, and leaves what that did not write.
func Undo(s string) string {
	if strings.IndexByte(s, sign) < 0 {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, string(sign))
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if code, err := hex.DecodeString(after[:min(2, len(after))]); err == nil && len(code) == 1 {
			b.WriteByte(code[0])
			after = after[2:]
		} else {
			b.WriteRune(sign)
		}
		s = after
	}
}
