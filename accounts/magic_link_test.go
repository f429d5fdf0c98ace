package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
)

func magic(c *accounts.Config) { c.MagicLink = true }

func (b *browser) askMagicLink(email string) answer {
	b.t.Helper()
	return b.do("POST", "/magic-link", url.Values{"email": {email}})
}

func (b *browser) enterCode(email, code string) answer {
	b.t.Helper()
	return b.do("POST", "/magic-link/code", url.Values{"email": {email}, "code": {code}})
}

// verified creates a user whose address is proved.
func (s *mailSite) verified(t *testing.T, email string) accounts.User {
	t.Helper()
	u, err := s.Create(t.Context(), accounts.NewUser{Email: email, Password: password, EmailVerified: true})
	check(t, err)
	return u
}

func TestMagicLink(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic)
	u := s.verified(t, "Matt@lp.com")
	b, other := s.browser(t), s.browser(t)
	wantStatus(t, "asking", b.askMagicLink("matt@lp.com"), 200)
	l := s.letter(t, mail.KindMagicLink, "Matt@lp.com")
	if len(l.Code) != 8 || strings.Trim(l.Code, "0123456789") != "" || !l.Until.Equal(s.clock.Now().Add(15*time.Minute)) {
		t.Errorf("%+v", l)
	}
	path := s.path(t, mail.KindMagicLink, "Matt@lp.com")
	for range 3 {
		if got, err := s.CheckMagicLink(t.Context(), strings.TrimPrefix(path, "/magic-link/")); err != nil || got.ID != u.ID {
			t.Errorf("%v, %v", got, err)
		}
	}
	// The link is good in any browser, the code no more after it.
	wantStatus(t, "the link", other.do("POST", path, nil), 200)
	if p := other.whoami(); p.Email != "Matt@lp.com" || p.Via != identity.ViaMail {
		t.Errorf("%+v", p)
	}
	wantStatus(t, "again", b.do("POST", path, nil), 400)
	wantStatus(t, "the code after the link", b.enterCode("matt@lp.com", l.Code), 401)
	wantStatus(t, "the password is as it was", s.browser(t).logIn("matt@lp.com", password), 200)
}

// The code is good in the browser that asked, once, with the address.
func TestMagicLinkCode(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic)
	s.verified(t, "matt@lp.com")
	s.verified(t, "joe@lp.com")
	b, other := s.browser(t), s.browser(t)
	b.askMagicLink("matt@lp.com")
	code := s.letter(t, mail.KindMagicLink, "matt@lp.com").Code
	other.askMagicLink("joe@lp.com")
	wantStatus(t, "a browser that asked for another", other.enterCode("matt@lp.com", code), 401)
	wantStatus(t, "a browser that asked for none", s.browser(t).enterCode("matt@lp.com", code), 401)
	wantStatus(t, "another address", b.enterCode("joe@lp.com", code), 401)
	wantStatus(t, "no code", b.enterCode("matt@lp.com", ""), 401)
	wantStatus(t, "the code", b.enterCode(" MATT@lp.com", code[:4]+" "+code[4:]), 200)
	if b.whoami().Email != "matt@lp.com" {
		t.Error("not signed in")
	}
	wantStatus(t, "again", b.enterCode("matt@lp.com", code), 401)
	wantStatus(t, "the link after the code", other.do("POST", s.path(t, mail.KindMagicLink, "matt@lp.com"), nil), 400)
}

// A code has five tries, and all codes of an account have a limit.
func TestMagicLinkCodeTries(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic, unlimited)
	s.verified(t, "matt@lp.com")
	wrong := func(code string) string {
		if code[0] == '0' {
			return "1" + code[1:]
		}
		return "0" + code[1:]
	}
	b := s.browser(t)
	ask := func() string {
		b.askMagicLink("matt@lp.com")
		return s.letter(t, mail.KindMagicLink, "matt@lp.com").Code
	}
	code := ask()
	for range 5 {
		wantStatus(t, "a wrong one", b.enterCode("matt@lp.com", wrong(code)), 401)
	}
	wantStatus(t, "after five tries", b.enterCode("matt@lp.com", code), 401)
	code = ask()
	for range 3 {
		wantStatus(t, "a wrong one", b.enterCode("matt@lp.com", wrong(code)), 401)
	}
	wantStatus(t, "the tenth", b.enterCode("matt@lp.com", code), 200)
	code = ask()
	wantStatus(t, "beyond ten", b.enterCode("matt@lp.com", code), 429)
	s.clock.Advance(15 * time.Minute)
	wantStatus(t, "later", b.enterCode("matt@lp.com", ask()), 200)
}

