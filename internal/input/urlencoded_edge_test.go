package input_test

import (
	"testing"

	"github.com/gosocial/social/internal/input"
)

func TestUrlencodedAtTheEdges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a=+": " ", "a=+x": " x", "a=%20": " ", "a=%61%46%30%39%4F%4f": "aF09OO", "a=%c3%A9": "\u00e9", "a=%C3%AA%c3%aa": "\u00ea\u00ea",
		"a=%4g": "%4g", "a=%g4": "%g4", "a=%4": "%4", "a=%": "%", "a=%FF": "\ufffd", "a=%0a": "\n", "a=%4%41": "%4A",
	} {
		if got := input.Urlencoded(text).Get("a"); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
