package social_test

import (
	"context"
	"strings"
	"testing"
)

// A connection may outlive its user: who logs in through it is told so, and
// nobody is signed in.
func TestLogInWithoutUser(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	userID := s.user("matt@lp.com")
	s.connected(userID, s.acme, "1")
	must(t, s.acc.Delete(context.Background(), userID))

	b := s.browser()
	if a := b.flow("/login/acme", "1"); a.status != 303 || a.location != "/login" {
		t.Errorf("status %d to %q", a.status, a.location)
	}
	if flash := b.flash(); !strings.Contains(flash, "This account does not exist any more") {
		t.Errorf("flash %q", flash)
	}
	if b.whoami() != "" {
		t.Error("somebody is signed in")
	}
}
