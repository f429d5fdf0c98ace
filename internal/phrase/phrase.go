// Package phrase fills in texts for people.
package phrase

import "strings"

// Fill replaces each {name} in the text by the argument of the name. Arguments are
// not filled in themselves.
func Fill(text string, args map[string]string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, rest, _ := strings.Cut(after, "}")
		b.WriteString(args[name])
		text = rest
	}
}
