package web_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/text"
	"github.com/gosocial/social/web"
)

// The language that a user has chosen goes before what the browser asks for, on pages, and
// in mails whoever causes them.
func TestAccounts14_LanguageOfTheUser(t *testing.T) {
	t.Parallel()
	texts, err := text.New(text.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := openLiveWith(t, func(c *accounts.Config) { c.Language = texts.Requested }, web.Options{Texts: texts})
	v := &visitor{s.acc.Middleware(s.pages), map[string]string{}}
	in := func(tag string) string { return v.do("GET", "/profile", nil, "Accept-Language", tag).Body.String() }
	v.do("POST", "/register", url.Values{"email": {"ana@lp.com"}, "password": {"correct horse"}, "password_confirm": {"correct horse"}}, "Accept-Language", "de-AT, en;q=0.5")
	id, _, err := s.acc.FindEmail(t.Context(), "ana@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	if page := in("fr"); !strings.Contains(page, `<html lang="de"`) || !strings.Contains(page, `<option value="de" lang="de" dir="ltr" selected>Deutsch</option>`) {
		t.Errorf("after a registration in German:\n%s", page)
	}
	if w := v.do("GET", "/session", nil, "Accept-Language", "fr"); !strings.Contains(w.Body.String(), `"language":"de"`) {
		t.Errorf("/session: %s", w.Body)
	}
	if w := v.do("POST", "/profile", url.Values{"language": {"es"}}); w.Code != 303 || w.Header().Get("Location") != "/profile" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	if page := in("fr"); !strings.Contains(page, `<html lang="es"`) || !strings.Contains(page, `data-code="profile_changed"`) || !strings.Contains(page, "Su perfil ha cambiado.") {
		t.Errorf("chosen:\n%s", page)
	}
	if w := v.do("POST", "/profile", url.Values{"language": {"xx"}}); w.Code != 200 || !strings.Contains(w.Body.String(), `id="language-wrong"`) {
		t.Errorf("an unknown one: %d\n%s", w.Code, w.Body)
	}
	if w := v.doJSON("PATCH", "/profile", `{"language": "xx"}`); w.Code != 422 || !strings.Contains(w.Body.String(), `"detail":"There is no such language here","code":"invalid_language"`) {
		t.Errorf("as JSON: %d %s", w.Code, w.Body)
	}
	if w := v.doJSON("PATCH", "/profile", `{}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"language":"es"`) {
		t.Errorf("nothing: %d %s", w.Code, w.Body)
	}

	// An administrator's command, and another user, cause a mail to her.
	mailed := func(what, kind, want string) {
		t.Helper()
		if l, ok := s.box.Last(kind, "ana@lp.com"); !ok || l.Language != want {
			t.Errorf("%s: the mail is in %q, want %q", what, l.Language, want)
		}
	}
	if err := s.acc.SetPassword(t.Context(), id, "battery staple"); err != nil {
		t.Fatal(err)
	}
	mailed("by a command", mail.KindPasswordChanged, "es")
	stranger := &visitor{v.h, map[string]string{}}
	stranger.do("POST", "/reset", url.Values{"email": {"ana@lp.com"}}, "Accept-Language", "fr")
	mailed("by a stranger", mail.KindReset, "es")

	// Without one it is that of the request, unless another user sends that.
	v.do("POST", "/login", url.Values{"email": {"ana@lp.com"}, "password": {"battery staple"}})
	if w := v.doJSON("PATCH", "/profile", `{"language": ""}`); w.Code != 200 || strings.Contains(w.Body.String(), "language") {
		t.Errorf("none: %d %s", w.Code, w.Body)
	}
	if page := in("fr"); !strings.Contains(page, `<html lang="fr"`) {
		t.Errorf("none chosen:\n%s", page)
	}
	stranger.do("POST", "/reset", url.Values{"email": {"ana@lp.com"}}, "Accept-Language", "fr")
	mailed("by a stranger, none chosen", mail.KindReset, "fr")
	stranger.do("POST", "/login", matt)
	stranger.do("POST", "/reset", url.Values{"email": {"ana@lp.com"}}, "Accept-Language", "de")
	mailed("by another user, none chosen", mail.KindReset, "")
	v.do("POST", "/reset", url.Values{"email": {"ana@lp.com"}}, "Accept-Language", "de")
	mailed("by the user, none chosen", mail.KindReset, "de")
	if w := stranger.do("POST", "/profile", url.Values{"language": {"de"}}); w.Code != 303 {
		t.Error(w.Code)
	}
	if u, err := s.acc.User(t.Context(), id); err != nil || u.Language != "" {
		t.Errorf("another user's choice: %q, %v", u.Language, err)
	}
}
