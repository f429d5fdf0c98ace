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
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/mail/mailtest"
)

func (b *browser) askEmail(email string) answer {
	b.t.Helper()
	return b.do("POST", "/change-email", url.Values{"email": {email}})
}

// signedIn returns a browser of a new user whose address is proved.
func (s *mailSite) signedIn(t *testing.T, email string) (*browser, accounts.User) {
	t.Helper()
	u := s.verified(t, email)
	b := s.browser(t)
	wantStatus(t, "a log-in", b.logIn(email, password), 200)
	return b, u
}

func (s *mailSite) email(t *testing.T, u accounts.User) string {
	t.Helper()
	u, err := s.User(t.Context(), u.ID)
	check(t, err)
	return u.Email
}

func TestChangeEmail(t *testing.T) {
	t.Parallel()
	var events []string
	s := newMailSite(t, func(c *accounts.Config) {
		c.OnEvent = func(_ context.Context, e accounts.Event) { events = append(events, e.Event()) }
	})
	b, u := s.signedIn(t, "old@lp.com")
	other := s.browser(t)
	other.logIn("old@lp.com", password)
	other.askReset("old@lp.com")
	reset := s.path(t, mail.KindReset, "old@lp.com")
	events = nil
	wantStatus(t, "asking", b.askEmail(" New@lp.com "), 200)
	l := s.letter(t, mail.KindChangeEmail, "New@lp.com")
	if !l.Until.Equal(s.clock.Now().Add(2 * time.Hour)) {
		t.Errorf("%+v", l)
	}
	path := s.path(t, mail.KindChangeEmail, "New@lp.com")
	if got := s.email(t, u); got != "old@lp.com" {
		t.Errorf("changed before it is proved: %s", got)
	}
	// A stranger's session cannot use the link.
	stranger, _ := s.signedIn(t, "new@lp.example")
	wantStatus(t, "a visitor", s.browser(t).do("POST", path, nil), 401)
	wantStatus(t, "another user", stranger.do("POST", path, nil), 401)
	s.clock.Advance(time.Hour) // the session need not be fresh for the link
	wantStatus(t, "the link", b.do("POST", path, nil), 200)
	if got, err := s.User(t.Context(), u.ID); err != nil || got.Email != "New@lp.com" || !got.EmailVerifiedAt.Equal(s.clock.Now()) {
		t.Errorf("%v, verified at %v, %v", got.Email, got.EmailVerifiedAt, err)
	}
	if b.whoami().Email != "New@lp.com" || other.whoami().Email != "" {
		t.Errorf("here %q, there %q", b.whoami().Email, other.whoami().Email)
	}
	if got := strings.Join(events, " "); got != "user_link_requested user_created user_logged_in user_email_changed user_sessions_ended" {
		t.Errorf("events %s", got)
	}
	wantStatus(t, "again", b.do("POST", path, nil), 400)
	wantStatus(t, "a link to the old address", other.reset(reset, another), 400)
	l = s.letter(t, mail.KindEmailChanged, "old@lp.com")
	if l.Args[mail.ArgEmail] != "New@lp.com" || !l.Until.Equal(s.clock.Now().Add(7*24*time.Hour)) || l.Link == "" {
		t.Errorf("%+v", l)
	}
}

