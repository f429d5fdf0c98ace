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
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
)

// linked returns a site with all that is done by mail, and the user matt, whose address is
// proved, signed in.
func linked(t *testing.T, configure ...func(*accounts.Config)) (*mailSite, *browser, accounts.User) {
	t.Helper()
	s := newMailSite(t, append([]func(*accounts.Config){magic, confirming}, configure...)...)
	b, u := s.signedIn(t, "matt@lp.com")
	return s, b, u
}

// Each way to ask for a link: its path, the kind of the letter and whom it goes to.
var linkRequests = map[string]struct {
	path, kind, to string
	form           url.Values
}{
	"reset":                  {"/reset", mail.KindReset, "matt@lp.com", url.Values{"email": {"matt@lp.com"}}},
	"magic link":             {"/magic-link", mail.KindMagicLink, "matt@lp.com", url.Values{"email": {"matt@lp.com"}}},
	"change of address":      {"/change-email", mail.KindChangeEmail, "new@lp.com", url.Values{"email": {"new@lp.com"}}},
	"registration":           {"/register-to-confirm", mail.KindConfirm, "kim@lp.com", url.Values{"email": {"kim@lp.com"}, "password": {password.Reveal()}}},
	"registration once more": {"/register-to-confirm", mail.KindAlreadyRegistered, "matt@lp.com", url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}}},
}

// Links lead on to where the visitor wanted to go, and stand under the application's address
// however that is written.
func TestMailedLinksLeadOn(t *testing.T) {
	t.Parallel()
	s, b, _ := linked(t, func(c *accounts.Config) { c.AppURL += "/" })
	for what, tt := range linkRequests {
		for i, query := range []string{"", "next=%2Fa%3Fb%3Dc%26d%3D%C3%A9"} {
			next := []string{"", "/a?b=c&d=é"}[i]
			form := url.Values{"next": {next}}
			for k, v := range tt.form {
				form[k] = v
			}
			if what == "registration" && next != "" { // is asked for again
				wantStatus(t, what, b.do("POST", "/confirm", form), 200)
			} else {
				wantStatus(t, what, b.do("POST", tt.path, form), 200)
			}
			path, got, _ := strings.Cut(s.path(t, tt.kind, tt.to), "?")
			if got != query || strings.Contains(path, "//") {
				t.Errorf("%s to %q: the link is %s?%s", what, next, path, got)
			}
		}
	}
	form := linkRequests["registration"].form
	form = url.Values{"email": {"joe@lp.com"}, "password": form["password"], "next": {"/x"}}
	wantStatus(t, "registering", b.do("POST", "/register-to-confirm", form), 200)
	if link := s.letter(t, mail.KindConfirm, "joe@lp.com").Link; !strings.HasSuffix(link, "?next=%2Fx") {
		t.Errorf("registering leads to %s", link)
	}
}

