package web_test

import (
	"testing"

	"github.com/gosocial/social/mail"
)

// A user is told of a log-in from an unknown browser, whatever the way, once it is done.
func TestAccounts8_UnknownBrowserOfAnyLogIn(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	owner := s.guest()
	owner.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	s.pretend.Approve("ana")
	owner.do("POST", "/connect/google")
	if l, ok := s.box.Last(mail.KindNewBrowser, "matt@lp.com"); ok {
		t.Fatalf("told of the first log-in: %+v", l)
	}
	s.guest().do("POST", "/login/google")
	l, ok := s.box.Last(mail.KindNewBrowser, "matt@lp.com")
	if !ok || l.Args[mail.ArgVia] != "Google" || l.Args[mail.ArgDevice] != "Go" || l.Args[mail.ArgAddress] != "127.0.0.1" || l.Link != s.url+"/sessions" || l.At.IsZero() {
		t.Errorf("%v %+v", ok, l)
	}
	for _, path := range []string{"/login/google", "/login"} {
		before := len(s.box.Letters())
		owner.do("POST", "/logout")
		owner.do("POST", path, "email", "matt@lp.com", "password", "correct horse")
		if all := s.box.Letters(); len(all) != before {
			t.Errorf("told of %s in a known browser: %+v", path, all[before:])
		}
	}
}