func TestSecurity38_MagicLinkAnswersAlike(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic, unlimited)
	s.answersAlike(t, "/magic-link", mail.KindMagicLink, "known", "unconfirmed", "without a password")
}

// Codes for addresses without an account are wrong as others are.
func TestSecurity38_CodesAnswerAlike(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic, unlimited)
	first := ""
	for what, address := range s.kinds(t) {
		b := s.browser(t)
		b.askMagicLink(address)
		for i := range 11 {
			var r answer
			did := s.calls.during(func() { r = b.enterCode(address, "x") })
			if want := map[bool]int{false: 401, true: 429}[i == 10]; r.status != want {
				t.Errorf("%s: %d", what, r.status)
			}
			if i > 0 {
				continue
			}
			if first == "" {
				first = did
			}
			if did != first {
				t.Errorf("%s: the store did %s, want %s", what, did, first)
			}
		}
	}
}

func TestMagicLinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic, func(c *accounts.Config) { c.Throttle.AccountCodes.Count = -1 })
	s.verified(t, "matt@lp.com")
	b := s.browser(t)
	b.askMagicLink("matt@lp.com")
	path, code := s.path(t, mail.KindMagicLink, "matt@lp.com"), s.letter(t, mail.KindMagicLink, "matt@lp.com").Code
	once(t, s, http.StatusBadRequest, func(b *browser) answer { return b.do("POST", path, nil) })
	wantStatus(t, "the code", b.enterCode("matt@lp.com", code), 401)
	// Of parallel uses of a code one signs in.
	b.askMagicLink("matt@lp.com")
	code = s.letter(t, mail.KindMagicLink, "matt@lp.com").Code
	u, _ := url.Parse(s.url)
	cookies := b.Jar.Cookies(u)
	once(t, s, http.StatusUnauthorized, func(b *browser) answer {
		b.Jar.SetCookies(u, cookies)
		return b.enterCode("matt@lp.com", code)
	})
}

func TestMagicLinkEnds(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(t *testing.T, s *mailSite, u accounts.User){
		"expired":          func(t *testing.T, s *mailSite, u accounts.User) { s.clock.Advance(15 * time.Minute) },
		"asked again":      func(t *testing.T, s *mailSite, u accounts.User) { s.browser(t).askMagicLink(u.Email) },
		"password changed": func(t *testing.T, s *mailSite, u accounts.User) { check(t, s.SetPassword(t.Context(), u.ID, another)) },
		"inactive": func(t *testing.T, s *mailSite, u accounts.User) {
			u.Active = false
			check(t, s.store.UpdateUser(t.Context(), u))
		},
		"another address": func(t *testing.T, s *mailSite, u accounts.User) {
			u.Email = "x@lp.com"
			check(t, s.store.UpdateUser(t.Context(), u))
		},
		"deleted": func(t *testing.T, s *mailSite, u accounts.User) { check(t, s.Delete(t.Context(), u.ID)) },
	} {
		s := newMailSite(t, magic)
		u := s.verified(t, "matt@lp.com")
		b := s.browser(t)
		b.askMagicLink("matt@lp.com")
		path, code := s.path(t, mail.KindMagicLink, "matt@lp.com"), s.letter(t, mail.KindMagicLink, "matt@lp.com").Code
		end(t, s, u)
		if _, err := s.CheckMagicLink(t.Context(), strings.TrimPrefix(path, "/magic-link/")); !errors.Is(err, accounts.ErrBadToken) {
			t.Errorf("%s: %v", what, err)
		}
		wantStatus(t, what, b.do("POST", path, nil), 400)
		wantStatus(t, what+", the code", b.enterCode("matt@lp.com", code), 401)
	}
}