// What is asked for is reported, with the user whom it concerns where there is one.
func TestMailedLinksAreReported(t *testing.T) {
	t.Parallel()
	var es events
	s, b, u := linked(t, es.collect)
	s.verifiedInactive(t, "off@lp.com")
	about, from := accounts.Subject{UserID: u.ID}, "127.0.0.1"
	for _, kind := range []string{"reset", "magic link"} {
		tt := linkRequests[kind]
		for email, who := range map[string]string{"matt@lp.com": u.ID, "missing@lp.com": "", "off@lp.com": ""} {
			es.list = nil
			b.do("POST", tt.path, url.Values{"email": {email}})
			es.want(t, kind, accounts.LinkRequested{Subject: accounts.Subject{UserID: who}, Kind: tt.kind, Address: from})
		}
	}
	b.registerToConfirm("MATT@lp.com")
	es.want(t, "registering again", accounts.RegisteredAgain{Subject: about, Address: from})
	b.askEmail("New@lp.com")
	es.want(t, "a change of address", accounts.LinkRequested{Subject: about, Kind: mail.KindChangeEmail, Address: from})
	b.do("POST", s.path(t, mail.KindChangeEmail, "New@lp.com"), nil)
	es.want(t, "the change", accounts.EmailChanged{Subject: about})
	s.browser(t).do("POST", s.path(t, mail.KindEmailChanged, "matt@lp.com"), nil)
	es.want(t, "taking it back", accounts.EmailChanged{Subject: about, Undone: true, UndoneSince: s.clock.Now()},
		accounts.PasswordChanged{Subject: about, Removed: true}, accounts.SessionsEnded{Subject: about, Count: 1})
	if n := s.sent(mail.KindReset, "matt@lp.com"); n != 2 {
		t.Errorf("%d letters to set a new password", n)
	}

	// Without a password none is taken.
	check(t, s.SetVerifiedKeepingAccess(t.Context(), u.ID, true))
	b.do("POST", "/social", url.Values{"user": {u.ID}})
	b.askEmail("other@lp.com")
	b.do("POST", s.path(t, mail.KindChangeEmail, "other@lp.com"), nil)
	es.list = nil
	s.browser(t).do("POST", s.path(t, mail.KindEmailChanged, "matt@lp.com"), nil)
	es.want(t, "taking it back", accounts.EmailChanged{Subject: about, Undone: true, UndoneSince: s.clock.Now()}, accounts.SessionsEnded{Subject: about, Count: 1})

	b.do("POST", "/social", url.Values{"user": {u.ID}})
	es.list = nil
	b.do("POST", "/change-username", url.Values{"username": {"matt"}})
	es.want(t, "a username", accounts.UsernameChanged{Subject: about})
}

// verifiedInactive creates a user who may not sign in.
func (s *mailSite) verifiedInactive(t *testing.T, email string) {
	t.Helper()
	_, err := s.Create(t.Context(), accounts.NewUser{Email: email, Password: password, EmailVerified: true, Inactive: true})
	check(t, err)
}

// Tickets for an address without an account are of a user who does not exist: one for each
// address, however it is written, so that a new one ends the older as for others. An imported
// user may have an address as an ID.
func TestSecurity38_TicketsOfNobody(t *testing.T) {
	t.Parallel()
	s, _, _ := linked(t)
	blue := tenant.With(t.Context(), "blue")
	for _, n := range []accounts.NewUser{{Email: "taken@lp.com", EmailVerified: true}, {Email: "ann@lp.com", Password: password, EmailVerified: true}} {
		_, err := s.Create(blue, n)
		check(t, err)
	}
	b := s.browser(t)
	in := []string{"Tenant", "blue"}
	wantStatus(t, "a log-in", b.logIn("ann@lp.com", password, in...), 200)
	for what, tt := range linkRequests {
		address := "missing@lp.com"
		if strings.HasPrefix(what, "registration") || what == "change of address" {
			address = "taken@lp.com"
		}
		s.calls.tickets = nil
		for _, email := range []string{address, strings.ToUpper(address)} {
			wantStatus(t, what, b.do("POST", tt.path, url.Values{"email": {email}, "password": tt.form["password"]}, in...), 200)
		}
		for _, got := range s.calls.tickets {
			if got.Tenant != "blue" || got.UserID != ticket.DecoyUserID(address) {
				t.Errorf("%s: a ticket of %q in %q", what, got.UserID, got.Tenant)
			}
		}
		if len(s.calls.tickets) != 2 {
			t.Errorf("%s: %d tickets", what, len(s.calls.tickets))
		}
	}
}

// What was entered as an address is told apart: nothing, and what is none.
func TestMailedLinksNeedAnAddress(t *testing.T) {
	t.Parallel()
	s, _, _ := linked(t)
	for email, code := range map[string]string{"": accounts.CodeEmailMissing, "  ": accounts.CodeEmailMissing, "matt": accounts.CodeEmailInvalid} {
		_, _, err := s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RequestReset(r, email, "") })
		var field *accounts.FieldError
		if !errors.As(err, &field) || field.Code() != code {
			t.Errorf("%q: %v", email, err)
		}
	}
}

