package accounts_test

import (
	"testing"

	"github.com/gosocial/social/accounts"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"": "", "Matt@LP.com": "matt@lp.com", "MÜLLER": "mÜller", "\u212aelvin\xff": "\u212aelvin\xff"} {
		if got := accounts.Fold(name); got != want {
			t.Errorf("%q is compared as %q, want %q", name, got, want)
		}
	}
}
