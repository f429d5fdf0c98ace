package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/mail"
)

// unconfirmed registers jane, and returns the link that confirms the address, without next.
func (s *liveSite) unconfirmed() (g *guest, link string) {
	s.t.Helper()
	g = s.guest()
	g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	link, _, _ = strings.Cut(s.mailed(mail.KindConfirm, "jane@lp.com"), "?")
	return g, link
}

// In another browser the page asks for the password, and says whose it is.
func TestConfirmInAnotherBrowser(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	first, link := s.unconfirmed()
	_, page := first.do("GET", link+"?next=/connections")
	has(t, "in the browser", page, "<h1>Confirm your e-mail address</h1>", `action="`+link+`"`, hidden("next", "/connections"), `<p class="lead">jane@lp.com</p>`,
		"!"+`name="password"`, "!<script")
	g := s.guest()
	_, page = g.do("GET", link+"?next=/connections")
	has(t, "in another", page, "<h1>Confirm your e-mail address</h1>", `action="`+link+`"`, hidden("next", "/connections"), `<p class="lead">jane@lp.com</p>`,
		`value="jane@lp.com"`, `name="password"`, "<script", hidden("not_me", "1"))
	_, page = g.do("POST", link, "password", "wrong horse", "next", "/connections")
	has(t, "a wrong password", page, "Invalid password", hidden("next", "/connections"), `value="jane@lp.com"`)
	at, page := g.do("POST", link, "password", "correct horse", "next", "/connections")
	says(t, "the password", at, page, "/connections", "Log out")
	wantFlash(t, page, "success", "email_confirmed")
}

// Programs confirm with the password, and no message waits for them.
func TestConfirmByAProgramInAnotherBrowser(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	_, link := s.unconfirmed()
	g := s.guest()
	status, h, body := g.asJSON("POST", link, "password", "wrong horse")
	if status != http.StatusUnauthorized || !strings.Contains(body, `"code":"bad_credentials"`) {
		t.Errorf("a wrong password: %d %s", status, body)
	}
	wantOneAnswer(t, "a wrong password", h, body)
	if status, _, body := g.asJSON("POST", link, "password", "correct horse"); status != http.StatusOK || !strings.Contains(body, `"email_verified":true`) {
		t.Errorf("the password: %d %s", status, body)
	}
	if _, page := g.do("GET", "/profile"); strings.Contains(page, `data-code="email_confirmed"`) {
		t.Errorf("a message waits:\n%s", page)
	}
}

// The sign-up that made the account goes on after the link, whatever the case of its address;
// one of another address does not.
func TestConfirmedSignUpGoesOn(t *testing.T) {
	t.Parallel()
	for address, goesOn := range map[string]bool{"ANA@example.com": true, "jane@lp.com": false} {
		s := openLiveWith(t, confirming)
		s.pretend.Approve("ana")
		g := s.guest()
		g.do("POST", "/login/google")
		g.do("POST", "/register/google", "email", "ana.other@example.com", "password", "correct horse", "password_confirm", "correct horse")
		to := "ana.other@example.com"
		if !goesOn {
			_, _ = g.do("POST", "/register", "email", address, "password", "correct horse", "password_confirm", "correct horse")
			to = address
		}
		link, _, _ := strings.Cut(s.mailed(mail.KindConfirm, to), "?")
		status, _, page := g.raw("GET", link, nil)
		if status != http.StatusOK || strings.Contains(page, `name="signup"`) != goesOn {
			t.Errorf("%s: %d\n%s", to, status, page)
		}
		if log := s.log.String(); strings.Contains(log, "the sign-up that waits") {
			t.Errorf("the log:\n%s", log)
		}
	}
	_ = url.Values{}
}
