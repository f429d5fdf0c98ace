package oauth

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName bounds names, in characters.
const maxName = 255

// clean reports whether every database and page can hold the text.
func clean(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) })
}

// shown reports whether the text is clean and looks like what it is.
func shown(s string) bool { return clean(s) && !strings.ContainsFunc(s, isHidden) }

// isHidden recognises characters that change how those around them are shown, or that
// are not shown: overrides and isolates of the writing direction (Unicode Standard
// Annex 9), line and paragraph separators, tags, fillers, and spaces without width.
// Joiners stay: scripts and pictures are written with them.
func isHidden(r rune) bool {
	switch {
	case unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), r == '\u00ad', r == '\u180e', r == '\u2800', r == '\u061c', r == '\u200b', r == '\u200e', r == '\u200f', r >= '\u2028' && r <= '\u202e',
		r >= '\u2060' && r <= '\u206f', r == '\ufeff', r >= '\ufff9' && r <= '\ufffb', r >= '\U000e0000' && r <= '\U000e0fff':
		return true
	}
	return false
}

// name returns a text for people without what cannot be shown, at most maxName
// characters of it.
func name(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), isHidden(r):
			return -1
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	count := 0
	for i := range text {
		if count == maxName {
			return strings.TrimSpace(text[:i])
		}
		count++
	}
	return text
}
