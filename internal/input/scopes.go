package input

import (
	"strings"
	"unicode"
)

// Scopes reads a list of scopes as people and protocols write it, separated by spaces or
// commas: nil when there is none.
func Scopes(text string) []string {
	scopes := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	if len(scopes) == 0 {
		return nil
	}
	return scopes
}
