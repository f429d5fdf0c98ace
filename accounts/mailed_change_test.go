package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/memstore"
	"github.com/gosocial/social/accounts/ticket"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
)

// Whatever happens to an account while a link is used counts: the link is not good any more,
// or what proved its user is not, and nothing changes.
func TestLinksWhileTheAccountChanges(t *testing.T) {
	t.Parallel()
	edit := func(s *mailSite, edit func(u *accounts.User)) error {
		u, err := s.Find(context.Background(), "matt@lp.com")
		edit(&u)
		return errors.Join(err, s.store.UpdateUser(context.Background(), u))
	}
	move := func(s *mailSite) error { return edit(s, func(u *accounts.User) { u.Email = "elsewhere@lp.com" }) }
	verify := func(s *mailSite) error {
		return edit(s, func(u *accounts.User) { u.EmailVerifiedAt = s.clock.Now() })
	}
	for what, tt := range map[string]struct {
		kind   string
		form   url.Values
		change func(s *mailSite) error
		status int
	}{
		"a reset, the address changes":        {mail.KindReset, url.Values{"password": {another.Reveal()}}, move, 400},
		"a reset, the user is deactivated":    {mail.KindReset, url.Values{"password": {another.Reveal()}}, func(s *mailSite) error { return edit(s, func(u *accounts.User) { u.Active = false }) }, 400},
		"a magic link, the address changes":   {mail.KindMagicLink, nil, move, 400},
		"confirmation, it is confirmed":       {mail.KindConfirm, url.Values{"password": {password.Reveal()}}, verify, 400},
		"not me, it is confirmed":             {mail.KindConfirm, url.Values{"not_me": {"1"}}, verify, 400},
		"confirmation, the password changes":  {mail.KindConfirm, url.Values{"password": {password.Reveal()}}, func(s *mailSite) error { return edit(s, func(u *accounts.User) { u.PasswordHash = "!" }) }, 401},
		"confirmation, the address changes":   {mail.KindConfirm, url.Values{"password": {password.Reveal()}}, move, 400},
		"confirmation, another request comes": {mail.KindConfirm, url.Values{"password": {password.Reveal()}}, nil, 400},
	} {
		store := &changingStore{Store: memstore.New()}
		s := newMailSite(t, magic, func(c *accounts.Config) {
			if c.Store = store; tt.change == nil { // is seen in a transaction's midst by no others
				c.Store = struct{ accounts.Store }{store}
			}
			c.ConfirmEmail = tt.kind == mail.KindConfirm
		})
		s.store = store.Store
		s.user(t, "matt@lp.com", "")
		b := s.browser(t)
		for kind, path := range map[string]string{mail.KindReset: "/reset", mail.KindMagicLink: "/magic-link", mail.KindConfirm: "/confirm"} {
			if kind == tt.kind {
				wantStatus(t, what, b.do("POST", path, url.Values{"email": {"matt@lp.com"}}), 200)
			}
		}
		path := s.path(t, tt.kind, "matt@lp.com")
		if tt.change == nil {
			hash, err := ticket.HashOf(path[strings.LastIndex(path, "/")+1:])
			check(t, err)
			store.takeTicket = func() error {
				_, err := s.store.TakeTicket(context.Background(), "", hash, s.clock.Now())
				return err
			}
		} else {
			store.inTx = func() error { return tt.change(s) }
		}
		wantStatus(t, what, b.do("POST", path, tt.form), tt.status)
		users, err := s.Users(t.Context(), "", 9)
		check(t, err)
		if b.whoami().Email != "" || len(users) != 1 || users[0].PasswordHash == "" {
			t.Errorf("%s: %q is signed in, %+v", what, b.whoami().Email, users)
		}
	}
}

