package phrase_test

import (
	"testing"

	"github.com/gosocial/social/internal/phrase"
)

func TestFill(t *testing.T) {
	t.Parallel()
	args := map[string]string{"a": "1", "b": "{a}", "long name": "é"}
	for text, want := range map[string]string{
		"":               "",
		"plain":          "plain",
		"{a}":            "1",
		"x {a}, {b}{a}!": "x 1, {a}1!",
		"{long name}":    "é",
		"{missing} end":  " end",
		"open {a":        "open 1",
		"close }":        "close }",
	} {
		if got := phrase.Fill(text, args); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
