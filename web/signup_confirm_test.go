package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
)

// A sign-up through a provider whose address is not proved waits for its confirmation, and
// answers alike for an address that is taken: to people, to programs and in what follows.
func TestAccounts2_SignUpAnswersAlike(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	s.pretend.Approve("noor") // without an address
	pages, bodies := map[string]string{}, map[string]string{}
	for _, address := range []string{"noor@lp.com", "matt@lp.com"} {
		g := s.guest()
		if at, page := g.do("POST", "/login/acme", "next", "/connections"); !strings.HasPrefix(at, "/register/acme") {
			t.Fatalf("%s:\n%s", at, page)
		}
		at, page := g.do("POST", "/register/acme", "email", address)
		id := signUpLink.FindStringSubmatch(page)
		if !strings.HasPrefix(at, "/login?") || !strings.Contains(page, "Confirmation instructions have been sent to "+address) || id != nil {
			t.Errorf("%s ends at %s:\n%s", address, at, page)
		}
		id = hiddenSignUp.FindStringSubmatch(page)
		if id == nil || !strings.Contains(page, "The account that waits") {
			t.Fatalf("it does not wait:\n%s", page)
		}
		pages[address] = strings.NewReplacer(address, "ADDRESS", id[1], "ID").Replace(page)
		if at, _ := g.do("GET", "/profile"); at != "/login?next=%2Fprofile" {
			t.Errorf("%s: signed in", address)
		}
		// Another log-in through the provider begins again, whether the address is taken or not.
		if at, page := g.do("POST", "/login/acme"); !strings.HasPrefix(at, "/register/acme") {
			t.Errorf("%s: a log-in ends at %s:\n%s", address, at, page)
		}
		p := s.guest()
		p.do("POST", "/login/acme")
		status, _, body := p.asJSON("POST", "/register/acme", "email", "x"+address)
		if bodies[address] = body; status != 202 {
			t.Errorf("%d %s", status, body)
		}
	}
	if pages["noor@lp.com"] != pages["matt@lp.com"] {
		t.Errorf("%s\n%s", pages["noor@lp.com"], pages["matt@lp.com"])
	}
	if bodies["noor@lp.com"] != "{}\n" || bodies["matt@lp.com"] != "{}\n" {
		t.Errorf("%q", bodies)
	}
	if _, ok := s.box.Last(mail.KindAlreadyRegistered, "matt@lp.com"); !ok {
		t.Error("the owner is not told")
	}
	if n := s.guest().connections(); n != 0 {
		t.Errorf("matt has %d connections", n)
	}
}

// A user who confirms in the browser of the sign-up is asked whether to connect the account, as
// long as the link is good.
func TestAccounts3_SignUpIsConfirmed(t *testing.T) {
	t.Parallel()
	registered := make(chan accounts.Registered, 2)
	s := openLiveWith(t, func(c *accounts.Config) {
		c.ConfirmEmail = true
		c.OnEvent = func(_ context.Context, e accounts.Event) {
			if e, ok := e.(accounts.Registered); ok {
				registered <- e
			}
		}
	})
	s.pretend.Approve("noor")
	g := s.guest()
	g.do("POST", "/login/acme", "next", "/sessions")
	// A typing mistake, and the right address.
	g.do("POST", "/register/acme", "email", "nour@lp.com")
	if at, page := g.do("POST", "/register/acme", "email", "noor@lp.com"); !strings.Contains(page, "noor@lp.com") {
		t.Fatalf("the form cannot be sent again: %s\n%s", at, page)
	}
	for range 2 {
		if e := <-registered; e.ProviderID != "acme" {
			t.Errorf("%+v", e)
		}
	}
	s.later.Store(int64(47 * time.Hour))
	path := s.mailed(mail.KindConfirm, "noor@lp.com")
	elsewhere := s.guest()
	if _, page := elsewhere.do("GET", path); strings.Contains(page, `name="signup"`) || strings.Contains(page, `name="password"`) || !strings.Contains(page, `name="not_me"`) ||
		!strings.Contains(page, "the account has no password") || !strings.Contains(page, "This was not me") {
		t.Errorf("in another browser:\n%s", page)
	}
	_, page := g.do("GET", path)
	id := hiddenSignUp.FindStringSubmatch(page)
	if id == nil {
		t.Fatalf("the page of the link:\n%s", page)
	}
	at, page := g.do("POST", path, "signup", id[1], "next", "/sessions")
	if at != "/connections/pending" || !strings.Contains(page, "Connect this Acme account?") {
		t.Fatalf("the link ends at %s:\n%s", at, page)
	}
	if at, page := g.do("POST", "/connections/pending", "signup", id[1]); at != "/sessions" || !strings.Contains(page, "Connection established to Acme") {
		t.Errorf("the answer ends at %s:\n%s", at, page)
	}
	if at, page := s.guest().do("POST", "/login/acme"); at != "/profile" || !strings.Contains(page, "noor@lp.com") {
		t.Errorf("a log-in ends at %s:\n%s", at, page)
	}
	u, err := s.acc.Find(t.Context(), "noor@lp.com")
	if err != nil || u.EmailVerifiedAt.IsZero() {
		t.Errorf("%+v, %v", u, err)
	}
}

// An address that the provider has proved needs no mail.
func TestSignUpWithAProvedAddressIsNotConfirmed(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, confirming)
	s.pretend.Approve("ana")
	g := s.guest()
	g.do("POST", "/login/google")
	if at, page := g.do("POST", "/register/google", "email", "ana@example.com"); at != "/profile" {
		t.Errorf("%s:\n%s", at, page)
	}
	if _, ok := s.box.Last(mail.KindConfirm, "ana@example.com"); ok {
		t.Error("a mail")
	}
	// Another one than the provider's is.
	s.pretend.Approve("jun")
	g = s.guest()
	g.do("POST", "/login/google")
	if at, _ := g.do("POST", "/register/google", "email", "jun@lp.com"); !strings.HasPrefix(at, "/login?") {
		t.Error(at)
	}
	s.mailed(mail.KindConfirm, "jun@lp.com")
}

// What is wrong with the form is said as without confirmation, and a provider's account
// that has been connected since.
func TestSignUpToConfirmIsRefused(t *testing.T) {
	t.Parallel()
	s := openLiveWith(t, func(c *accounts.Config) { c.ConfirmEmail, c.Throttle.NetworkRegistrations.Count = true, 2 })
	s.pretend.Approve("noor")
	g := s.guest()
	g.do("POST", "/login/acme")
	if status, _, body := g.asJSON("POST", "/register/acme", "email", "x"); status != 422 || !strings.Contains(body, `"invalid_email"`) {
		t.Errorf("%d %s", status, body)
	}
	if _, page := g.do("POST", "/register/acme", "email", "x"); !strings.Contains(page, "Invalid email address") {
		t.Error(page)
	}
	other := s.guest()
	other.do("POST", "/login", "email", "matt@lp.com", "password", "correct horse")
	other.do("POST", "/connect/acme")
	if status, _, body := g.asJSON("POST", "/register/acme", "email", "late@lp.com"); status != 409 || !strings.Contains(body, `"invalid_account"`) {
		t.Errorf("connected since: %d %s", status, body)
	}
	s.pretend.Approve("jun")
	g = s.guest()
	g.do("POST", "/login/acme")
	var status int
	for range 3 {
		status, _, _ = g.asJSON("POST", "/register/acme", "email", "jun@lp.com")
	}
	if status != 429 {
		t.Errorf("the third: %d", status)
	}
}