// The link of a change of address is followed twice in one browser at the same time: the
// second time says that it was used, though the session has another token by then. Where the
// session alone has ended, the link stays good.
func TestEmailChangeFollowedTwice(t *testing.T) {
	t.Parallel()
	for _, followed := range []bool{true, false} {
		store := &changingStore{Store: memstore.New()}
		s := newMailSite(t, func(c *accounts.Config) { c.Store = store })
		s.store = store.Store
		b, u := s.signedIn(t, "matt@lp.com")
		b.askEmail("new@lp.com")
		path, want := s.path(t, mail.KindChangeEmail, "new@lp.com"), 401
		again := s.with(t, "session", b.cookie())
		store.inTx = func() error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			return err
		}
		if followed {
			want = 400
			store.inTx = func() error { wantStatus(t, "first", b.do("POST", path, nil), 200); return nil }
		}
		wantStatus(t, "second", again.do("POST", path, nil), want)
		got, err := s.User(t.Context(), u.ID)
		if check(t, err); (got.Email == "new@lp.com") != followed {
			t.Errorf("the address is %s", got.Email)
		}
		if !followed {
			b.do("POST", "/social", url.Values{"user": {u.ID}})
			wantStatus(t, "later", b.do("POST", path, nil), 200)
		}
	}
}

// A link that signs in is used once, also where the row changes while it is used, and on a
// store without transactions.
func TestMagicLinkWhileTheRowChanges(t *testing.T) {
	t.Parallel()
	for _, transacts := range []bool{true, false} {
		for stale := range 2 {
			contested := &contestedStore{Store: memstore.New()}
			s := newMailSite(t, magic, func(c *accounts.Config) {
				if c.Store = contested; transacts {
					c.Store = struct {
						accounts.Store
						accounts.Transactor
					}{contested, contested.Store.(*memstore.Store)}
				}
			})
			s.verified(t, "matt@lp.com")
			s.browser(t).askMagicLink("matt@lp.com")
			path := s.path(t, mail.KindMagicLink, "matt@lp.com")
			contested.stale = stale
			wantStatus(t, "the link", s.browser(t).do("POST", path, nil), 200)
			wantStatus(t, "again", s.browser(t).do("POST", path, nil), 400)
		}
	}
}

