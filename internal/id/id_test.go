package id_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/gosocial/social/internal/id"
)

func TestNew(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{26}$`)
	seen := map[string]bool{}
	now := time.UnixMilli(1_700_000_000_000)
	last := ""
	for range 1000 {
		a, b := id.New(now), id.New(now)
		if !form.MatchString(a) || seen[a] || a == b || a[:9] != b[:9] {
			t.Fatalf("%s and %s", a, b)
		}
		if a <= last {
			t.Fatalf("%s sorts before %s of a millisecond earlier", a, last)
		}
		seen[a], last = true, a
		now = now.Add(time.Millisecond)
	}
	// The time has 48 bits, which last until the year 10889.
	if a := id.New(time.UnixMilli(1<<48 - 1)); a <= last || a[:9] != "zzzzzzzzz" {
		t.Error(a)
	}
}
