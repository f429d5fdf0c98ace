package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/web"
)

// The pages of links to sign in say what they are for and to which address; the link's own page
// asks for no password, and its form uses up the very link.
func TestMagicLinkPagesSayWhatFor(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, magic)
	g := s.guest()
	const title, sent = "<h1>Sign in by e-mail</h1>", "If there is an account with the address matt@lp.com, a link and a code"
	_, page := g.do("GET", "/magic-link")
	has(t, "the form", page, title, "You get an e-mail with a link and a code to sign in.", `action="/magic-link"`)
	_, page = g.do("POST", "/magic-link", "email", "matt@lp.com")
	has(t, "what was sent", page, title, sent)
	_, page = g.do("POST", "/magic-link/code", "email", "matt@lp.com", "code", "x")
	has(t, "a wrong code", page, title, sent, "Invalid code")
	path := s.mailed(mail.KindMagicLink, "matt@lp.com")
	_, page = g.do("GET", path)
	has(t, "the link", page, title, `action="`+path+`"`, "matt@lp.com", `!name="password"`, `!name="not_me"`)
}

// A link or a code that could not be looked at is not said to be wrong.
func TestMagicLinksFailWithTheStore(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	g := s.guest()
	g.do("POST", "/magic-link", "email", "matt@lp.com")
	link := s.mailed(mail.KindMagicLink, "matt@lp.com")
	for path, form := range map[string]url.Values{link: nil, "/magic-link/code": {"email": {"matt@lp.com"}, "code": {"x"}}} {
		for accept, want := range map[string]string{"application/json": `"code":"internal"`, "text/html": "</html>"} {
			s.out.begin(1)
			status, h, body := g.raw("POST", path, form, "Accept", accept)
			if s.out.end() == "" || status != http.StatusInternalServerError || !strings.Contains(body, want) {
				t.Errorf("%s as %s: %d %s", path, accept, status, body)
			}
			wantOneAnswer(t, path, h, body)
		}
	}
}

// The page to change a password names the account for password managers and the least length,
// lets passwords be shown, and has one narrow column with the site's navigation.
func TestPasswordPageForms(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.PasswordMinLength = 11 }, web.Options{PasswordMinLength: 11})
	g := s.guest().byPassword()
	_, page := g.do("GET", "/change-password")
	has(t, "the page", page, `<main id="main" class="narrow">`, `action="/logout"`, `value="matt@lp.com" autocomplete="username"`, "11 characters", "/social-static/password.js", "<h1>Change your password</h1>")
	_, page = g.do("POST", "/change-password", "password", "wrong", "new_password", "battery staple", "new_password_confirm", "battery staple")
	has(t, "a wrong password", page, "Invalid password", "!flash-success")
}

// The profile shows the account: its names, roles and log-ins, and what may be changed.
func TestProfileShowsTheAccount(t *testing.T) {
	t.Parallel()
	acc, visit := visitors(t)
	u, err := acc.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com", Username: "ana", Password: "correct horse", EmailVerified: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"author", "editor"} {
		if err := acc.CreateRole(t.Context(), accounts.Role{Name: role}); err != nil {
			t.Fatal(err)
		}
		if err := acc.Grant(t.Context(), u.ID, role); err != nil {
			t.Fatal(err)
		}
	}
	form := url.Values{"email": {"ana"}, "password": {"correct horse"}}
	v := visit()
	v.do("POST", "/login", form)
	page := v.do("GET", "/profile", nil).Body.String()
	has(t, "the first log-in", page, "<dd>ana@lp.com</dd>", "<dd>ana</dd>", "<dd>author, editor</dd>", "<dd>1</dd>", "<dt>This log-in</dt>", "from 192.0.2.1</dd>", "!<dt>The one before</dt>",
		`href="/change-password">Change your password`, `href="/change-username"`, `<option value="de" lang="de" dir="ltr">Deutsch`, `action="/profile" class="setting"`, `!href="/change-email"`)
	v = visit()
	v.do("POST", "/login", form)
	page = v.do("GET", "/profile", nil).Body.String()
	has(t, "the second", page, "<dd>2</dd>", "<dt>This log-in</dt>", "<dt>The one before</dt>")
	if n := strings.Count(page, "from 192.0.2.1</dd>"); n != 2 {
		t.Errorf("%d log-ins say from where:\n%s", n, page)
	}
	page = v.do("POST", "/profile", url.Values{"language": {"xx"}}).Body.String()
	has(t, "a language that is none", page, `aria-invalid="true" aria-describedby="language-wrong"`, "There is no such language here")
	v.do("POST", "/profile", url.Values{"language": {"en"}})
	page = v.do("GET", "/profile", nil).Body.String()
	has(t, "a language", page, `<option value="en" lang="en" dir="ltr" selected>`, `data-code="profile_changed"`)
}

