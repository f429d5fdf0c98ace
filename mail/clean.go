package mail

import (
	"strings"
	"unicode"
)

// Longest texts of letters, in code points.
const (
	maxArg     = 100
	maxName    = 64
	maxSubject = 150
)

// oneLine returns a text without line ends, control characters and those that change
// the direction of what follows, cut to a number of code points.
func oneLine(s string, most int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), unicode.IsSpace), " ")
	var b strings.Builder
	n := 0
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			continue
		}
		if n == most {
			b.WriteRune('…')
			break
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// salutation returns a name as a mail may call its reader. A name is what a visitor
// entered, perhaps a stranger: mail programs make links of what looks like an address of
// a page, so such a name is left out.
func salutation(name string) string {
	name = oneLine(name, maxName)
	if strings.ContainsAny(name, "/:@\\。．｡") {
		return ""
	}
	for i, r := range name {
		if rest := name[i+1:]; r == '.' && rest != "" && rest[0] != ' ' {
			return ""
		}
	}
	return name
}
