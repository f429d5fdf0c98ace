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
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

func (b *browser) askReset(email string) answer {
	b.t.Helper()
	return b.do("POST", "/reset", url.Values{"email": {email}})
}

func (b *browser) reset(path string, password secret.Text) answer {
	b.t.Helper()
	return b.do("POST", path, url.Values{"password": {password.Reveal()}})
}

func TestReset(t *testing.T) {
	t.Parallel()
	var events []string
	s := newMailSite(t, func(c *accounts.Config) {
		c.OnEvent = func(_ context.Context, e accounts.Event) { events = append(events, e.Event()+" "+e.About().UserID) }
	})
	u, err := s.Create(t.Context(), accounts.NewUser{Email: "Matt@lp.com", Username: "matt", Password: password, EmailVerified: true})
	check(t, err)
	there, b := s.browser(t), s.browser(t)
	there.logIn("matt@lp.com", password)
	events = nil
	wantStatus(t, "asking", b.askReset(" matt@LP.com "), 200)
	l := s.letter(t, mail.KindReset, "Matt@lp.com")
	if l.Name != "matt" || !l.Until.Equal(s.clock.Now().Add(24*time.Hour)) || l.Args[mail.ArgAddress] != "127.0.0.1" || l.Code != "" {
		t.Errorf("%+v", l)
	}
	path := s.path(t, mail.KindReset, "Matt@lp.com")
	token := strings.TrimPrefix(path, "/reset/")
	for range 3 { // programs that look for harmful links open them
		if got, err := s.CheckReset(t.Context(), token); err != nil || got.ID != u.ID {
			t.Errorf("%v, %v", got, err)
		}
	}
	for p, field := range map[secret.Text]string{"": "password", "short": "password", "password1": "password", "matt@lp.com": "password"} {
		if r := b.reset(path, p); r.status != 422 || !strings.HasPrefix(r.body, field) {
			t.Errorf("%q: %d %s", p, r.status, r.body)
		}
	}
	if there.whoami().Email == "" {
		t.Error("a session ends before the password is set")
	}
	wantStatus(t, "setting", b.reset(path, another), 200)
	if there.whoami().Email != "" || b.whoami().Email != "" {
		t.Error("a session goes on, or begins")
	}
	want := "user_link_requested " + u.ID + ",user_password_changed " + u.ID + ",user_sessions_ended " + u.ID
	if got := strings.Join(events, ","); got != want {
		t.Errorf("events %s\nwant %s", got, want)
	}
	wantStatus(t, "again", b.reset(path, another), 400)
	wantStatus(t, "the old password", b.logIn("matt", password), 401)
	wantStatus(t, "the new password", b.logIn("matt", another), 200)
	if l := s.letter(t, mail.KindPasswordChanged, "Matt@lp.com"); l.Link != s.url+"/reset" || l.Name != "matt" {
		t.Errorf("%+v", l)
	}
	if got, err := s.User(t.Context(), u.ID); err != nil || !got.EmailVerifiedAt.Equal(u.EmailVerifiedAt) {
		t.Errorf("verified at %v, want %v", got.EmailVerifiedAt, u.EmailVerifiedAt)
	}
}

// A reset does not reveal who has an account.
func TestSecurity38_ResetAnswersAlike(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, unlimited)
	s.answersAlike(t, "/reset", mail.KindReset, "known", "unconfirmed", "without a password")
}

// The answer may say what is wrong with the address itself.
func TestResetOfNoAddress(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	s.user(t, "matt@lp.com", "matt")
	for _, address := range []string{"", " ", "matt", "a\x00@lp.com", "\xff@lp.com", strings.Repeat("a", 300) + "@lp.com"} {
		if r := s.browser(t).askReset(address); r.status != 422 || !strings.HasPrefix(r.body, "email") {
			t.Errorf("%.20q: %d %s", address, r.status, r.body)
		}
	}
	if n := len(s.box.Letters()); n != 0 {
		t.Errorf("%d letters", n)
	}
}

func TestResetIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	s.user(t, "matt@lp.com", "")
	s.browser(t).askReset("matt@lp.com")
	path := s.path(t, mail.KindReset, "matt@lp.com")
	once(t, s, http.StatusBadRequest, func(b *browser) answer { return b.reset(path, another) })
	if n := s.sent(mail.KindPasswordChanged, "matt@lp.com"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// A link ends when it has expired, when a newer one was asked for, and when the account
// has changed.
func TestResetEnds(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(t *testing.T, s *mailSite, u accounts.User, token string) (path string){
		"expired": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			s.clock.Advance(time.Hour)
			return "/reset/" + token
		},
		"asked again": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			wantStatus(t, "again", s.browser(t).askReset("matt@lp.com"), 200)
			return "/reset/" + token
		},
		"password set": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			check(t, s.SetPassword(t.Context(), u.ID, password))
			return "/reset/" + token
		},
		"password changed": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			b := s.browser(t)
			b.logIn("matt@lp.com", password)
			wantStatus(t, "a change", b.changePassword(password, "battery staple 2"), 200)
			return "/reset/" + token
		},
		"inactive": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			check(t, s.SetActive(t.Context(), u.ID, false))
			check(t, s.SetActive(t.Context(), u.ID, true))
			return "/reset/" + token
		},
		"inactive in the store": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			u.Active = false
			check(t, s.store.UpdateUser(t.Context(), u))
			return "/reset/" + token
		},
		"another address": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			u.Email = "matthew@lp.com"
			check(t, s.store.UpdateUser(t.Context(), u))
			return "/reset/" + token
		},
		"deleted": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			check(t, s.Delete(t.Context(), u.ID))
			return "/reset/" + token
		},
		"handed over": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			check(t, s.VerifyAndTakeOver(t.Context(), u.ID))
			return "/reset/" + token
		},
		"another purpose": func(t *testing.T, s *mailSite, u accounts.User, token string) string {
			other, hash := ticket.NewToken()
			check(t, s.store.PutTicket(t.Context(), ticket.Ticket{Hash: hash, UserID: u.ID, Purpose: ticket.Confirm, Address: u.Email, ExpiresAt: s.clock.Now().Add(time.Hour)}))
			return "/reset/" + other
		},
		"none": func(*testing.T, *mailSite, accounts.User, string) string {
			n, _ := ticket.NewToken()
			return "/reset/" + n
		},
		"malformed": func(*testing.T, *mailSite, accounts.User, string) string { return "/reset/x" },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newMailSite(t, func(c *accounts.Config) { c.ResetWithin = time.Hour })
			u := s.user(t, "matt@lp.com", "")
			b := s.browser(t)
			b.askReset("matt@lp.com")
			token := strings.TrimPrefix(s.path(t, mail.KindReset, "matt@lp.com"), "/reset/")
			if _, err := s.CheckReset(t.Context(), token); err != nil {
				t.Fatal(err)
			}
			path := end(t, s, u, token)
			if _, err := s.CheckReset(t.Context(), strings.TrimPrefix(path, "/reset/")); !errors.Is(err, accounts.ErrBadToken) {
				t.Errorf("%v", err)
			}
			wantStatus(t, what, b.reset(path, another), 400)
			wantStatus(t, "the password", s.browser(t).logIn("matt@lp.com", another), 401)
		})
	}
}

// Each of two tenants has its own links.
func TestResetStaysInItsTenant(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	s.user(t, "matt@lp.com", "")
	s.browser(t).askReset("matt@lp.com")
	path := s.path(t, mail.KindReset, "matt@lp.com")
	wantStatus(t, "another tenant", s.browser(t).do("POST", path, url.Values{"password": {another.Reveal()}}, "Tenant", "acme"), 400)
	wantStatus(t, "its own", s.browser(t).reset(path, another), 200)
}

// A stranger who registered with another person's address finds the account gone when its
// owner resets the password: password, session and pending links.
func TestSecurity34_ResetHandsOver(t *testing.T) {
	t.Parallel()
	var events []string
	s := newMailSite(t, func(c *accounts.Config) {
		c.OnEvent = func(_ context.Context, e accounts.Event) { events = append(events, e.Event()) }
	})
	var ended []string
	s.OnTakeOver(func(_ context.Context, userID string, _ time.Time) error { ended = append(ended, userID); return nil })
	stranger := s.browser(t)
	wantStatus(t, "registering", stranger.do("POST", "/register", url.Values{"email": {"victim@lp.com"}, "password": {password.Reveal()}}), 200)
	u, err := s.Find(t.Context(), "victim@lp.com")
	check(t, err)
	var prepared []ticket.Ticket
	for _, p := range []ticket.Purpose{ticket.ChangeEmail, ticket.UndoEmail, ticket.MagicLink, ticket.Confirm} {
		_, hash := ticket.NewToken()
		k := ticket.Ticket{Hash: hash, UserID: u.ID, Purpose: p, Address: u.Email, NewAddress: "stranger@lp.com", ExpiresAt: s.clock.Now().Add(time.Hour)}
		check(t, s.store.PutTicket(t.Context(), k))
		prepared = append(prepared, k)
	}
	events = nil
	owner := s.browser(t)
	owner.askReset("victim@lp.com")
	wantStatus(t, "the owner", owner.reset(s.path(t, mail.KindReset, "victim@lp.com"), another), 200)
	if stranger.whoami().Email != "" {
		t.Error("the stranger's session goes on")
	}
	wantStatus(t, "the stranger's password", stranger.logIn("victim@lp.com", password), 401)
	wantStatus(t, "the owner's password", owner.logIn("victim@lp.com", another), 200)
	for _, k := range prepared {
		if _, err := s.store.Ticket(t.Context(), "", k.Hash, s.clock.Now()); !errors.Is(err, ticket.ErrNone) {
			t.Errorf("the link to %s is left: %v", k.Purpose, err)
		}
	}
	if len(ended) != 1 || ended[0] != u.ID {
		t.Errorf("connections of %v are ended", ended)
	}
	if got := strings.Join(events, " "); !strings.Contains(got, "user_verification_changed user_taken_over") {
		t.Errorf("events %s", got)
	}
	// Now it is the owner's, and nothing is handed over again.
	owner.askReset("victim@lp.com")
	wantStatus(t, "once more", owner.reset(s.path(t, mail.KindReset, "victim@lp.com"), "battery staple 2"), 200)
	if len(ended) != 1 {
		t.Errorf("%d times", len(ended))
	}
}

