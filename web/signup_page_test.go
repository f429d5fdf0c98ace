package web_test

import (
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/web"
)

// The page of a sign-up shows the account, and keeps what was entered.
func TestSignUpPage(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.Usernames = accounts.UsernamesRequired }, web.Options{PasswordMinLength: 11})
	s.pretend.Approve("ana")
	g := s.guest()
	_, page := g.do("POST", "/login/google")
	has(t, "the page", page, `action="/register/google"`, "Ana Duarte", `name="username" value=""`, "11 characters", "/social-static/password.js", `<main id="main" class="narrow">`, `<span class="portrait"`, "!data-code=")
	_, page = g.do("POST", "/register/google", "email", "x", "username", "-", "password", "short", "password_confirm", "other")
	has(t, "what is wrong", page, `value="x"`, `name="username" value="-"`, `id="email-wrong"`, `id="username-wrong"`, `id="password-wrong"`, `id="password_confirm-wrong"`, "Ana Duarte")

	// Another message than that they are new is shown still.
	g = s.guest()
	if _, err := s.acc.Create(t.Context(), accounts.NewUser{Email: "joe@lp.com", Username: "joe", Password: "correct horse"}); err != nil {
		t.Fatal(err)
	}
	g.do("POST", "/login", "email", "joe", "password", "correct horse")
	g.raw("POST", "/logout", nil)
	_, page = g.do("POST", "/login/google")
	has(t, "after a log-out", page, `data-code="signed_out"`, "!unknown_account", `action="/register/google"`)
}

// Without Options the site has a name, and asks for passwords as accounts does.
func TestOptionsHaveDefaults(t *testing.T) {
	t.Parallel()
	soc, acc := open()
	pages, err := web.New(soc, acc)
	if err != nil {
		t.Fatal(err)
	}
	page := get(acc.Middleware(pages), "/register").Body.String()
	has(t, "by default", page, "<title>Register · Social</title>", "At least 8 characters")
	if pages, err = web.New(soc, acc, web.Options{Site: "Orchard", PasswordMinLength: 9}); err != nil {
		t.Fatal(err)
	}
	page = get(acc.Middleware(pages), "/register").Body.String()
	has(t, "as they say", page, "<title>Register · Orchard</title>", "At least 9 characters")
	if _, err := web.New(soc, acc, web.Options{}, web.Options{}); err == nil {
		t.Error("two Options are taken")
	}
}