// A letter is in the language of the request that it comes from, and names its address; one
// that is not of a request does neither.
func TestLettersOfRequests(t *testing.T) {
	t.Parallel()
	s, b, u := linked(t, func(c *accounts.Config) {
		c.Language = func(r *http.Request) string { return r.Header.Get("Accept-Language") }
	})
	b.do("POST", "/password", url.Values{"password": {password.Reveal()}, "new": {another.Reveal()}}, "Accept-Language", "de")
	if l := s.letter(t, mail.KindPasswordChanged, "matt@lp.com"); l.Language != "de" || l.Args[mail.ArgAddress] != "127.0.0.1" {
		t.Errorf("%+v", l)
	}
	b.do("POST", "/password", url.Values{"password": {another.Reveal()}, "new": {"battery staple 2"}}, "User-Agent", "")
	if device, named := s.letter(t, mail.KindPasswordChanged, "matt@lp.com").Args[mail.ArgDevice]; named {
		t.Errorf("a browser that does not say its name is named %q", device)
	}
	check(t, s.SetPassword(t.Context(), u.ID, password))
	l := s.letter(t, mail.KindPasswordChanged, "matt@lp.com")
	if _, named := l.Args[mail.ArgAddress]; named || l.Language == "de" {
		t.Errorf("%+v", l)
	}
}

// Each limit is of its own kind, and the letters of one address count together, also those of
// a registration and of asking again.
func TestMailedLinksHaveTheirOwnLimits(t *testing.T) {
	t.Parallel()
	var es events
	s, b, _ := linked(t, es.collect, func(c *accounts.Config) {
		c.Throttle.AccountMagicLinks.Count, c.Throttle.NetworkMagicLinks.Count = 2, 4
		c.Throttle.NetworkResets.Count = 3
	})
	for range 4 {
		wantStatus(t, "a magic link", b.askMagicLink("matt@lp.com"), 200)
	}
	es.throttled(t, "magic links", "AccountMagicLinks", 2)
	if n := s.sent(mail.KindMagicLink, "matt@lp.com"); n != 2 {
		t.Errorf("%d letters, want 2", n)
	}
	wantStatus(t, "a magic link for another", b.askMagicLink("joe@lp.com"), 429)
	es.throttled(t, "magic links of a network", "NetworkMagicLinks", 1)
	for i := range 3 {
		wantStatus(t, "a change of address", b.askEmail(string(rune('a'+i))+"@lp.com"), 200)
	}
	wantStatus(t, "a change of address", b.askEmail("x@lp.com"), 429)
	es.throttled(t, "changes of address", "NetworkResets", 1)
	wantStatus(t, "a reset", b.askReset("matt@lp.com"), 200)

	wantStatus(t, "registering", b.registerToConfirm("kim@lp.com"), 200)
	for i := range 5 {
		wantStatus(t, "again", b.do("POST", "/confirm", url.Values{"email": {"kim@lp.com"}}, "X-Forwarded-For", "192.0.2."+string(rune('1'+i))), 200)
	}
	if n := s.sent(mail.KindConfirm, "kim@lp.com"); n != 5 {
		t.Errorf("%d letters, want 5", n)
	}
}

// A link of a user who is gone is not good any more.
func TestLinkOfNobody(t *testing.T) {
	t.Parallel()
	s, _, _ := linked(t)
	token, hash := ticket.NewToken()
	check(t, s.store.PutTicket(t.Context(), ticket.Ticket{Hash: hash, UserID: "gone", Purpose: ticket.Reset, Address: "x@lp.com", ExpiresAt: s.clock.Now().Add(time.Hour)}))
	if _, err := s.CheckReset(t.Context(), token); !errors.Is(err, accounts.ErrBadToken) {
		t.Errorf("%v", err)
	}
}

