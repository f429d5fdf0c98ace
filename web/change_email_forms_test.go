package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
)

// The forms for a new address and a new username go where they should, with what was
// entered and where they lead on to.
func TestChangeForms(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest().byPassword()
	for name, tc := range map[string]struct {
		method, path string
		fields       []string
		want         []string
	}{
		"address": {"GET", "/change-email?next=/connections&email=new@lp.com", nil,
			[]string{`<form method="post" action="/change-email">`, hidden("next", "/connections"), `name="email" value="new@lp.com"`}},
		"wrong address": {"POST", "/change-email", []string{"email", "x", "next", "/connections"},
			[]string{`<form method="post" action="/change-email">`, hidden("next", "/connections"), `name="email" value="x"`}},
		"username": {"GET", "/change-username?username=max", nil,
			[]string{`<form method="post" action="/change-username">`, `name="username" value="max"`, "!" + `name="email"`}},
		"wrong username": {"POST", "/change-username", []string{"username", "-"},
			[]string{`<form method="post" action="/change-username">`, `name="username" value="-"`, "!" + `name="email"`}},
	} {
		_, page := g.do(tc.method, tc.path, tc.fields...)
		has(t, name, page, tc.want...)
	}
}

// A change of address leads on to where its user wanted to go, but to no other site, and
// each step says that it is done.
func TestChangeEmailLeadsOn(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.Throttle.AccountResets = accounts.Limit{Count: -1} })
	g := s.guest().byPassword()
	g.do("POST", "/change-email", "email", "new@lp.com", "next", "https://evil.example/")
	if path := s.mailed(mail.KindChangeEmail, "new@lp.com"); strings.Contains(path, "?") {
		t.Errorf("the link leads on to another site: %s", path)
	}
	_, page := g.do("POST", "/change-email", "email", "new@lp.com", "next", "/connections")
	wantFlash(t, page, "success", "change_email_sent")
	link := s.mailed(mail.KindChangeEmail, "new@lp.com")
	path, query, _ := strings.Cut(link, "?")
	if query != "next=%2Fconnections" {
		t.Errorf("the link is %s", link)
	}
	_, page = g.do("GET", link)
	has(t, "the link", page, `<form method="post" action="`+path+`">`, hidden("next", "/connections"))
	at, page := g.do("POST", path, "next", "/connections")
	if at != "/connections" {
		t.Errorf("the change leads to %s", at)
	}
	wantFlash(t, page, "success", "email_changed")
	undo := s.mailed(mail.KindEmailChanged, "matt@lp.com")
	_, page = s.guest().do("GET", undo)
	has(t, "the link back", page, `<form method="post" action="`+undo+`">`)
	_, page = g.do("POST", "/change-username", "username", "matt")
	wantFlash(t, page, "success", "username_changed")
	if status, _, body := g.asJSON("POST", "/change-username", "username", "max"); status != 200 || strings.TrimSpace(body) != "{}" {
		t.Errorf("%d %s", status, body)
	}
	_, page = s.guest().do("POST", undo)
	wantFlash(t, page, "success", "email_undone")
}

// With an old proof the form comes back with what was entered, and with where it leads.
func TestChangeEmailAfterAProof(t *testing.T) {
	t.Parallel()
	g := openLive(t).guest().byPassword()
	g.pass(16 * time.Minute)
	form := url.Values{"email": {"new@lp.com"}, "next": {"/connections"}}
	_, h, _ := g.raw("POST", "/change-email", form, "Referer", g.url+"/change-email")
	to, err := url.Parse(h.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	back, err := url.Parse(to.Query().Get("next"))
	if err != nil || to.Path != "/verify" || back.Path != "/change-email" || back.Query().Encode() != form.Encode() {
		t.Errorf("leads to %s, %v", to, err)
	}
}

// A session that ends while its user changes something leads to the log-in, and back.
func TestSessionEndsDuringAChange(t *testing.T) {
	t.Parallel()
	s := openFailing(t, nil)
	u, err := s.acc.Find(t.Context(), "matt@lp.com")
	if err != nil {
		t.Fatal(err)
	}
	for path, form := range map[string]url.Values{
		"/change-email":    {"email": {"new@lp.com"}},
		"/change-username": {"username": {"max"}},
	} {
		g := s.guest().byPassword()
		s.out.interrupt(func() {
			if _, err := s.acc.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID}); err != nil {
				t.Error(err)
			}
		})
		if status, h, page := g.raw("POST", path, form); status != 303 || h.Get("Location") != "/login?next="+url.QueryEscape(path) {
			t.Errorf("%s: %d to %s\n%s", path, status, h.Get("Location"), page)
		}
	}
}

// The pages that ask for a mail keep where they lead on to, and what was entered.
func TestAskPages(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { magic(c); confirming(c) })
	for path, code := range map[string]bool{"/reset": false, "/confirm": false, "/magic-link": true} {
		g := s.guest()
		form := `<form method="post" action="` + path + `">`
		_, page := g.do("GET", path+"?next=/connections")
		has(t, path, page, form, hidden("next", "/connections"))
		_, page = g.do("POST", path, "email", "x", "next", "/connections")
		has(t, path+" with a wrong address", page, form, hidden("next", "/connections"), `value="x"`, `id="email-wrong"`)
		_, page = g.do("POST", path, "email", "joe@lp.com", "next", "/connections")
		has(t, path+" when it is sent", page, "!"+form, "joe@lp.com", `href="`+path+`?next=%2Fconnections"`)
		if strings.Contains(page, `name="code"`) != code {
			t.Errorf("%s: asks for a code, or for none:\n%s", path, page)
		}
		if code {
			has(t, path, page, hidden("email", "joe@lp.com"), hidden("next", "/connections"))
		}
	}
}
