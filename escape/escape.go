// Package escape writes texts of any bytes so that every database takes them. A store
// uses it where its database refuses zero bytes or what is not UTF-8, both of which
// providers and browsers may send.
//
// Such bytes become the control character U+001A and two hexadecimal digits: a text
// comes back as it was, and two different texts stay different.
package escape

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

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

// Undo returns the text that Text was given. What Text does not write stays as it is.
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