func TestChangeEmailIsRefused(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	wantStatus(t, "a visitor", s.browser(t).askEmail("new@lp.com"), 401)
	b, u := s.signedIn(t, "old@lp.com")
	s.verified(t, "taken@lp.com")
	for _, address := range []string{"", "x", "a@b@c.example", "ä@lp.com"} {
		wantStatus(t, address, b.askEmail(address), 422)
	}
	// The answer for a taken address is the same, and no mail is sent.
	free, taken := b.askEmail("free@lp.com"), b.askEmail("Taken@lp.com")
	if free.status != taken.status || free.body != taken.body {
		t.Errorf("%+v and %+v", free, taken)
	}
	if s.sent(mail.KindChangeEmail, "taken@lp.com")+s.sent(mail.KindChangeEmail, "Taken@lp.com") != 0 || s.sent(mail.KindChangeEmail, "") != 1 {
		t.Errorf("%+v", s.box.Letters())
	}
	// One that is taken by the time that it is proved.
	path := s.path(t, mail.KindChangeEmail, "free@lp.com")
	s.verified(t, "free@lp.com")
	if r := b.do("POST", path, nil); r.status != 422 || !strings.Contains(r.body, "already associated") {
		t.Errorf("%d %s", r.status, r.body)
	}
	b.askEmail("c@lp.com")
	b.askEmail("d@lp.com")
	b.askEmail("e@lp.com")
	wantStatus(t, "beyond the limit", b.askEmail("f@lp.com"), 429)
	s.clock.Advance(15 * time.Minute)
	wantStatus(t, "not fresh", b.askEmail("new@lp.com"), http.StatusPreconditionRequired)
	if got := s.email(t, u); got != "old@lp.com" {
		t.Errorf("changed to %s", got)
	}
	off := newMailSite(t, func(c *accounts.Config) { c.Mail = nil })
	b, _ = off.signedIn(t, "old@lp.com")
	wantStatus(t, "without mail", b.askEmail("new@lp.com"), 404)
	if off.CanChangeEmail() {
		t.Error("it is on")
	}
}

func TestChangeEmailEnds(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(t *testing.T, s *mailSite, b *browser, u accounts.User){
		"expired":          func(t *testing.T, s *mailSite, b *browser, u accounts.User) { s.clock.Advance(2 * time.Hour) },
		"asked again":      func(t *testing.T, s *mailSite, b *browser, u accounts.User) { b.askEmail("other@lp.com") },
		"password changed": func(t *testing.T, s *mailSite, b *browser, u accounts.User) { b.changePassword(password, another) },
		"handed over": func(t *testing.T, s *mailSite, b *browser, u accounts.User) {
			check(t, s.SetVerifiedKeepingAccess(t.Context(), u.ID, false))
			check(t, s.VerifyAndTakeOver(t.Context(), u.ID))
		},
	} {
		s := newMailSite(t)
		b, u := s.signedIn(t, "old@lp.com")
		b.askEmail("new@lp.com")
		path := s.path(t, mail.KindChangeEmail, "new@lp.com")
		end(t, s, b, u)
		if r := b.do("POST", path, nil); r.status != 400 || s.email(t, u) != "old@lp.com" {
			t.Errorf("%s: %d, %s", what, r.status, s.email(t, u))
		}
	}
}

// A session that ends during the request leaves no link behind.
func TestChangeEmailOfASessionThatHasEnded(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, u := s.signedIn(t, "old@lp.com")
	b.askEmail("first@lp.com")
	status, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		_, err := s.Accounts.Sessions(r.Context(), u.ID)
		check(t, err)
		check(t, s.SetPassword(context.WithoutCancel(t.Context()), u.ID, another))
		return s.RequestEmailChange(r, "new@lp.com", "")
	}, b.cookies()...)
	if !errors.Is(err, accounts.ErrNotSignedIn) || s.sent(mail.KindChangeEmail, "new@lp.com") != 0 {
		t.Errorf("%d %v", status, err)
	}
}

// A change to the address that the user has would end their sessions for nothing.
func TestChangeEmailToTheSameAddress(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, _ := s.signedIn(t, "Own@lp.com")
	ask := func(email string) error {
		_, _, err := s.visit(func(_ http.ResponseWriter, r *http.Request) error { return s.RequestEmailChange(r, email, "") }, b.cookies()...)
		return err
	}
	var field *accounts.FieldError
	if err := ask(" Own@lp.com "); !errors.As(err, &field) || field.Field() != "email" || field.Code() != accounts.CodeEmailSame || s.sent(mail.KindChangeEmail, "Own@lp.com") != 0 {
		t.Errorf("the same address: %v", err)
	}
	if err := ask("own@lp.com"); err != nil || s.sent(mail.KindChangeEmail, "own@lp.com") != 1 {
		t.Errorf("the same address in other letters: %v", err)
	}
}

func (b *browser) cookies() []*http.Cookie {
	u, _ := url.Parse(b.site.url)
	return b.Jar.Cookies(u)
}

