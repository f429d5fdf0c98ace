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

func confirming(c *accounts.Config) { c.ConfirmEmail = true }

func (b *browser) registerToConfirm(email string) answer {
	b.t.Helper()
	return b.do("POST", "/register-to-confirm", url.Values{"email": {email}, "password": {password.Reveal()}})
}

func (b *browser) confirm(path string, fields ...string) answer {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return b.do("POST", path, form)
}

// In the browser that registered the link is enough, and signs in.
func TestConfirm(t *testing.T) {
	t.Parallel()
	var es events
	s := newMailSite(t, confirming, es.collect)
	b := s.browser(t)
	wantStatus(t, "registering", b.registerToConfirm("Matt@lp.com"), 200)
	if b.whoami().Email != "" {
		t.Error("signed in before the address is confirmed")
	}
	if r := b.logIn("matt@lp.com", password); r.status != 403 {
		t.Errorf("a log-in before: %d %s", r.status, r.body)
	}
	wantStatus(t, "a wrong password", b.logIn("matt@lp.com", another), 401)
	l := s.letter(t, mail.KindConfirm, "Matt@lp.com")
	if !l.Until.Equal(s.clock.Now().Add(48 * time.Hour)) {
		t.Errorf("%+v", l)
	}
	path := s.path(t, mail.KindConfirm, "Matt@lp.com")
	u, err := s.Find(t.Context(), "matt@lp.com")
	check(t, err)
	about, from := accounts.Subject{UserID: u.ID}, "127.0.0.1"
	es.want(t, "before the link", accounts.Registered{Subject: about, Address: from},
		accounts.LoginFailed{Subject: about, Via: identity.ViaPassword, Address: from, Err: accounts.ErrNotConfirmed},
		accounts.LoginFailed{Subject: about, Via: identity.ViaPassword, Address: from, Err: accounts.ErrCredentials})
	if names := b.cookieNames(); !strings.Contains(names, "social_registered") {
		t.Errorf("the browser has %s", names)
	}
	wantStatus(t, "the link", b.confirm(path), 200)
	es.want(t, "the link", accounts.VerificationChanged{Subject: about, Verified: true},
		accounts.LoggedIn{Subject: about, Via: identity.ViaMail, Address: from})
	if p := b.whoami(); p.Email != "Matt@lp.com" || p.Via != identity.ViaMail {
		t.Errorf("%+v", p)
	}
	if names := b.cookieNames(); strings.Contains(names, "social_registered") {
		t.Errorf("the browser has %s", names)
	}
	wantStatus(t, "again", b.confirm(path), 400)
	wantStatus(t, "a log-in", s.browser(t).logIn("matt@lp.com", password), 200)
}

// A registration through a provider says so.
func TestConfirmOfAProvidersUser(t *testing.T) {
	t.Parallel()
	var es events
	s := newMailSite(t, confirming, es.collect)
	if got := s.ConfirmEmailWithin(); got != 48*time.Hour {
		t.Errorf("the link is good for %v", got)
	}
	if got := newMailSite(t).ConfirmEmailWithin(); got != 0 {
		t.Errorf("where nobody confirms a link is good for %v", got)
	}
	_, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		return s.RegisterToConfirm(w, r, identity.Registration{Email: "matt@lp.com", ProviderID: "google"}, "")
	})
	check(t, err)
	u, err := s.Find(t.Context(), "matt@lp.com")
	check(t, err)
	es.want(t, "a registration", accounts.Registered{Subject: accounts.Subject{UserID: u.ID}, ProviderID: "google", Address: "192.0.2.1"})
}

// In another browser the link takes the password.
func TestConfirmElsewhere(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	s.browser(t).registerToConfirm("matt@lp.com")
	path := s.path(t, mail.KindConfirm, "matt@lp.com")
	b := s.browser(t)
	b.registerToConfirm("joe@lp.com") // the browser of another account
	wantStatus(t, "without anything", b.confirm(path), 401)
	wantStatus(t, "a wrong password", b.confirm(path, "password", another.Reveal()), 401)
	u, err := s.Find(t.Context(), "matt@lp.com")
	check(t, err)
	if !u.EmailVerifiedAt.IsZero() || b.whoami().Email != "" {
		t.Error("confirmed without the password")
	}
	wantStatus(t, "the password", b.confirm(path, "password", password.Reveal()), 200)
	if b.whoami().Email != "matt@lp.com" {
		t.Error("not signed in")
	}
	wantStatus(t, "the password works", s.browser(t).logIn("matt@lp.com", password), 200)
}

