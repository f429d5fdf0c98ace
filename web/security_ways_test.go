package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// What connects to a provider that the application has no more is no way in, and nothing
// that advice could lead to.
func TestSecurityPageOfProvidersThatAreGone(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.NoRecovery = true })
	g := s.guest().byPassword()
	s.pretend.Approve("ana")
	g.do("POST", "/connect/google")
	_, page := g.do("GET", "/security")
	if got := strings.Join(missingOn(t, page), " "); got != "/security/totp" {
		t.Errorf("with the provider: leads to %q", got)
	}
	page = g.withoutProviders("/security")
	if got := strings.Join(missingOn(t, page), " "); got != "/security/totp" || !strings.Contains(page, "google") {
		t.Errorf("without: leads to %q\n%s", got, page)
	}

	stranger := s.guest()
	s.pretend.Approve("jun")
	stranger.do("POST", "/login/google")
	stranger.do("POST", "/register/google", "email", "jun@example.com", "password", "", "password_confirm", "")
	stranger.do("POST", "/connect/acme")
	_, page = stranger.do("GET", "/security")
	if got := strings.Join(missingOn(t, page), " "); got != "/security/totp" {
		t.Errorf("two providers: leads to %q", got)
	}
	if got := strings.Join(missingOn(t, stranger.withoutProviders("/security")), " "); got != "/security/totp /change-password" {
		t.Errorf("both gone: leads to %q", got)
	}
}

// Programs get the ways in of a user without a password.
func TestSecurityPageOfAProvidersUserAsJSON(t *testing.T) {
	t.Parallel()
	s, keys := openPasskeys(t, nil)
	s.pretend.Approve("ana")
	g := s.guest()
	g.do("POST", "/login/google")
	g.do("POST", "/register/google", "email", "ana@example.com", "password", "", "password_confirm", "")
	g.json("POST", "/security/passkeys", g.create(keys))
	_, answer, text := g.json("GET", "/security", "")
	if answer["password"] != false || fmt.Sprint(answer["providers"]) != "[google]" || answer["passkeys"] != 1.0 ||
		fmt.Sprint(answer["two_factor"]) != "[passkey recovery_code]" || answer["recovery_codes"] != 10.0 {
		t.Error(text)
	}
}

// A user who has a required second factor lacks none.
func TestSecurityPageOfARequiredFactor(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	g := s.guest()
	g.enrol()
	_, page := g.do("GET", "/security")
	if got := missingOn(t, page); len(got) > 0 {
		t.Errorf("leads to %q", got)
	}
}

// A link that another request uses meanwhile is not good any more.
func TestResetTwiceAtOnce(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	g := s.guest()
	g.do("POST", "/reset", "email", "matt@lp.com")
	link := s.mailed(mail.KindReset, "matt@lp.com")
	form := url.Values{"password": {"battery staple"}, "password_confirm": {"battery staple"}, "next": {"/connections"}}
	s.out.interrupt(func() {
		if status, _, page := s.guest().raw("POST", link, form); status != http.StatusSeeOther {
			t.Errorf("the other request: %d\n%s", status, page)
		}
	})
	status, _, page := g.raw("POST", link, form)
	if status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
	has(t, "the second", page, "not good any more", `href="/reset?next=%2Fconnections"`)
}