// The owner of the old address takes the account back from an intruder.
func TestUndoEmail(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	intruder, u := s.signedIn(t, "owner@lp.com")
	change := func(to string) {
		t.Helper()
		wantStatus(t, "asking", intruder.askEmail(to), 200)
		wantStatus(t, "the link", intruder.do("POST", s.path(t, mail.KindChangeEmail, to), nil), 200)
		s.clock.Advance(time.Second)
	}
	change("a@lp.com")
	oldest := s.path(t, mail.KindEmailChanged, "owner@lp.com")
	change("b@lp.com")
	younger := s.path(t, mail.KindEmailChanged, "a@lp.com")
	change("c@lp.com")
	youngest := s.path(t, mail.KindEmailChanged, "b@lp.com")
	check(t, s.SetPassword(t.Context(), u.ID, another)) // ends all links but these
	intruder.logIn("c@lp.com", another)
	wantStatus(t, "the younger", s.browser(t).do("POST", younger, nil), 200) // the intruder's own
	if s.email(t, u) != "a@lp.com" || intruder.whoami().Email != "" {
		t.Errorf("%s, the intruder is %q", s.email(t, u), intruder.whoami().Email)
	}
	if n := s.sent(mail.KindPasswordChanged, "a@lp.com"); n != 0 { // the link to set another says it
		t.Errorf("%d letters that the password is gone", n)
	}
	wantStatus(t, "one that it ended", s.browser(t).do("POST", youngest, nil), 400)
	token := strings.TrimPrefix(oldest, "/change-email/undo/")
	if email, err := s.CheckEmailUndo(t.Context(), token); err != nil || email != "owner@lp.com" {
		t.Errorf("%s, %v", email, err)
	}
	owner := s.browser(t)
	wantStatus(t, "the oldest", owner.do("POST", oldest, nil), 200)
	if s.email(t, u) != "owner@lp.com" {
		t.Errorf("%s", s.email(t, u))
	}
	wantStatus(t, "again", owner.do("POST", oldest, nil), 400)
	wantStatus(t, "the intruder's password", intruder.logIn("owner@lp.com", another), 401)
	wantStatus(t, "the owner's new one", owner.reset(s.path(t, mail.KindReset, "owner@lp.com"), "battery staple 2"), 200)
	wantStatus(t, "a log-in", owner.logIn("owner@lp.com", "battery staple 2"), 200)
}

func TestUndoEmailIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, _ := s.signedIn(t, "owner@lp.com")
	b.askEmail("new@lp.com")
	path := s.path(t, mail.KindChangeEmail, "new@lp.com")
	cookies := b.cookies()
	once(t, s, http.StatusBadRequest, func(b *browser) answer {
		u, _ := url.Parse(s.url)
		b.Jar.SetCookies(u, cookies)
		return b.do("POST", path, nil)
	})
	undo := s.path(t, mail.KindEmailChanged, "owner@lp.com")
	once(t, s, http.StatusBadRequest, func(b *browser) answer { return b.do("POST", undo, nil) })
}

func TestUndoEmailEnds(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, u := s.signedIn(t, "owner@lp.com")
	b.askEmail("new@lp.com")
	b.do("POST", s.path(t, mail.KindChangeEmail, "new@lp.com"), nil)
	undo := s.path(t, mail.KindEmailChanged, "owner@lp.com")
	taken := s.verified(t, "owner@lp.com")
	wantStatus(t, "the address is another account's", b.do("POST", undo, nil), 422)
	check(t, s.Delete(t.Context(), taken.ID))
	s.clock.Advance(7 * 24 * time.Hour)
	wantStatus(t, "a week later", b.do("POST", undo, nil), 400)
	if s.email(t, u) != "new@lp.com" {
		t.Errorf("%s", s.email(t, u))
	}
}

// An address that was not verified may be a stranger's: its mail has no link and not the
// new address.
func TestSecurity34_NoUndoForAnUnprovedAddress(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	u := s.user(t, "typo@lp.com", "")
	b := s.browser(t)
	b.logIn("typo@lp.com", password)
	b.askEmail("right@lp.com")
	wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindChangeEmail, "right@lp.com"), nil), 200)
	if l := s.letter(t, mail.KindEmailChanged, "typo@lp.com"); l.Link != "" || l.Args[mail.ArgEmail] != "" || s.email(t, u) != "right@lp.com" {
		t.Errorf("%+v", l)
	}
}