// The page to register has the providers, unless no account is made through them; it keeps
// where to go on and what was entered, and is not there for who is signed in.
func TestRegisterPage(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.PasswordMinLength = 11 }, web.Options{PasswordMinLength: 11})
	g := s.guest()
	_, page := g.do("GET", "/register?next=/connections")
	has(t, "the page", page, "<h1>Register</h1>", `<form method="post" action="/register">`, hidden("next", "/connections"), "11 characters", "/social-static/password.js", `action="/login/google"`, "!aria-invalid")
	_, page = g.do("POST", "/register", "email", "jane@lp.com", "username", "jane", "password", "short", "password_confirm", "short", "next", "/connections")
	has(t, "again", page, hidden("next", "/connections"), `name="email" value="jane@lp.com"`, `name="username" value="jane"`, "at least 11 characters")
	_, page = g.do("POST", "/register", "email", "matt@lp.com", "password", "correct horse", "password_confirm", "correct horse")
	has(t, "a known address", page, `name="email" value="matt@lp.com"`, `aria-invalid="true"`)
	jane := []string{"email", "jane@lp.com", "password", "correct horse", "password_confirm", "correct horse"}
	if status, _, body := g.asJSON("POST", "/register", jane...); status != http.StatusCreated || !strings.Contains(body, `"email":"jane@lp.com"`) {
		t.Errorf("as JSON: %d %s", status, body)
	}
	at, page := g.do("GET", "/register?next=/connections")
	if at != "/connections" || strings.Contains(page, social.CodeAccountCreated) {
		t.Errorf("signed in: at %s\n%s", at, page)
	}
}

// What is wrong with a change of the password has one code for the whole: that of the first
// field. A program may leave out the second new password, and after a proof the current one.
func TestPasswordChangeProblems(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.Breached = stolen{"stolen secret": true} })
	g := s.guest().byPassword()
	for _, tc := range []struct {
		fields []string
		code   string // of the whole
		says   string
	}{
		{[]string{"password", "correct horse", "new_password", "", "new_password_confirm", ""}, "invalid_new_password", "Password not provided"},
		{[]string{"password", "correct horse", "new_password", "battery staple"}, "invalid_new_password_confirm", "do not match"},
		{[]string{"new_password", "short", "new_password_confirm", "short"}, "invalid_password", "Password not provided"},
		{[]string{"password", "correct horse", "new_password", "stolen secret", "new_password_confirm", "stolen secret"}, "weak_password", "Password on breached list"},
	} {
		form := url.Values{}
		for i := 0; i < len(tc.fields); i += 2 {
			form.Set(tc.fields[i], tc.fields[i+1])
		}
		if _, page := g.do("POST", "/change-password", tc.fields...); !strings.Contains(page, tc.says) || !strings.Contains(page, `aria-invalid="true"`) {
			t.Errorf("%v does not say %q:\n%s", tc.fields, tc.says, page)
		}
		if status, _, body := g.raw("POST", "/change-password", form, "Accept", "application/json"); status != 422 || !strings.Contains(body, `"code":"`+tc.code+`"`) || !strings.Contains(body, tc.says) {
			t.Errorf("%v: %d %s", tc.fields, status, body)
		}
	}
	if status, body, _ := g.json("POST", "/change-password", `{"new_password": "stolen secret"}`); status != 422 || body["errors"].([]any)[0].(map[string]any)["field"] != "new_password" {
		t.Errorf("a stolen one: %d %v", status, body)
	}
	if status, body, _ := g.json("POST", "/change-password", `{"password": "correct horse", "new_password": "battery staple"}`); status != 200 {
		t.Errorf("once: %d %v", status, body)
	}
	if status, body, _ := g.json("POST", "/change-password", `{"new_password": "correct horse"}`); status != 200 {
		t.Errorf("without the current one: %d %v", status, body)
	}
	at, page := g.do("POST", "/change-password", "password", "correct horse", "new_password", "battery staple", "new_password_confirm", "battery staple")
	says(t, "changed", at, page, "/profile", `class="flash flash-success`)
	if status, _, body := g.asJSON("GET", "/profile"); status != 200 || !strings.Contains(body, `"email":"matt@lp.com"`) {
		t.Errorf("the profile as JSON: %d %s", status, body)
	}
	// An old proof suffices for the page of who knows the password.
	g.pass(16 * time.Minute)
	at, page = g.do("GET", "/change-password")
	says(t, "later", at, page, "/change-password", `name="password"`)
	form := passwords("", "correct horse", "correct horse")
	form.Set("forgot", "1")
	_, h, _ := g.raw("POST", "/change-password", form, "Referer", s.url+"/change-password")
	if to := h.Get("Location"); to != "/verify?next=%2Fchange-password%3Fforgot%3D1" {
		t.Errorf("forgotten: to %s", to)
	}
}
