package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gosocial/social/text"
	"github.com/gosocial/social/web"
)

// A form has to have the password twice. A program may leave out the second, and is told when
// it differs.
func TestSecondPassword(t *testing.T) {
	t.Parallel()
	s := openLive(t)
	g := s.guest()
	_, page := g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse")
	has(t, "a form without the second", page, "do not match", "<h1>Register</h1>")
	status, body, _ := g.json("POST", "/register", `{"email": "jane@lp.com", "password": "correct horse", "password_confirm": "other"}`)
	wantAnswer(t, "a program with another one", status, body, 422, `"code":"passwords_differ"`)
	status, body, _ = g.json("POST", "/register", `{"email": "jane@lp.com", "password": "correct horse"}`)
	wantAnswer(t, "a program without", status, body, http.StatusCreated, `"email":"jane@lp.com"`)
	status, body, _ = g.json("POST", "/change-password", `{"password": "correct horse", "new_password": "battery staple", "new_password_confirm": "other"}`)
	wantAnswer(t, "a change with another one", status, body, 422, `"code":"passwords_differ"`)
}

// Who has registered goes on to where they wanted, and is told so.
func TestRegisteringGoesOn(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest()
	at, page := g.do("POST", "/register", "email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse", "next", "/connections")
	says(t, "registered", at, page, "/connections", `class="flash flash-success" data-code="account_created"`)
	at, page = g.do("POST", "/profile", "language", "en")
	says(t, "a language", at, page, "/profile", `class="flash flash-success" data-code="profile_changed"`)
}

// Where no account is made through a provider, the page to register offers none.
func TestRegisterPageWithoutSignUp(t *testing.T) {
	t.Parallel()
	_, visit := openSite(t)
	has(t, "the page", visit().do("GET", "/register", nil).Body.String(), "<h1>Register</h1>", `!action="/login/github"`)
	has(t, "the log-in page", visit().do("GET", "/login", nil).Body.String(), `action="/login/github"`)
}

// A site in one language asks nobody for theirs.
func TestProfileOfOneLanguage(t *testing.T) {
	t.Parallel()
	for _, languages := range [][]string{{"en"}, {"en", "de"}} {
		_, visit := openSite(t, web.Options{Texts: catalog(t, text.Options{Languages: languages})})
		v := visit()
		v.do("POST", "/login", matt)
		if page := v.do("GET", "/profile", nil).Body.String(); strings.Contains(page, `name="language"`) != (len(languages) > 1) {
			t.Errorf("%v:\n%s", languages, page)
		}
	}
}

// A wrong code leaves the address in the form.
func TestWrongCodeKeepsTheAddress(t *testing.T) {
	t.Parallel()
	g := openLiveWith(t, magic).guest()
	g.do("POST", "/magic-link", "email", "matt@lp.com")
	_, page := g.do("POST", "/magic-link/code", "email", "matt@lp.com", "code", "x")
	has(t, "the page", page, `name="email" value="matt@lp.com"`)
}
