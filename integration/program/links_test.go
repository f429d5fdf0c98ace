package program_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/integration/program"
)

// mailed waits for the newest mail in the log whose link has the path, and returns that.
func (s *site) mailed(path string) string {
	s.Helper()
	link := regexp.MustCompile(regexp.QuoteMeta(s.url) + `(` + path + `[A-Za-z0-9_-]{43})`)
	for range 200 {
		if all := link.FindAllStringSubmatch(s.process.Log(), -1); all != nil {
			return all[len(all)-1][1]
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.Fatalf("no mail with a link to %s in\n%s", path, s.process.Log())
	return ""
}

// A user of the program sets a new password by the link in a mail, which goes to the log.
func TestReset(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--config", s.file); out.Code != 0 {
		t.Fatal(out.Stderr)
	}
	v := s.visitor()
	v.get("/login").is(200).says(`href="/reset"`)
	v.post("/reset", "email", "matt@lp.com").is(200).says("have been sent")
	v.asJSON().post("/reset", "email", "nobody@lp.com").is(202)
	path := s.mailed("/reset/")
	v.get(path).is(200).has("Referrer-Policy", "no-referrer").has("Cache-Control", "no-store").says("matt@lp.com")
	v.post(path, "password", "battery staple", "password_confirm", "battery staple").to(303, "/login")
	v.get("/login").says("You successfully reset your password.")
	v.post(path, "password", "battery staple", "password_confirm", "battery staple").is(400)
	v.asJSON().post("/login", "email", "matt@lp.com", "password", "battery staple").is(200)

	off := serve(t, settings{"recovery": false})
	off.visitor().get("/reset").is(404)
	off.visitor().get("/login").is(200).saysNot("/reset")
}

// A user is told of a log-in from a browser that the program does not know.
func TestNewBrowserMail(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		s := serve(t, settings{"new_browser_mail": on})
		if out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--config", s.file); out.Code != 0 {
			t.Fatal(out.Stderr)
		}
		for range 2 {
			s.visitor().asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200)
		}
		// Mails are sent in the order in which they were written.
		s.visitor().post("/reset", "email", "matt@lp.com").is(200)
		s.mailed("/reset/")
		if told := strings.Count(s.process.Log(), "New sign-in to"); told != map[bool]int{true: 1, false: 0}[on] {
			t.Errorf("new_browser_mail %v: %d mails\n%s", on, told, s.process.Log())
		}
	}
}

// With confirm_email an account is of use once its address is confirmed.
func TestConfirmEmail(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"confirm_email": true})
	v := s.visitor()
	form := []string{"email", "matt@lp.com", "password", password, "password_confirm", password}
	v.asJSON().post("/register", form...).is(202)
	path := s.mailed("/confirm/")
	v.asJSON().post("/login", "email", "matt@lp.com", "password", password).problem(401, "not_confirmed")
	other := s.visitor()
	other.asJSON().post("/register", form...).is(202)
	other.get(path).is(400) // a newer mail was sent, as to an address that is new
	for range 100 {
		if next := s.mailed("/confirm/"); next != path {
			path = next
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	other.get(path).is(200).says(`name="password"`, `name="not_me"`).has("Referrer-Policy", "no-referrer")
	v.post(path).is(303)
	if v.user() == "" {
		t.Error("not signed in")
	}
	v.asJSON().post("/login", "email", "matt@lp.com", "password", password).is(200)
}

// A user signs in by a mailed link where the program lets them.
func TestMagicLink(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"magic_link": true})
	if out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--config", s.file); out.Code != 0 {
		t.Fatal(out.Stderr)
	}
	v := s.visitor()
	v.get("/login").is(200).says(`href="/magic-link"`)
	v.post("/magic-link", "email", "matt@lp.com", "next", "/connections").is(200).says("have been sent", `name="code"`)
	v.asJSON().post("/magic-link/code", "email", "matt@lp.com", "code", "x").problem(401, "bad_code")
	path := s.mailed("/magic-link/")
	other := s.visitor()
	other.get(path).is(200).says("matt@lp.com").has("Referrer-Policy", "no-referrer")
	other.post(path, "next", "/connections").to(303, "/connections")
	if other.user() == "" || v.user() != "" {
		t.Error("the wrong browser is signed in")
	}
	v.asJSON().post(path).problem(400, "bad_token")

	off := serve(t).visitor()
	off.get("/magic-link").is(404)
	off.get("/login").saysNot("/magic-link")
}

// A user of the program changes the e-mail address, and the owner of the one before takes
// that back.
func TestChangeEmail(t *testing.T) {
	t.Parallel()
	s := serve(t)
	if out := program.Run(t, nil, password+"\n", "users", "create", "matt@lp.com", "--verified", "--config", s.file); out.Code != 0 {
		t.Fatal(out.Stderr)
	}
	v := s.visitor()
	v.post("/login", "email", "matt@lp.com", "password", password).is(303)
	v.post("/change-email", "email", "new@lp.com").to(303, "/profile")
	path := s.mailed("/change-email/")
	s.visitor().asJSON().post(path).problem(401, "not_signed_in")
	v.get(path).is(200).says("new@lp.com").has("Referrer-Policy", "no-referrer")
	v.post(path).to(303, "/profile")
	v.get("/profile").says("new@lp.com")
	v.asJSON().post("/change-username", "username", "matt").is(200)
	undo := s.mailed("/change-email/undo/")
	s.visitor().post(undo).to(303, "/login")
	if v.user() != "" {
		t.Error("a session goes on")
	}
	s.mailed("/reset/")
}

// With confirm_email a sign-up through a provider waits for its address too, and says the same
// of one that is taken.
func TestSignUpIsConfirmed(t *testing.T) {
	t.Parallel()
	s := serve(t, settings{"confirm_email": true, "signup": "form"})
	s.user("matt@lp.com")
	for _, email := range []string{"matt@lp.com", "noor@lp.com"} {
		v := s.visitor()
		v.through("/login/acme", "noor").to(303, "/register/acme?login_failed=1")
		v.asJSON().post("/register/acme", "email", email).is(202).says("{}")
		if v.user() != "" {
			t.Errorf("%s: signed in", email)
		}
		if email == "matt@lp.com" {
			continue
		}
		v.get(s.mailed("/confirm/")).is(200).says(`name="signup"`)
		var waits struct{ ID string }
		v.asJSON().get("/connections/pending").is(200).into(&waits)
		v.post(s.mailed("/confirm/"), "signup", waits.ID).to(303, "/connections/pending")
		v.asJSON().post("/connections/pending", "signup", waits.ID).is(200)
		s.visitor().through("/login/acme", "noor").to(303, "/profile")
	}
}