// Where browsers cannot be given a sealed cookie a code would be good in none: the request
// fails. A registration is one all the same.
func TestMailedLinksWithKeysThatFail(t *testing.T) {
	t.Parallel()
	key, away := new(lendingKey), errors.New("the key service is away")
	keys, err := keyring.New(keyring.Key{Name: "service", AEAD: key})
	check(t, err)
	s := newMailSite(t, magic, confirming, func(c *accounts.Config) { c.Keys = keys })
	key.sealing = away
	_, _, err = s.visit(func(w http.ResponseWriter, r *http.Request) error { return s.RequestMagicLink(w, r, "matt@lp.com", "") })
	if !errors.Is(err, away) || !strings.HasPrefix(err.Error(), "accounts: ") {
		t.Errorf("a magic link: %v", err)
	}
	wantStatus(t, "registering", s.browser(t).registerToConfirm("matt@lp.com"), 200)
	if s.sent(mail.KindConfirm, "matt@lp.com") != 1 || !strings.Contains(s.log.String(), away.Error()) {
		t.Errorf("%v, log %s", s.box.Letters(), s.log)
	}
	// So is a new password.
	s = newMailSite(t, func(c *accounts.Config) { c.Keys = keys })
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.askReset("matt@lp.com")
	wantStatus(t, "a new password", b.reset(s.path(t, mail.KindReset, "matt@lp.com"), another), 200)
	if !strings.Contains(s.log.String(), away.Error()) {
		t.Errorf("log %s", s.log)
	}
}

// A first password by a link makes the browser one that knows the user, as another one does.
func TestResetIsRemembered(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	_, err := s.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com", EmailVerified: true})
	check(t, err)
	b := s.browser(t)
	b.askReset("ana@lp.com")
	wantStatus(t, "the link", b.reset(s.path(t, mail.KindReset, "ana@lp.com"), another), 200)
	if names := b.cookieNames(); !strings.Contains(names, "social_browser") {
		t.Errorf("the browser has %s", names)
	}
}

// The notes of a take-over and of an undone change are those of the user's tenant.
func TestLinksEndInTheirTenant(t *testing.T) {
	t.Parallel()
	s, _, _ := linked(t)
	blue := tenant.With(context.Background(), "blue")
	in := []string{"Tenant", "blue"}
	u, err := s.Create(blue, accounts.NewUser{Email: "ann@lp.com", Password: password, EmailVerified: true})
	check(t, err)
	b := s.browser(t)
	b.logIn("ann@lp.com", password, in...)
	change := func(from, to string) string {
		t.Helper()
		wantStatus(t, "asking", b.do("POST", "/change-email", url.Values{"email": {to}}, in...), 200)
		wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindChangeEmail, to), nil, in...), 200)
		s.clock.Advance(time.Second)
		return s.path(t, mail.KindEmailChanged, from)
	}
	oldest := change("ann@lp.com", "a@lp.com")
	younger := change("a@lp.com", "b@lp.com")
	wantStatus(t, "the oldest", s.browser(t).do("POST", oldest, nil, in...), 200)
	wantStatus(t, "a younger", s.browser(t).do("POST", younger, nil, in...), 400)

	// A take-over ends what undoes a change, too.
	check(t, s.SetVerifiedKeepingAccess(blue, u.ID, true))
	b.do("POST", "/social", url.Values{"user": {u.ID}}, in...)
	undo := change("ann@lp.com", "c@lp.com")
	check(t, s.SetVerifiedKeepingAccess(blue, u.ID, false))
	check(t, s.VerifyAndTakeOver(blue, u.ID))
	wantStatus(t, "after a take-over", s.browser(t).do("POST", undo, nil, in...), 400)
}

// One's own address in another case is no stranger's, and who has no address changes the
// username.
func TestChangeOfOnesOwn(t *testing.T) {
	t.Parallel()
	s, b, u := linked(t)
	wantStatus(t, "asking", b.askEmail("Matt@LP.com"), 200)
	wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindChangeEmail, "Matt@LP.com"), nil), 200)
	if got := s.email(t, u); got != "Matt@LP.com" {
		t.Errorf("the address is %s", got)
	}
	check(t, s.store.InsertUser(t.Context(), accounts.User{ID: "1", Username: "joe", Active: true}))
	check(t, s.SetPassword(t.Context(), "1", password))
	b.logIn("joe", password)
	change := func(to string) answer { return b.do("POST", "/change-username", url.Values{"username": {to}}) }
	wantStatus(t, "another", change("joseph"), 200)
	if r := change(""); r.status != 422 || !strings.HasPrefix(r.body, "username: ") || strings.Contains(r.body, "accounts:") {
		t.Errorf("none: %d %s", r.status, r.body)
	}
}
