package social_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
)

// The answer to a program has the user, and a next step only when there is one.
func TestLogInOfAProgram(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = plainUsers{c.Users} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	if a := s.browser().program().flow("/login/acme", "1", "next", "/there"); a.status != 200 || strings.TrimSpace(a.body) != `{"user":{"id":"`+matt+`"}}` {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Users who are too busy to sign a user in say when to try again.
func TestLogInWhileUsersAreBusy(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = refusingUsers{c.Users, accounts.ErrBusy} })
	s.connected("1", s.acme, "1")
	for _, json := range []bool{false, true} {
		b := s.browser()
		b.json = json
		if a := b.flow("/login/acme", "1"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") != "5" {
			t.Errorf("%d %v %s", a.status, a.header, a.body)
		}
	}
}

// The page of a second factor gets the address that is wanted after it, but not when it is
// another site's.
func TestNextAfterAFactor(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		"/factor": "/factor?next=%2Fthere", "/factor?a=b": "/factor?a=b&next=%2Fthere", "https://factor.example.com/x": "https://factor.example.com/x",
	} {
		s := open(t, func(c *social.Config) { c.Users = guarded{Accounts: c.Users.(*accounts.Accounts), page: page} })
		s.connected(s.user("matt@lp.com"), s.acme, "1")
		if a := s.browser().flow("/login/acme", "1", "next", "/there"); a.status != 303 || a.location != want {
			t.Errorf("%d %q, want %q", a.status, a.location, want)
		}
	}
}

// A session that ends while the provider answers is named as the reason.
func TestConnectWithoutASessionSaysWhy(t *testing.T) {
	t.Parallel()
	s := open(t)
	pages := &recordingPages{}
	s.pages = pages
	b := s.signedIn(s.user("matt@lp.com"))
	hold, arrived := make(chan struct{}), make(chan struct{})
	callback, answer := b.begin("/connect/acme", "1")
	s.acme.set(func(p *stub) { p.hold, p.arrived = hold, arrived })
	done := make(chan reply)
	go func() { done <- b.get(callback + "?" + answer.Encode()) }()
	<-arrived
	b.post("/sign-out", nil)
	close(hold)
	if a := <-done; a.status != http.StatusBadRequest || pages.last.Message.Args["reason"] != "the session has ended meanwhile" {
		t.Errorf("%d %+v", a.status, pages.last)
	}
}

// A log-in that cannot be answered in full is a failure, and not half an answer.
func TestLogInThatCannotBeAnswered(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = brokenUsers{c.Users.(*accounts.Accounts), "DescribeUser"} })
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	if a := s.browser().program().flow("/login/acme", "1"); a.status != http.StatusInternalServerError || a.problem() != social.CodeInternal {
		t.Errorf("without the user's description: %d %s", a.status, a.body)
	}

	s, store := openBroken(t, func(c *social.Config) { c.SignUp = social.Form })
	s.connected(s.user("matt@lp.com"), s.bird, "1")
	b := s.browser()
	b.flow("/login/acme", "9")
	callback, answer := b.begin("/login/bird", "1", "signup", b.pendingID())
	store.fail("OneTime", "TakeOneTime", "PutOneTime")
	if a := b.get(callback + "?" + answer.Encode()); a.status != http.StatusInternalServerError || a.location != "" {
		t.Errorf("with a sign-up that cannot be read: %d %q", a.status, a.location)
	}
}
