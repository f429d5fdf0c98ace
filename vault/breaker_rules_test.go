package vault

import (
	"fmt"
	"testing"
	"time"
)

// These tests look inside, because what a breaker remembers is counted in thousands of
// users, and in refreshes that are under way at the same time.

var stormBegan = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// A storm is a breaker that eleven users have opened, and its clock.
type storm struct {
	*testing.T
	breaker
	now time.Time
}

func newStorm(t *testing.T) *storm {
	s := &storm{T: t, now: stormBegan}
	for i := range stormUsers + 1 {
		stormy, opens := s.reject(fmt.Sprint("first", i), s.now)
		if want := i == stormUsers; opens != want || (stormy == stormUsers+1) != want {
			t.Fatalf("rejected %d: %d, %v", i+1, stormy, opens)
		}
	}
	return s
}

// may checks whether a user's refresh may begin, and begins it.
func (s *storm) may(user string, want bool) {
	s.Helper()
	if got := s.paused(user, s.now); got == want {
		s.Errorf("%s pauses: %v", user, got)
	}
	if got := s.allow(user, s.now); got != want {
		s.Errorf("%s is let through: %v", user, got)
	}
}

// rejected checks whether the rejection of a user's refresh is believed.
func (s *storm) rejected(user string, believed bool) {
	s.Helper()
	if stormy, opens := s.reject(user, s.now); (stormy == 0) != believed || opens {
		s.Errorf("%s is rejected: %d, %v", user, stormy, opens)
	}
}

func (s *storm) after(d time.Duration) { s.now = s.now.Add(d) }

func TestVault10_AFewProbeAtOnce(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	s.after(stormWindow - 1)
	s.may("one", false)
	s.after(1)
	s.may("one", true)
	s.may("one", false) // its probe is under way
	s.may("two", true)
	s.rejected("one", true)
	s.may("one", false)
	s.rejected("one", false) // another refresh of the user's, which was under way before
	s.may("three", true)
	s.may("four", false) // two under way, and one that was rejected
	s.after(probing)     // the two are given up
	s.may("two", true)
	s.may("four", true)
	s.may("five", false)
	s.withdraw("two") // nothing was learned of it
	s.may("two", true)
	s.rejected("late", false) // it was no probe
	if s.pause != stormWindow {
		t.Errorf("the pause is %v", s.pause)
	}
}

func TestVault10_WhoWasRejectedDoesNotProbeAgain(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	s.after(stormWindow)
	s.may("one", true)
	s.rejected("one", true)
	s.withdraw("one") // of another refresh, which was under way before
	s.may("one", false)
	s.after(stormWindow)
	s.may("one", true) // no other user failed for as long as the pause took
}

func TestVault10_PausesGrowToAnHour(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	for _, pause := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		s.after(pause*time.Minute - 1)
		s.may("x", false)
		s.after(1)
		for i := range probesAtOnce {
			user := fmt.Sprint(pause, i)
			if s.pause == longestStorm {
				user = fmt.Sprint(s.now, i)
			}
			s.may(user, true)
			s.rejected(user, true)
		}
	}
}

// A refresh that began before the storm closes the breaker too.
func TestVault10_AnySuccessClosesTheBreaker(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	s.succeeded("early", s.now)
	s.may("one", true)
	s.may("one", true)
	s.after(stormWindow)
	for i := range stormUsers {
		s.rejected(fmt.Sprint("again", i), true)
	}
	if stormy, opens := s.reject("last", s.now); !opens || stormy != stormUsers+1 {
		t.Errorf("the next storm: %d, %v", stormy, opens)
	}
	s.rejected("was served", false)
	s.after(stormWindow)
	s.may("one", true)
}

// Where the provider does not answer, the next probe waits, and the user's other
// refreshes are believed no more than before.
func TestVault10_AProbeThatFails(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	s.failed("early", s.now) // no probe
	s.after(stormWindow)
	s.may("one", true)
	s.failed("early", s.now)
	s.may("two", true)
	s.failed("one", s.now)
	s.rejected("one", false)
	s.may("three", false)
	s.after(probing)
	s.may("three", true)
}

// Who is neither served nor rejected counts among those whose tokens are refreshed.
func TestVault10_FailuresAreNoRejections(t *testing.T) {
	t.Parallel()
	for failing, want := range map[int]bool{stormUsers: true, stormUsers + 1: false} {
		s := &storm{T: t, now: stormBegan}
		for i := range failing {
			s.failed(fmt.Sprint("fails", i), s.now)
		}
		opened := false
		for i := range stormUsers + 1 {
			_, opens := s.reject(fmt.Sprint("rejected", i), s.now)
			opened = opened || opens
		}
		if opened != want {
			t.Errorf("eleven rejected and %d that fail: opened %v", failing, opened)
		}
	}
}

// One whom the provider serves too has no vote, and is not believed in a storm.
func TestVault10_ServedAndRejected(t *testing.T) {
	t.Parallel()
	s := newStorm(t)
	if stormy, opens := s.reject("late", s.now); stormy != stormUsers+2 || opens {
		t.Errorf("%d users are rejected, %v", stormy, opens)
	}
	s.after(stormWindow)
	s.breaker.recent["served"] = seen{succeeded: s.now, any: s.now}
	s.rejected("served", false)
}

func TestVault10_TheBreakersMemoryIsBounded(t *testing.T) {
	t.Parallel()
	s := &storm{T: t, now: stormBegan}
	const old = 10
	for i := range stormMemory {
		if i == old {
			s.after(stormWindow)
		}
		s.failed(fmt.Sprint(i), s.now)
	}
	s.failed("4000", s.now) // known: no other is forgotten
	if n := len(s.recent); n != stormMemory {
		t.Fatalf("%d users", n)
	}
	s.failed("new", s.now)
	if n := len(s.recent); n != stormMemory-old+1 {
		t.Errorf("%d users: those of long ago go, and nobody else", n)
	}
	for i := range 2 * old {
		s.failed(fmt.Sprint("newer", i), s.now)
		if n := len(s.recent); n != min(stormMemory-old+2+i, stormMemory) {
			t.Errorf("%d users", n)
		}
	}
}

func TestVault10_BreakersTellUsersApart(t *testing.T) {
	t.Parallel()
	if breakerUser(&Connection{Tenant: "a", UserID: "bc"}) == breakerUser(&Connection{Tenant: "ab", UserID: "c"}) {
		t.Error("two users are one")
	}
}