// What has to end with an account that is handed over keeps it from being so.
func TestTakeOverFails(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	failing := errors.New("on purpose")
	s.OnTakeOver(func(context.Context, string, time.Time) error { return failing })
	u := s.user(t, "victim@lp.com", "")
	s.browser(t).askReset("victim@lp.com")
	path := s.path(t, mail.KindReset, "victim@lp.com")
	wantStatus(t, "a failure", s.browser(t).reset(path, another), 500)
	if err := s.VerifyAndTakeOver(t.Context(), u.ID); !errors.Is(err, failing) {
		t.Errorf("%v", err)
	}
	wantStatus(t, "the password", s.browser(t).logIn("victim@lp.com", password), 200)
	failing = nil
	wantStatus(t, "the link", s.browser(t).reset(path, another), 200)
}

func TestResetOff(t *testing.T) {
	t.Parallel()
	for what, configure := range map[string]func(*accounts.Config){
		"turned off": func(c *accounts.Config) { c.NoRecovery = true },
		"no mail":    func(c *accounts.Config) { c.Mail = nil },
	} {
		s := newMailSite(t, configure)
		s.user(t, "matt@lp.com", "")
		wantStatus(t, what, s.browser(t).askReset("matt@lp.com"), 404)
		if s.CanReset() || len(s.box.Letters()) != 0 {
			t.Errorf("%s: %v, %v", what, s.CanReset(), s.box.Letters())
		}
		b := s.browser(t)
		b.logIn("matt@lp.com", password)
		wantStatus(t, what, b.changePassword(password, another), 200)
		if l, ok := s.box.Last(mail.KindPasswordChanged, "matt@lp.com"); ok && l.Link != "" {
			t.Errorf("the notice leads to a page that is off: %s", l.Link)
		}
	}
}

// When the mail cannot be queued nothing happens: no link without its mail, and no change
// without its notice.
func TestResetWithoutItsMail(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.askReset("matt@lp.com")
	path := s.path(t, mail.KindReset, "matt@lp.com")
	s.box.Fail(errors.New("full"))
	wantStatus(t, "asking", b.askReset("matt@lp.com"), 500)
	wantStatus(t, "setting", b.reset(path, another), 500)
	s.box.Fail(nil)
	wantStatus(t, "the first link", b.reset(path, another), 200)
}

// Changes of the password by others are mailed too, but not those of an account without
// an address.
func TestPasswordChangesAreTold(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	u := s.user(t, "matt@lp.com", "")
	check(t, s.SetPassword(t.Context(), u.ID, another))
	b := s.browser(t)
	b.logIn("matt@lp.com", another)
	wantStatus(t, "a change", b.changePassword(another, password), 200)
	check(t, s.SetPassword(t.Context(), u.ID, ""))
	if n := s.sent(mail.KindPasswordChanged, "matt@lp.com"); n != 3 {
		t.Errorf("%d letters, want 3", n)
	}
	check(t, s.store.InsertUser(t.Context(), accounts.User{ID: "1", Username: "joe", Active: true}))
	check(t, s.SetPassword(t.Context(), "1", password))
	if n := len(s.box.Letters()); n != 3 {
		t.Errorf("%d letters, want 3", n)
	}
}

// When the row changes during a reset, the new row counts; and a link is used once on a
// store without transactions too.
func TestResetWhileTheRowChanges(t *testing.T) {
	t.Parallel()
	for what, transacts := range map[string]bool{"with transactions": true, "without transactions": false} {
		var contested *contestedStore
		s := newMailSite(t, func(c *accounts.Config) {
			store := c.Store.(*calls).Store
			contested = &contestedStore{Store: store}
			if c.Store = contested; transacts {
				c.Store = struct {
					accounts.Store
					accounts.Transactor
				}{contested, store}
			}
		})
		s.user(t, "matt@lp.com", "")
		s.browser(t).askReset("matt@lp.com")
		path := s.path(t, mail.KindReset, "matt@lp.com")
		contested.stale = 3
		wantStatus(t, what, s.browser(t).reset(path, another), 200)
		if contested.updates < 4 {
			t.Errorf("%s: %d updates", what, contested.updates)
		}
		wantStatus(t, what+", again", s.browser(t).reset(path, another), 400)
		wantStatus(t, what, s.browser(t).logIn("matt@lp.com", another), 200)
	}
}
