package escape_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gosocial/social/escape"
)

// What is stored is a text for every database and comes back as it was. This
// looks inside, for no database says what another would refuse.
func FuzzTextComesBack(f *testing.F) {
	for _, text := range []string{"", "ann", "\x00", "\xff", "\x1a", "\x1a00", "é"[:1] + "x", "\ufffd", "\x1a\x00\xf0\x9f"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		stored := escape.Text(text)
		if !utf8.ValidString(stored) || strings.Contains(stored, "\x00") {
			t.Errorf("%q is stored as %q", text, stored)
		}
		if got := escape.Undo(stored); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
		if escape.Undo(text) != text && escape.Plain(text) {
			t.Errorf("%q is stored as it is and comes back otherwise", text)
		}
	})
}
