package vault

import (
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// Chance is in both, so that they are tried often: within the bounds, and not all the same.
func TestVault07_MarginAndJitter(t *testing.T) {
	t.Parallel()
	issued := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		pause   func() time.Duration
		longest time.Duration
	}{
		"of an hour":      {marginOf(issued, time.Hour), time.Minute},
		"of ten minutes":  {marginOf(issued, 10*time.Minute), time.Minute},
		"of five minutes": {marginOf(issued, 5*time.Minute), 30 * time.Second},
		"of ten seconds":  {marginOf(issued, 10*time.Second), time.Second},
		"issued nobody knows when": {func() time.Duration {
			return margin(&storedToken{Token: oauth.Token{Expiry: issued}})
		}, time.Minute},
		"of no time":         {marginOf(issued, 0), 0},
		"that ended before":  {marginOf(issued, -time.Hour), 0},
		"of unknown end":     {func() time.Duration { return margin(&storedToken{Issued: issued}) }, 0},
		"a pause":            {func() time.Duration { return jitter(time.Second) }, time.Second},
		"no pause":           {func() time.Duration { return jitter(0) }, 0},
		"the shortest pause": {func() time.Duration { return jitter(1) - 1 }, 0},
	} {
		least, most := time.Duration(1<<62), time.Duration(-1<<62)
		for range 300 {
			d := test.pause()
			least, most = min(least, d), max(most, d)
		}
		if least < test.longest/2 || most > test.longest || least > test.longest*6/10 || most < test.longest*9/10 {
			t.Errorf("%s: from %v to %v, want up to %v", name, least, most, test.longest)
		}
	}
}

func marginOf(issued time.Time, life time.Duration) func() time.Duration {
	return func() time.Duration {
		return margin(&storedToken{Token: oauth.Token{Expiry: issued.Add(life)}, Issued: issued})
	}
}