// A user who confirms gets a session, also in the browser of another user, and with an API token.
func TestConfirmInAnotherUsersSession(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, withTokens)
	b, _ := s.signedIn(t, "joe@lp.com")
	s.browser(t).registerToConfirm("matt@lp.com")
	wantStatus(t, "another user's", b.confirm(s.path(t, mail.KindConfirm, "matt@lp.com"), "password", password.Reveal()), 200)
	if got := b.whoami().Email; got != "matt@lp.com" {
		t.Errorf("the browser is %q", got)
	}
	s.browser(t).registerToConfirm("kim@lp.com")
	kim, err := s.Find(t.Context(), "kim@lp.com")
	check(t, err)
	bearer, _ := s.tokenFor(t, kim)
	program := s.browser(t)
	r := program.do("POST", s.path(t, mail.KindConfirm, "kim@lp.com"), url.Values{"password": {password.Reveal()}}, "Authorization", bearer)
	wantStatus(t, "with a token", r, 200)
	if got := program.whoami().Email; got != "kim@lp.com" {
		t.Errorf("the browser is %q", got)
	}
}

// A form that is sent twice, by a double click for instance, is no other browser's. A browser
// that registers an address which another one has registered stays another.
func TestSecurity34_ConfirmAfterRegisteringTwice(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	b, stranger := s.browser(t), s.browser(t)
	b.registerToConfirm("matt@lp.com")
	for range 2 {
		stranger.registerToConfirm("matt@lp.com")
	}
	b.registerToConfirm("Matt@LP.com")
	path := s.path(t, mail.KindConfirm, "matt@lp.com")
	wantStatus(t, "a stranger's browser", stranger.confirm(path), 401)
	wantStatus(t, "the browser", b.confirm(path), 200)
	if got := b.whoami().Email; got != "matt@lp.com" {
		t.Errorf("signed in as %q", got)
	}
}

// Guesses of the password at a link count as those of log-ins.
func TestConfirmIsThrottled(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, func(c *accounts.Config) { c.Throttle.AccountLogins.Count = 2 })
	s.browser(t).registerToConfirm("matt@lp.com")
	path := s.path(t, mail.KindConfirm, "matt@lp.com")
	b := s.browser(t)
	for range 5 { // is no guess
		wantStatus(t, "without a password", b.confirm(path), 401)
	}
	for range 2 {
		wantStatus(t, "a guess", b.confirm(path, "password", another.Reveal()), 401)
	}
	wantStatus(t, "beyond", b.confirm(path, "password", password.Reveal()), 429)
}

// A user who is signed in through a provider confirms with the link alone.
func TestConfirmSignedIn(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	s.browser(t).registerToConfirm("matt@lp.com")
	path := s.path(t, mail.KindConfirm, "matt@lp.com")
	u, err := s.Find(t.Context(), "matt@lp.com")
	check(t, err)
	b := s.browser(t)
	wantStatus(t, "through a provider", b.do("POST", "/social", url.Values{"user": {u.ID}}), 200)
	wantStatus(t, "the link", b.confirm(path), 200)
	if p := b.whoami(); p.Via != "google" {
		t.Errorf("another session: %+v", p)
	}
	if u, err = s.User(t.Context(), u.ID); err != nil || u.EmailVerifiedAt.IsZero() {
		t.Errorf("%v, %v", u.EmailVerifiedAt, err)
	}
}

