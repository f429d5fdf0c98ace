package sqlstore

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Providers and browsers send any bytes, and not every database takes a zero byte
// or what is not UTF-8 in a text. Such bytes are stored as escape and two hex
// digits, so that a text comes back as it was and two texts stay two.
const escape = '\x1a'

func plainText(s string) bool {
	return strings.IndexByte(s, 0) < 0 && strings.IndexByte(s, escape) < 0 && utf8.ValidString(s)
}

func escapeText(s string) string {
	if plainText(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == escape || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&b, "%c%02x", escape, s[i])
		} else {
			b.WriteString(s[i : i+size])
		}
	}
	return b.String()
}

// unescapeText is the reverse of escapeText, and leaves what that did not write.
func unescapeText(s string) string {
	if strings.IndexByte(s, escape) < 0 {
		return s
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, string(escape))
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if code, err := hex.DecodeString(after[:min(2, len(after))]); err == nil && len(code) == 1 {
			b.WriteByte(code[0])
			after = after[2:]
		} else {
			b.WriteRune(escape)
		}
		s = after
	}
}

// escapeTexts escapes the texts among a statement's arguments, in place.
func escapeTexts(args []any) {
	for i, arg := range args {
		if s, ok := arg.(string); ok && !plainText(s) {
			args[i] = escapeText(s)
		}
	}
}

// text scans a column of text into a string.
type text string

func (t *text) Scan(v any) error {
	switch s := v.(type) {
	case string:
		*t = text(unescapeText(s))
	case []byte:
		*t = text(unescapeText(string(s)))
	default:
		return fmt.Errorf("a text is stored as %T", v)
	}
	return nil
}
