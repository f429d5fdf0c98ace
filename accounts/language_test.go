package accounts_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// A mail is in the language of the request that asked for it.
func TestMailInTheLanguageOfTheRequest(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, func(c *accounts.Config) {
		c.Language = func(r *http.Request) string { return "in " + r.Header.Get("Accept-Language") }
	})
	_, err := s.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Password: password, EmailVerified: true})
	check(t, err)
	s.browser(t).do("POST", "/reset", url.Values{"email": {"matt@lp.com"}}, "Accept-Language", "de")
	if l := s.letter(t, mail.KindReset, "matt@lp.com"); l.Language != "in de" {
		t.Errorf("the language is %q", l.Language)
	}
}
