package discover

import (
	"net/url"
	"strings"
	"unicode"
)

// What a host says is shown on terminals and written into configurations. So it is taken
// in the characters that its kind has, and nothing of it can be more than a text there.

// isPlain reports whether a text is of printable ASCII without spaces, as addresses are
// (RFC 3986 §2).
func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
}

// isCredential reports whether a text can be a client's ID or secret (RFC 6749 §A.1, §A.2).
func isCredential(text string) bool { return isPlain(strings.ReplaceAll(text, " ", "")) }

// isScope reports whether a text is one scope (RFC 6749 §3.3).
func isScope(text string) bool {
	return text != "" && isPlain(text) && !strings.ContainsAny(text, `"\`)
}

// isAddress reports whether a text is an https address, or one by http where that is
// allowed, which hides no host.
func isAddress(text string, plainHTTP bool) bool {
	u, err := url.Parse(text)
	return err == nil && isPlain(text) && u.Host != "" && u.User == nil && u.Fragment == "" && (u.Scheme == "https" || u.Scheme == "http" && plainHTTP)
}

const longestName = 64 // characters

// shown returns a name or version as it can be shown to people.
func shown(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if unicode.IsPrint(r) && n < longestName {
			b.WriteRune(r)
			n++
		}
	}
	return b.String()
}