// A stranger registered with another person's address: the owner takes the account over.
func TestSecurity34_ConfirmNotMe(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	var ended []string
	s.OnTakeOver(func(_ context.Context, userID string, _ time.Time) error { ended = append(ended, userID); return nil })
	stranger := s.browser(t)
	stranger.registerToConfirm("victim@lp.com")
	u, err := s.Find(t.Context(), "victim@lp.com")
	check(t, err)
	wantStatus(t, "through a provider", stranger.do("POST", "/social", url.Values{"user": {u.ID}}), 200)
	for _, p := range []ticket.Purpose{ticket.Reset, ticket.ChangeEmail, ticket.UndoEmail} {
		_, hash := ticket.NewToken()
		k := ticket.Ticket{Hash: hash, UserID: u.ID, Purpose: p, Address: u.Email, ExpiresAt: s.clock.Now().Add(time.Hour)}
		check(t, s.store.PutTicket(t.Context(), k))
		defer func() {
			if _, err := s.store.Ticket(t.Context(), "", hash, s.clock.Now()); !errors.Is(err, ticket.ErrNone) {
				t.Errorf("the link to %s is left: %v", p, err)
			}
		}()
	}
	// Asked for again in the owner's browser: that does not make it the one that registered.
	owner := s.browser(t)
	wantStatus(t, "again", owner.do("POST", "/confirm", url.Values{"email": {"victim@lp.com"}}), 200)
	wantStatus(t, "registering again", owner.registerToConfirm("victim@lp.com"), 200)
	path := s.path(t, mail.KindConfirm, "victim@lp.com")
	wantStatus(t, "the link alone", owner.confirm(path), 401)
	wantStatus(t, "not me", owner.confirm(path, "not_me", "1", "password", password.Reveal()), 200)
	if owner.whoami().Email != "victim@lp.com" || stranger.whoami().Email != "" {
		t.Errorf("the owner is %q, the stranger %q", owner.whoami().Email, stranger.whoami().Email)
	}
	if has, err := s.HasPassword(t.Context(), u.ID); has || err != nil || len(ended) != 1 {
		t.Errorf("a password is left: %v, %v; connections of %v are ended", has, err, ended)
	}
	wantStatus(t, "the stranger's password", stranger.logIn("victim@lp.com", password), 401)
	wantStatus(t, "the first password", owner.changePassword("", another), 200)
}

// Registering and asking again answer alike for every address.
func TestSecurity38_ConfirmationAnswersAlike(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, unlimited)
	s.answersAlike(t, "/confirm", mail.KindConfirm, "unconfirmed")
}

func TestSecurity38_RegistrationAnswersAlike(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, unlimited, func(c *accounts.Config) { c.Throttle.NetworkRegistrations.Count = -1 })
	addresses := s.kinds(t)
	addresses["unknown, in another case"] = "MISSING2@lp.com"
	var first answer
	var work string
	for what, address := range addresses {
		var r answer
		did := s.calls.during(func() { r = s.browser(t).registerToConfirm(address) })
		if work == "" {
			first, work = r, did
		}
		if r.status != 200 || r.body != first.body || len(r.header["Set-Cookie"]) != 1 || len(r.header["Set-Cookie"][0]) != len(first.header["Set-Cookie"][0]) || did != work {
			t.Errorf("%s: %d %s %q, the store did %s, want %s", what, r.status, r.body, r.header["Set-Cookie"], did, work)
		}
	}
	if strings.Count(work, "hash") != 1 {
		t.Errorf("it did %s", work)
	}
	for what, want := range map[string]string{"known": mail.KindAlreadyRegistered, "without a password": mail.KindAlreadyRegistered, "unconfirmed": mail.KindConfirm, "unknown": mail.KindConfirm} {
		if s.sent(want, addresses[what]) != 1 {
			t.Errorf("%s: no letter %s", what, want)
		}
	}
	if s.sent(mail.KindConfirm, "off@lp.com")+s.sent(mail.KindAlreadyRegistered, "off@lp.com") != 0 {
		t.Error("an inactive user gets a letter")
	}
	if l := s.letter(t, mail.KindAlreadyRegistered, "matt@lp.com"); l.Link != s.url+"/login" {
		t.Errorf("%+v", l)
	}
	wantStatus(t, "the password of a registration with a taken address", s.browser(t).logIn("social@lp.com", password), 401)
	// A taken username is an error, whatever the address is.
	u := s.user(t, "joe@lp.com", "joe")
	for _, address := range []string{u.Email, "fresh@lp.com"} {
		r := s.browser(t).do("POST", "/register-to-confirm", url.Values{"email": {address}, "username": {"Joe"}, "password": {password.Reveal()}})
		if r.status != 422 || !strings.HasPrefix(r.body, "username") {
			t.Errorf("%s: %d %s", address, r.status, r.body)
		}
	}
}