// An address that is not proved any more hands the account over only to who opens the link
// anew: it did not say so when it was opened.
func TestMagicLinkOfAnAddressThatIsDoubted(t *testing.T) {
	t.Parallel()
	store := &changingStore{Store: memstore.New()}
	s := newMailSite(t, magic, func(c *accounts.Config) { c.Store = store })
	s.store = store.Store
	u := s.verified(t, "matt@lp.com")
	b := s.browser(t)
	b.askMagicLink("matt@lp.com")
	path := s.path(t, mail.KindMagicLink, "matt@lp.com")
	store.inTx = func() error { return s.SetVerifiedKeepingAccess(context.Background(), u.ID, false) }
	wantStatus(t, "the link", b.do("POST", path, nil), 400)
	if got, err := s.User(t.Context(), u.ID); err != nil || !got.EmailVerifiedAt.IsZero() || got.PasswordHash == "" || b.whoami().Email != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

// Of two registrations at a moment the later one is of a taken address, and has a username
// where it is not.
func TestRegisterToConfirmInParallel(t *testing.T) {
	t.Parallel()
	store := &changingStore{Store: memstore.New()}
	s := newMailSite(t, confirming, func(c *accounts.Config) { c.Store = struct{ accounts.Store }{store} })
	s.store = store.Store
	form := url.Values{"email": {"matt@lp.com"}, "username": {"matt"}, "password": {password.Reveal()}}
	wantStatus(t, "registering", s.browser(t).do("POST", "/register-to-confirm", form), 200)
	if u, err := s.Find(t.Context(), "matt"); err != nil || u.Email != "matt@lp.com" {
		t.Errorf("%+v, %v", u, err)
	}
	store.insertUser = func() error {
		return s.store.InsertUser(context.Background(), accounts.User{ID: "1", Email: "kim@lp.com", EmailVerifiedAt: s.clock.Now(), Active: true})
	}
	wantStatus(t, "the later", s.browser(t).registerToConfirm("kim@lp.com"), 200)
	if s.sent(mail.KindAlreadyRegistered, "kim@lp.com") != 1 || s.sent(mail.KindConfirm, "kim@lp.com") != 0 {
		t.Errorf("%+v", s.box.Letters())
	}
}

// The browser that registered an account is known for that account of that tenant, and so is
// one that is signed in to it; a browser that entered a taken address is not.
func TestSecurity34_WhoRegisteredHere(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	here := func(b *browser, of, id string) bool {
		t.Helper()
		token, hash := ticket.NewToken()
		u, err := s.store.UserByID(t.Context(), of, id)
		check(t, err)
		check(t, s.store.PutTicket(t.Context(), ticket.Ticket{Hash: hash, Tenant: of, UserID: id, Purpose: ticket.Confirm, Address: u.Email, ExpiresAt: s.clock.Now().Add(time.Hour)}))
		r := httptest.NewRequestWithContext(tenant.With(t.Context(), of), "GET", "/", nil)
		for _, c := range b.cookies() {
			r.AddCookie(c)
		}
		var known bool
		s.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, known, err = s.CheckConfirmation(r, token)
		})).ServeHTTP(httptest.NewRecorder(), r)
		check(t, err)
		return known
	}
	b := s.browser(t)
	wantStatus(t, "registering", b.do("POST", "/register-to-confirm", url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}}, "Tenant", "blue"), 200)
	u, err := s.Find(tenant.With(t.Context(), "blue"), "matt@lp.com")
	check(t, err)
	check(t, s.store.InsertUser(t.Context(), accounts.User{Tenant: "blu", ID: "e" + u.ID, Email: "joe@lp.com", Active: true}))
	check(t, s.store.InsertUser(t.Context(), accounts.User{ID: "victim@lp.com", Email: "victim@lp.com", Active: true}))
	thief, user := s.browser(t), s.browser(t)
	wantStatus(t, "registering a taken address", thief.registerToConfirm("Victim@lp.com"), 200)
	wantStatus(t, "through a provider", user.do("POST", "/social", url.Values{"user": {"victim@lp.com"}}), 200)
	if !here(b, "blue", u.ID) || here(s.browser(t), "blue", u.ID) || here(b, "blu", "e"+u.ID) {
		t.Error("not known where it registered, or elsewhere")
	}
	if here(thief, "", "victim@lp.com") || !here(user, "", "victim@lp.com") {
		t.Error("a browser that entered the address is known, or one that is signed in is not")
	}
}

// Who is signed in to a stranger's account and says so gets a session of their own.
func TestSecurity34_NotMeSignedIn(t *testing.T) {
	t.Parallel()
	s := newMailSite(t, confirming)
	s.browser(t).registerToConfirm("matt@lp.com")
	u, err := s.Find(t.Context(), "matt@lp.com")
	check(t, err)
	b := s.browser(t)
	b.do("POST", "/social", url.Values{"user": {u.ID}})
	wantStatus(t, "the link", b.confirm(s.path(t, mail.KindConfirm, "matt@lp.com"), "not_me", "1"), 200)
	if p := b.whoami(); p.Email != "matt@lp.com" || p.Via == "google" {
		t.Errorf("%+v", p)
	}
}

// A lockedStore fails to forget failed log-ins.
type lockedStore struct{ *memstore.Store }

func (lockedStore) ForgetAttempts(context.Context, string, string) error { return errFault }

// The new password counts, also when failed log-ins cannot be forgotten.
func TestResetForgetsNothing(t *testing.T) {
	t.Parallel()
	store := lockedStore{memstore.New()}
	s := newMailSite(t, func(c *accounts.Config) { c.Store = store })
	s.user(t, "matt@lp.com", "")
	s.browser(t).askReset("matt@lp.com")
	wantStatus(t, "the link", s.browser(t).reset(s.path(t, mail.KindReset, "matt@lp.com"), another), 200)
	if !strings.Contains(s.log.String(), errFault.Error()) {
		t.Errorf("log %s", s.log)
	}
}
