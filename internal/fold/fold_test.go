package fold_test

import (
	"testing"

	"github.com/gosocial/social/internal/fold"
)

func TestASCII(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"": "", "AZaz09@[`{": "azaz09@[`{", "\u212A\u0130\u00c4": "\u212A\u0130\u00c4", "\xff\xc1": "\xff\xc1",
	} {
		if got := fold.ASCII(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
