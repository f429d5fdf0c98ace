package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// No page goes on to another site, in whatever state its visitor is.
func TestSecurity09_NoPageLeadsToAnotherSite(t *testing.T) {
	t.Parallel()
	const evil = "https://evil.example/x"
	s, keys := openPasskeys(t, func(c *accounts.Config) {
		c.MagicLink, c.Usernames = true, accounts.UsernamesOptional
		c.Throttle.AccountResets, c.Throttle.AccountMagicLinks = accounts.Limit{Count: -1}, accounts.Limit{Count: -1}
	})
	confirming := openLiveWith(t, confirming)
	visitor := func() (*guest, string) { return s.guest(), "" }
	signedIn := func() (*guest, string) { return s.guest().byPassword(), "" }
	linkOf := func(kind string, enter func() (*guest, string), ask, email string) func() (*guest, string) {
		return func() (*guest, string) {
			g, _ := enter()
			g.do("POST", ask, "email", email)
			path, _, _ := strings.Cut(s.mailed(kind, email), "?")
			return g, path
		}
	}
	reset := linkOf(mail.KindReset, visitor, "/reset", "matt@lp.com")
	magic := linkOf(mail.KindMagicLink, visitor, "/magic-link", "matt@lp.com")
	change := linkOf(mail.KindChangeEmail, signedIn, "/change-email", "matt@example.com")
	confirm := func() (*guest, string) {
		g := confirming.guest()
		g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse")
		path, _, _ := strings.Cut(confirming.mailed(mail.KindConfirm, "jane@lp.com"), "?")
		return g, path
	}
	due := func() (*guest, string) { // once the address is changed
		enter := func() *guest {
			g := s.guest()
			g.do("POST", "/login", "email", "matt@example.com", "password", "correct horse")
			return g
		}
		if len(keys.Passkeys) == 0 {
			g := enter()
			g.do("POST", "/security/passkeys", "credential", g.create(keys))
		}
		return enter(), ""
	}
	wrong := []string{"password", "x", "password_confirm", "y", "email", "x", "code", "x", "username", "-"}
	for _, tc := range []struct {
		enter  func() (*guest, string)
		path   string
		fields []string // nil: GET
	}{
		{visitor, "/login", nil},
		{visitor, "/login", wrong},
		{visitor, "/login", []string{"email", "matt@lp.com", "password", "correct horse"}},
		{signedIn, "/login", nil},
		{visitor, "/register", nil},
		{visitor, "/register", wrong},
		{signedIn, "/register", nil},
		{visitor, "/reset", nil},
		{visitor, "/reset", wrong},
		{visitor, "/reset", []string{"email", "jane@lp.com"}},
		{reset, "", nil},
		{reset, "", wrong},
		{reset, "", []string{"password", "correct horse", "password_confirm", "correct horse"}},
		{visitor, "/magic-link", nil},
		{visitor, "/magic-link", wrong},
		{visitor, "/magic-link/code", wrong},
		{magic, "", nil},
		{magic, "", []string{"x", "y"}},
		{signedIn, "/change-email", nil},
		{signedIn, "/change-email", wrong},
		{change, "", nil},
		{signedIn, "/change-username", nil},
		{signedIn, "/verify", nil},
		{signedIn, "/verify", wrong},
		{signedIn, "/verify", []string{"password", "correct horse"}},
		{signedIn, "/security/totp", nil},
		{signedIn, "/security/totp", []string{"x", "y"}},
		{signedIn, "/security/totp/confirm", wrong},
		{signedIn, "/security/passkeys", nil},
		{signedIn, "/security/passkeys", []string{"credential", "x"}},
		{signedIn, "/account/delete", nil},
		{signedIn, "/two-factor", nil},
		{visitor, "/two-factor", nil},
		{visitor, "/two-factor", wrong},
		{change, "", []string{"x", "y"}},
		{due, "/two-factor", nil},
		{due, "/two-factor", wrong},
		{visitor, "/login", []string{"email", "matt@example.com", "password", "correct horse"}},
		{confirm, "", nil},
		{confirm, "", []string{"x", "y"}},
		{visitor, "/passkeys", []string{"credential", "x"}},
	} {
		g, path := tc.enter()
		path += tc.path
		form := url.Values{"next": {evil}}
		for i := 0; i < len(tc.fields); i += 2 {
			form.Set(tc.fields[i], tc.fields[i+1])
		}
		method := http.MethodPost
		if tc.fields == nil {
			method, path, form = http.MethodGet, path+"?next="+url.QueryEscape(evil), nil
		}
		status, h, page := g.raw(method, path, form)
		if to := h.Get("Location"); status >= 500 || strings.Contains(to, "evil") || strings.Contains(page, "evil") {
			t.Errorf("%s %s: %d to %q\n%s", method, path, status, to, page)
		}
	}
}
