package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
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

// A sign-up that waits goes on after the link that confirms its address, in whatever case
// that is written, and not after the link of another one.
func TestConfirmedSignUpGoesOn(t *testing.T) {
	t.Parallel()
	for address, goesOn := range map[string]bool{"Ana.Other@Example.com": true, "jane@lp.com": false} {
		s := openLiveWith(t, confirming)
		s.pretend.Approve("ana")
		g := s.guest()
		g.do("POST", "/register", "email", address, "password", "correct horse", "password_confirm", "correct horse")
		g.do("POST", "/login/google")
		g.do("POST", "/register/google", "email", "ANA.OTHER@example.com", "password", "correct horse", "password_confirm", "correct horse")
		status, _, page := g.raw("GET", s.mailed(mail.KindConfirm, address), nil)
		if status != http.StatusOK || strings.Contains(page, `name="signup"`) != goesOn {
			t.Errorf("%s: %d\n%s", address, status, page)
		}
		if log := s.log.String(); strings.Contains(log, "the sign-up that waits") {
			t.Errorf("the log:\n%s", log)
		}
	}
}

// A sign-up that waits, and cannot be read, is no failure of what leads on to it: it is
// logged. Where none waits nothing is.
func TestSignUpThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const logged = "the sign-up that waits"
	s := openFailing(t, confirming)
	s.pretend.Approve("ana")
	g := s.guest()
	g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	link := s.mailed(mail.KindConfirm, "jane@lp.com")
	g.do("GET", link)
	s.guest().byPassword().do("POST", "/logout")
	if log := s.pages.String(); log != "" {
		t.Errorf("none waits:\n%s", log)
	}
	_, page := g.do("POST", "/login/google")
	id := signUpLink.FindStringSubmatch(page)[1]
	s.out.beginAt("OneTime")
	if status, _, page := g.raw("GET", link, nil); status != http.StatusOK || !strings.Contains(page, "jane@lp.com") {
		t.Errorf("the link: %d\n%s", status, page)
	}
	if log := s.pages.String(); strings.Count(log, logged) != 1 {
		t.Errorf("the link:\n%s", log)
	}
	s.out.beginAt("OneTime")
	status, h, _ := g.raw("POST", link, url.Values{"signup": {id}, "next": {"/connections"}})
	if status != http.StatusSeeOther || h.Get("Location") != "/connections" {
		t.Errorf("confirmed: %d to %q", status, h.Get("Location"))
	}
	if log := s.pages.String(); strings.Count(log, logged) != 2 {
		t.Errorf("confirmed:\n%s", log)
	}
}

// A user who has to have a second factor is led to it by the link, and on from there.
func TestConfirmLeadsToTheSetUp(t *testing.T) {
	t.Parallel()
	for _, json := range []bool{false, true} {
		s := openLiveWith(t, func(c *accounts.Config) { c.ConfirmEmail, c.TwoFactor = true, accounts.TwoFactorRequired })
		g, link := s.unconfirmed()
		if json {
			if status, _, body := g.asJSON("POST", link); status != http.StatusOK || strings.TrimSpace(body) != `{"two_factor_setup":true}` {
				t.Errorf("%d %s", status, body)
			}
			continue
		}
		status, h, _ := g.raw("POST", link, url.Values{"next": {"/connections"}, "signup": {"s1"}})
		if want := "/security/totp?signup=s1&next=%2Fconnections"; status != http.StatusSeeOther || h.Get("Location") != want {
			t.Errorf("%d to %q, want %q", status, h.Get("Location"), want)
		}
	}
}
