package accounts_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// Beyond the limit of an address nothing is sent, and the answer is the same; beyond that
// of a network the request is refused.
func TestResetIsThrottled(t *testing.T) {
	t.Parallel()
	var es events
	s := newMailSite(t, es.collect, func(c *accounts.Config) { c.Throttle.NetworkResets.Count = 9 })
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	first := b.askReset("matt@lp.com")
	for i := range 7 {
		if r := b.askReset(" MATT@lp.com "); r.status != 200 || r.body != first.body {
			t.Errorf("%d: %d %s", i, r.status, r.body)
		}
	}
	if n := s.sent(mail.KindReset, "matt@lp.com"); n != 5 {
		t.Errorf("%d letters, want 5", n)
	}
	wantStatus(t, "the last", b.reset(s.path(t, mail.KindReset, "matt@lp.com"), another), 200) // what is not sent ends no link
	wantStatus(t, "another address", b.askReset("joe@lp.com"), 200)
	es.throttled(t, "the address", "AccountResets", 3)
	if r := b.askReset("jane@lp.com"); r.status != 429 || r.header.Get("Retry-After") != "3600" {
		t.Errorf("%d, %s", r.status, r.header.Get("Retry-After"))
	}
	es.throttled(t, "the network", "NetworkResets", 1)
	wantStatus(t, "another network", b.do("POST", "/reset", url.Values{"email": {"jane@lp.com"}}, "X-Forwarded-For", "192.0.2.1"), 200)
	s.clock.Advance(time.Hour)
	wantStatus(t, "an hour later", b.askReset("matt@lp.com"), 200)
	if n := s.sent(mail.KindReset, "matt@lp.com"); n != 6 {
		t.Errorf("%d letters, want 6", n)
	}
}

// A stranger who asks for links does not use up those of the user, in a browser that knows
// them: the user gets a link still, and no more than the limit.
func TestAccounts15_LinksOfKnownBrowsers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind string
		ask  func(b *browser) answer
	}{
		"a reset":      {mail.KindReset, func(b *browser) answer { return b.askReset("Matt@lp.com") }},
		"a magic link": {mail.KindMagicLink, func(b *browser) answer { return b.askMagicLink("Matt@lp.com") }},
	} {
		for _, password := range []secret.Text{password, ""} {
			s := newMailSite(t, magic)
			u, err := s.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Password: password, EmailVerified: true})
			check(t, err)
			known, other, joes := s.browser(t), s.browser(t), s.browser(t)
			for _, b := range []*browser{known, other} {
				wantStatus(t, name, b.do("POST", "/social", url.Values{"user": {u.ID}}), 200)
				wantStatus(t, name, b.do("POST", "/logout", nil), 200)
			}
			s.user(t, "joe@lp.com", "")
			joes.logIn("joe@lp.com", "correct horse")
			first := tt.ask(joes)
			for range 9 {
				tt.ask(joes)
				tt.ask(s.browser(t))
			}
			if n := s.sent(tt.kind, "matt@lp.com"); n != 5 {
				t.Errorf("%s: strangers have %d letters sent", name, n)
			}
			for range 4 {
				for _, b := range []*browser{known, other} {
					if r := tt.ask(b); r.status != first.status {
						t.Errorf("%s: %d %s", name, r.status, r.body)
					}
				}
			}
			if n := s.sent(tt.kind, "matt@lp.com"); n != 10 {
				t.Errorf("%s: %d letters, want 10", name, n)
			}
		}
	}
}

// Strangers' guesses lock the account, and its owner opens it.
func TestResetOpensALockedAccount(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, func(c *accounts.Config) { c.Throttle.AccountLogins.Count = 2 })
	s.user(t, "matt@lp.com", "")
	for range 2 {
		s.browser(t).logIn("matt@lp.com", "wrong horse")
	}
	wantStatus(t, "locked", s.browser(t).logIn("matt@lp.com", password), 429)
	s.browser(t).askReset("matt@lp.com")
	wantStatus(t, "the link", s.browser(t).reset(s.path(t, mail.KindReset, "matt@lp.com"), another), 200)
	wantStatus(t, "open", s.browser(t).logIn("matt@lp.com", another), 200)
}