// A stranger registered with another person's address: the owner's link hands the account over,
// by link and by code, but not in the browser that registered.
func TestSecurity34_MagicLinkHandsOver(t *testing.T) {
	t.Parallel()
	for _, byCode := range []bool{false, true} {
		s := newMailSite(t, magic)
		ended := 0
		s.OnTakeOver(func(context.Context, string, time.Time) error { ended++; return nil })
		stranger := s.browser(t)
		wantStatus(t, "registering", stranger.do("POST", "/register", url.Values{"email": {"victim@lp.com"}, "password": {password.Reveal()}}), 200)
		u, err := s.Find(t.Context(), "victim@lp.com")
		check(t, err)
		_, hash := ticket.NewToken()
		check(t, s.store.PutTicket(t.Context(), ticket.Ticket{Hash: hash, UserID: u.ID, Purpose: ticket.ChangeEmail, Address: u.Email, ExpiresAt: s.clock.Now().Add(time.Hour)}))
		owner := s.browser(t)
		owner.askMagicLink("victim@lp.com")
		if byCode {
			wantStatus(t, "the code", owner.enterCode("victim@lp.com", s.letter(t, mail.KindMagicLink, "victim@lp.com").Code), 200)
		} else {
			wantStatus(t, "the link", owner.do("POST", s.path(t, mail.KindMagicLink, "victim@lp.com"), nil), 200)
		}
		if owner.whoami().Email != "victim@lp.com" || stranger.whoami().Email != "" {
			t.Errorf("the owner is %q, the stranger %q", owner.whoami().Email, stranger.whoami().Email)
		}
		wantStatus(t, "the stranger's password", stranger.logIn("victim@lp.com", password), 401)
		if _, err := s.store.Ticket(t.Context(), "", hash, s.clock.Now()); !errors.Is(err, ticket.ErrNone) || ended != 1 {
			t.Errorf("a pending change of address is left: %v; connections ended %d times", err, ended)
		}
	}
	s := newMailSite(t, magic, confirming)
	b := s.browser(t)
	b.registerToConfirm("matt@lp.com")
	b.askMagicLink("matt@lp.com")
	wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindMagicLink, "matt@lp.com"), nil), 200)
	wantStatus(t, "the password stays", s.browser(t).logIn("matt@lp.com", password), 200)
}

func TestMagicLinkIsThrottled(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, magic, func(c *accounts.Config) { c.Throttle.NetworkMagicLinks.Count = 7 })
	s.verified(t, "matt@lp.com")
	b := s.browser(t)
	for i := range 7 {
		if r := b.askMagicLink("matt@lp.com"); r.status != 200 || len(r.header["Set-Cookie"]) != 1 {
			t.Errorf("%d: %d %q", i, r.status, r.header["Set-Cookie"])
		}
	}
	if n := s.sent(mail.KindMagicLink, "matt@lp.com"); n != 5 {
		t.Errorf("%d letters, want 5", n)
	}
	wantStatus(t, "beyond", b.askMagicLink("joe@lp.com"), 429)
}

func TestMagicLinkOff(t *testing.T) {
	t.Parallel()
	for what, configure := range map[string]func(*accounts.Config){
		"by default": func(*accounts.Config) {},
		"no mail":    func(c *accounts.Config) { c.MagicLink, c.Mail = true, nil },
	} {
		s := newMailSite(t, configure)
		u := s.verified(t, "matt@lp.com")
		b := s.browser(t)
		token, hash := ticket.NewToken()
		check(t, s.store.PutTicket(t.Context(), ticket.Ticket{Hash: hash, UserID: u.ID, Purpose: ticket.MagicLink, Address: u.Email, ExpiresAt: s.clock.Now().Add(time.Hour)}))
		wantStatus(t, what, b.askMagicLink("matt@lp.com"), 404)
		wantStatus(t, what+", a link from before", b.do("POST", "/magic-link/"+token, nil), 404)
		wantStatus(t, what+", a code", b.enterCode("matt@lp.com", "00000000"), 404)
		if _, err := s.CheckMagicLink(t.Context(), token); !errors.Is(err, accounts.ErrOff) || s.CanMagicLink() {
			t.Errorf("%s: %v", what, err)
		}
	}
}