// Without a way to set a new password the old one stays.
func TestUndoEmailWithoutRecovery(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, func(c *accounts.Config) { c.NoRecovery = true })
	b, _ := s.signedIn(t, "owner@lp.com")
	b.askEmail("new@lp.com")
	b.do("POST", s.path(t, mail.KindChangeEmail, "new@lp.com"), nil)
	wantStatus(t, "the link", b.do("POST", s.path(t, mail.KindEmailChanged, "owner@lp.com"), nil), 200)
	wantStatus(t, "a log-in", b.logIn("owner@lp.com", password), 200)
	if n := s.sent(mail.KindReset, "owner@lp.com"); n != 0 {
		t.Errorf("%d letters to a page that is off", n)
	}
}

func TestChangeUsername(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, u := s.signedIn(t, "matt@lp.com")
	s.user(t, "joe@lp.com", "joe")
	other := s.browser(t)
	other.logIn("matt@lp.com", password)
	b.askEmail("new@lp.com")
	change := func(b *browser, to string) answer {
		return b.do("POST", "/change-username", url.Values{"username": {to}})
	}
	wantStatus(t, "a visitor", change(s.browser(t), "matt"), 401)
	for _, wrong := range []string{"Joe", "a@b", "-x", strings.Repeat("x", 65)} {
		if r := change(b, wrong); r.status != 422 || !strings.HasPrefix(r.body, "username") {
			t.Errorf("%s: %d %s", wrong, r.status, r.body)
		}
	}
	wantStatus(t, "a change", change(b, " matt "), 200)
	if b.whoami().Email == "" || other.whoami().Email != "" {
		t.Error("this session ends, or the other goes on")
	}
	wantStatus(t, "a pending link", b.do("POST", s.path(t, mail.KindChangeEmail, "new@lp.com"), nil), 400)
	wantStatus(t, "a log-in", s.browser(t).logIn("matt", password), 200)
	if l := s.letter(t, mail.KindUsernameChanged, "matt@lp.com"); l.Args[mail.ArgUsername] != "matt" {
		t.Errorf("%+v", l)
	}
	wantStatus(t, "none", change(b, ""), 200)
	u, err := s.User(t.Context(), u.ID)
	check(t, err)
	u.Email, u.Username = "", "matt"
	check(t, s.store.UpdateUser(t.Context(), u))
	wantStatus(t, "neither address nor username", change(b, ""), 422)
}

// An intruder with a stolen session must not take the name to log in with, nor end the owner's
// sessions.
func TestAccounts6_ChangeUsernameTakesAProof(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	b, u := s.signedIn(t, "matt@lp.com")
	other := s.browser(t)
	other.logIn("matt@lp.com", password)
	s.clock.Advance(15 * time.Minute)
	form := url.Values{"username": {"thief"}}
	wantStatus(t, "an old proof", b.do("POST", "/change-username", form), http.StatusPreconditionRequired)
	if got, err := s.User(t.Context(), u.ID); got.Username != "" || other.whoami().Email == "" || err != nil {
		t.Errorf("changed: %+v, %v", got, err)
	}
	wantStatus(t, "the proof", b.verify(password), 200)
	wantStatus(t, "a new proof", b.do("POST", "/change-username", form), 200)
}

// A change whose mail cannot be queued is not made.
func TestChangeUsernameUntold(t *testing.T) {
	t.Parallel()
	box := new(mailtest.Box)
	s := newSite(t, "http", func(c *accounts.Config) { c.Mail = box })
	u := s.user(t, "matt@lp.com", "matt")
	b := s.browser(t)
	b.logIn("matt", password)
	box.Fail(errFault)
	wantStatus(t, "a change", b.do("POST", "/change-username", url.Values{"username": {"max"}}), 500)
	wantErr(t, "a password", s.SetPassword(t.Context(), u.ID, another), errFault)
	if got, err := s.User(t.Context(), u.ID); got.Username != "matt" || b.whoami().Email == "" || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}