// Beyond the limit of an address nothing is sent, and registrations are limited.
func TestRegisterToConfirmIsThrottled(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, func(c *accounts.Config) { c.Throttle.NetworkRegistrations.Count = 8 })
	for i := range 8 {
		if r := s.browser(t).registerToConfirm("matt@lp.com"); r.status != 200 {
			t.Errorf("%d: %d %s", i, r.status, r.body)
		}
	}
	if n := s.sent(mail.KindConfirm, "matt@lp.com"); n != 5 {
		t.Errorf("%d letters, want 5", n)
	}
	wantStatus(t, "beyond", s.browser(t).registerToConfirm("joe@lp.com"), 429)
}

func TestConfirmIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming, func(c *accounts.Config) { c.Throttle.AccountLogins.Count = -1 })
	s.browser(t).registerToConfirm("matt@lp.com")
	path := s.path(t, mail.KindConfirm, "matt@lp.com")
	once(t, s, http.StatusBadRequest, func(b *browser) answer { return b.confirm(path, "password", password.Reveal()) })
}

func TestConfirmEnds(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(t *testing.T, s *mailSite, u accounts.User){
		"expired": func(t *testing.T, s *mailSite, u accounts.User) { s.clock.Advance(time.Hour) },
		"asked again": func(t *testing.T, s *mailSite, u accounts.User) {
			s.browser(t).do("POST", "/confirm", url.Values{"email": {u.Email}})
		},
		"confirmed": func(t *testing.T, s *mailSite, u accounts.User) {
			check(t, s.SetVerifiedKeepingAccess(t.Context(), u.ID, true))
		},
		"handed over": func(t *testing.T, s *mailSite, u accounts.User) { check(t, s.VerifyAndTakeOver(t.Context(), u.ID)) },
		"deleted":     func(t *testing.T, s *mailSite, u accounts.User) { check(t, s.Delete(t.Context(), u.ID)) },
	} {
		s := newMailSite(t, confirming, func(c *accounts.Config) { c.ConfirmWithin = time.Hour })
		b := s.browser(t)
		b.registerToConfirm("matt@lp.com")
		path := s.path(t, mail.KindConfirm, "matt@lp.com")
		u, err := s.Find(t.Context(), "matt@lp.com")
		check(t, err)
		end(t, s, u)
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.url, nil)
		check(t, err)
		if _, _, err := s.CheckConfirmation(r, strings.TrimPrefix(path, "/confirm/")); !errors.Is(err, accounts.ErrBadToken) {
			t.Errorf("%s: %v", what, err)
		}
		for _, fields := range [][]string{{}, {"password", password.Reveal()}, {"not_me", "1"}} {
			wantStatus(t, what, b.confirm(path, fields...), 400)
		}
	}
}

func TestConfirmOff(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	wantStatus(t, "registering", b.registerToConfirm("joe@lp.com"), 404)
	wantStatus(t, "asking", b.do("POST", "/confirm", url.Values{"email": {"matt@lp.com"}}), 404)
	wantStatus(t, "a log-in", b.logIn("matt@lp.com", password), 200)
	if s.ConfirmsEmail() || len(s.box.Letters()) != 0 {
		t.Errorf("%v", s.box.Letters())
	}
	if _, err := accounts.New(accounts.Config{Store: s.store, AppURL: s.url, ConfirmEmail: true}); err == nil || !strings.Contains(err.Error(), "Config.Mail") {
		t.Errorf("without mail: %v", err)
	}
}

// A user without an address has none to confirm.
func TestConfirmWithoutAnAddress(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	check(t, s.store.InsertUser(t.Context(), accounts.User{ID: "1", Username: "joe", Active: true}))
	check(t, s.SetPassword(t.Context(), "1", password))
	wantStatus(t, "a log-in", s.browser(t).logIn("joe", password), 200)
}
