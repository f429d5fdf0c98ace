package accounts_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
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

func TestAccounts14_SetLanguage(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, func(c *accounts.Config) {
		c.Language = func(r *http.Request) string {
			if r.Header.Get("Accept-Language") == "" {
				return "en" // the default, which nobody has asked for
			}
			return r.Header.Get("Accept-Language")
		}
	})
	u := s.user(t, "matt@lp.com", "matt")
	for _, tag := range []string{"de", "zh-Hant-TW", strings.Repeat("a", 35), ""} {
		check(t, s.SetLanguage(t.Context(), u.ID, tag))
		if now, err := s.User(t.Context(), u.ID); err != nil || now.Language != tag {
			t.Errorf("%q: %q, %v", tag, now.Language, err)
		}
	}
	var field *accounts.FieldError
	for _, tag := range []string{"de_DE", "-de", "d\x00e", strings.Repeat("a", 36), "de,en"} {
		if err := s.SetLanguage(t.Context(), u.ID, tag); !errors.As(err, &field) || field.Field() != accounts.FieldLanguage || field.Code() != accounts.CodeLanguageInvalid || err.Error() != "There is no such language here" {
			t.Errorf("%q: %v", tag, err)
		}
		if _, err := s.Create(t.Context(), accounts.NewUser{Email: "x@lp.com", Language: tag}); !errors.As(err, &field) {
			t.Errorf("a new user of %q: %v", tag, err)
		}
	}
	if err := s.SetLanguage(t.Context(), "nobody", "de"); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}

	// That of a registration, if it is one.
	for header, want := range map[string]string{"fr": "fr", "fr,de": "", "": ""} {
		email := "of-" + strings.ReplaceAll(header, ",", "-") + "@lp.com"
		s.browser(t).do("POST", "/register-to-confirm", url.Values{"email": {email}, "password": {password.Reveal()}}, "Accept-Language", header)
		if u, err := s.Find(t.Context(), email); err != nil || u.Language != want {
			t.Errorf("registered with %q: %q, %v", header, u.Language, err)
		}
	}
}

// A user's own language counts more than the request's, and another user's request has none
// for them. Without a request, and without Config.Language, there is no preference.
func TestAccounts14_WhoseLanguage(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, func(c *accounts.Config) {
		c.Language = func(r *http.Request) string { return r.Header.Get("Accept-Language") }
	})
	b, joe := s.signedIn(t, "joe@lp.com")
	matt := s.user(t, "matt@lp.com", "")
	check(t, s.SetVerifiedKeepingAccess(t.Context(), matt.ID, true))
	written := func(to accounts.User, by *browser) string {
		t.Helper()
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Accept-Language", "fr")
		r.AddCookie(&http.Cookie{Name: "session", Value: by.cookie()})
		s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			check(t, s.SetPassword(r.Context(), to.ID, another))
		})).ServeHTTP(httptest.NewRecorder(), r)
		return s.letter(t, mail.KindPasswordChanged, to.Email).Language
	}
	if got := written(matt, b); got != "" {
		t.Errorf("another user's letter is in %q", got)
	}
	check(t, s.SetLanguage(t.Context(), matt.ID, "de"))
	if got := written(matt, b); got != "de" {
		t.Errorf("of a user who has a language, the letter is in %q", got)
	}
	if got := written(joe, b); got != "fr" {
		t.Errorf("a letter about the user's own request is in %q", got)
	}

	id, err := s.Register(t.Context(), identity.Registration{Email: "kim@lp.com"})
	check(t, err)
	wantStatus(t, "a registration", s.browser(t).do("POST", "/register", url.Values{"email": {"ann@lp.com"}, "password": {password.Reveal()}}, "Accept-Language", "fr"), 200)
	plain := newMailSite(t, confirming)
	plain.browser(t).do("POST", "/register-to-confirm", url.Values{"email": {"ann@lp.com"}, "password": {password.Reveal()}}, "Accept-Language", "fr")
	kim, err := s.User(t.Context(), id)
	check(t, err)
	ann, err := s.Find(t.Context(), "ann@lp.com")
	check(t, err)
	other, err := plain.Find(t.Context(), "ann@lp.com")
	check(t, err)
	if kim.Language != "" || ann.Language != "fr" || other.Language != "" {
		t.Errorf("%q, %q and %q", kim.Language, ann.Language, other.Language)
	}
}
