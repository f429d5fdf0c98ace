package accounts_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/mail"
)

// The code's hash in the store cannot be tried without the secret that is in the browser.
func TestMagicLinkCodeIsNotInTheStore(t *testing.T) {
	t.Parallel()
	s, b, _ := linked(t, unlimited)
	codes := map[string]bool{}
	for range 5 {
		b.askMagicLink("matt@lp.com")
		code := s.letter(t, mail.KindMagicLink, "matt@lp.com").Code
		codes[code] = true
		got := s.calls.tickets[len(s.calls.tickets)-1].CodeHash
		mac := hmac.New(sha256.New, make([]byte, 32))
		mac.Write([]byte(code))
		if got == sha256.Sum256([]byte(code)) || got == [32]byte(mac.Sum(nil)) || got == ([32]byte{}) {
			t.Errorf("%s is hashed without a secret", code)
		}
	}
	if len(codes) < 4 {
		t.Errorf("codes %v", codes)
	}
}

// The code is taken as people write it, on the last try too, with the address in any case.
func TestMagicLinkCodeAsItIsWritten(t *testing.T) {
	t.Parallel()
	var es events
	s, _, _ := linked(t, unlimited, es.collect, func(c *accounts.Config) { c.Throttle.AccountCodes.Count = 5 })
	s.verified(t, "Ann@lp.com")
	b := s.browser(t)
	b.askMagicLink("ann@lp.com")
	code := s.letter(t, mail.KindMagicLink, "Ann@lp.com").Code
	for range 4 {
		wantStatus(t, "a wrong one", b.enterCode("ann@lp.com", "x"), 401)
	}
	wantStatus(t, "the fifth try", b.enterCode("ANN@lp.com", code[:2]+"-"+code[2:5]+"\u00a0"+code[5:]), 200)
	if names := b.cookieNames(); strings.Contains(names, "magic_link") {
		t.Errorf("left are %s", names)
	}
	es.list = nil
	b.askMagicLink("ann@lp.com")
	wantStatus(t, "beyond the limit", b.enterCode("ann@lp.com", "x"), 429)
	es.throttled(t, "codes", "AccountCodes", 1)
	// The right code of an address without an account, or of one that is gone, is wrong.
	b = s.browser(t)
	b.askMagicLink("missing@lp.com")
	letters := s.box.Letters()
	wantStatus(t, "nobody's", b.enterCode("missing@lp.com", letters[len(letters)-1].Code), 401)
}

func (b *browser) cookieNames() (names string) {
	for _, c := range b.cookies() {
		names += c.Name + " "
	}
	return names
}

// A log-in by link ends no other session of a user whose address is proved, and proves one
// in the browser that registered.
func TestMagicLinkKeepsAndProves(t *testing.T) {
	t.Parallel()
	var es events
	s, there, _ := linked(t, es.collect)
	b := s.browser(t)
	b.askMagicLink("matt@lp.com")
	wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindMagicLink, "matt@lp.com"), nil), 200)
	if there.whoami().Email != "matt@lp.com" {
		t.Error("another session ended")
	}
	b = s.browser(t)
	b.registerToConfirm("kim@lp.com")
	b.askMagicLink("kim@lp.com")
	kim, err := s.Find(t.Context(), "kim@lp.com")
	check(t, err)
	about := accounts.Subject{UserID: kim.ID}
	es.list = nil
	wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindMagicLink, "kim@lp.com"), nil), 200)
	es.want(t, "the link", accounts.VerificationChanged{Subject: about, Verified: true},
		accounts.LoggedIn{Subject: about, Via: identity.ViaMail, Address: "127.0.0.1", NewBrowser: true})
}
