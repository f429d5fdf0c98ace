package accounts_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

const another = secret.Text("battery staple")

func (b *browser) changePassword(current, password secret.Text) answer {
	b.t.Helper()
	return b.do("POST", "/password", url.Values{"password": {current.Reveal()}, "new": {password.Reveal()}})
}

// A change ends the user's other sessions, and the old password with them.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect)
	matt := s.user(t, "matt@lp.com", "matt")
	s.user(t, "joe@lp.com", "")
	here, there, joe := s.browser(t), s.browser(t), s.browser(t)
	here.logIn("matt@lp.com", password)
	there.logIn("matt@lp.com", password)
	joe.logIn("joe@lp.com", password)
	s.clock.Advance(time.Hour) // the password proves enough
	es.list = nil
	if r := here.changePassword(password, another); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	if here.whoami().Email != "matt@lp.com" || there.whoami().Email != "" || joe.whoami().Email != "joe@lp.com" {
		t.Errorf("here %q, there %q, another user %q", here.whoami().Email, there.whoami().Email, joe.whoami().Email)
	}
	about := accounts.Subject{UserID: matt.ID}
	es.want(t, "the change", accounts.PasswordChanged{Subject: about}, accounts.SessionsEnded{Subject: about, Count: 1})
	for p, want := range map[secret.Text]int{password: 401, another: 200} {
		if r := s.browser(t).logIn("matt@lp.com", p); r.status != want {
			t.Errorf("log-in: %d, want %d", r.status, want)
		}
	}
}

func TestChangePasswordIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "matthew.1")
	b := s.browser(t)
	if r := b.changePassword(password, another); r.status != http.StatusUnauthorized || !strings.Contains(r.body, "nobody is signed in") {
		t.Errorf("a visitor: %d %s", r.status, r.body)
	}
	b.logIn("matt@lp.com", password)
	for name, test := range map[string]struct {
		current, new secret.Text
		status       int
	}{
		"wrong":         {"wrong horse", another, http.StatusUnauthorized},
		"short":         {password, "short", http.StatusUnprocessableEntity},
		"none":          {password, "", http.StatusUnprocessableEntity},
		"common":        {password, "password1", http.StatusUnprocessableEntity},
		"the e-mail":    {password, "Matt@lp.com", http.StatusUnprocessableEntity},
		"the username":  {password, "Matthew.1", http.StatusUnprocessableEntity},
		"short, unsafe": {"", "short", http.StatusUnprocessableEntity},
	} {
		if r := b.changePassword(test.current, test.new); r.status != test.status {
			t.Errorf("%s: %d %s", name, r.status, r.body)
		}
	}
	if r := s.browser(t).logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("the old password: %d", r.status)
	}
}

// A browser that was left signed in does not let a stranger guess the password.
func TestChangePasswordIsThrottled(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Throttle.AccountLogins.Count = 3 })
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	for i := range 3 {
		if r := b.changePassword("wrong horse", another); r.status != 401 {
			t.Errorf("guess %d: %d", i, r.status)
		}
	}
	if r := b.changePassword(password, another); r.status != 429 {
		t.Errorf("beyond: %d", r.status)
	}
}

// How long a log-in is recent enough is that of the user's own session.
func TestFreshUntil(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.FreshFor = 10 * time.Minute })
	u := s.user(t, "matt@lp.com", "")
	began := s.clock.Now()
	_, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		if until := s.FreshUntil(r.Context()); !until.IsZero() || s.IsFresh(r.Context()) {
			t.Errorf("without a user: %v", until)
		}
		err := s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		s.clock.Advance(9 * time.Minute)
		if until := s.FreshUntil(r.Context()); !until.Equal(began.Add(10*time.Minute)) || !s.IsFresh(r.Context()) {
			t.Errorf("after a log-in at %v until %v", began, until)
		}
		s.clock.Advance(time.Minute)
		if s.IsFresh(r.Context()) {
			t.Error("at the end")
		}
		return err
	})
	check(t, err)
	if until := s.FreshUntil(t.Context()); !until.IsZero() || s.IsFresh(t.Context()) {
		t.Errorf("without a request: %v", until)
	}
}

// Without the current password the log-in has to be a recent one: so users without a
// password set their first.
func TestChangePasswordAfterARecentLogIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.FreshFor = 10 * time.Minute })
	u, err := s.Create(t.Context(), accounts.NewUser{Email: "ana@lp.com"})
	check(t, err)
	s.user(t, "matt@lp.com", "")
	signIn := func() *browser {
		b := s.browser(t)
		if r := b.do("POST", "/social", url.Values{"user": {u.ID}}); r.status != 200 {
			t.Fatal(r.status, r.body)
		}
		return b
	}
	b := signIn()
	s.clock.Advance(10 * time.Minute)
	if r := b.changePassword("", another); r.status != http.StatusPreconditionRequired {
		t.Errorf("after ten minutes: %d %s", r.status, r.body)
	}
	if r := b.changePassword("wrong horse", another); r.status != 401 {
		t.Errorf("with a password that is not there: %d", r.status)
	}
	b = signIn()
	s.clock.Advance(10*time.Minute - time.Second)
	if r := b.changePassword("", another); r.status != 200 {
		t.Errorf("before that: %d %s", r.status, r.body)
	}
	if r := s.browser(t).logIn("ana@lp.com", another); r.status != 200 {
		t.Errorf("log-in: %d", r.status)
	}
	// With a password it is the same.
	b = s.browser(t)
	b.logIn("matt@lp.com", password)
	if r := b.changePassword("", another); r.status != 200 {
		t.Errorf("a recent log-in by password: %d", r.status)
	}
}

// Of changes at one moment with one password, one succeeds.
func TestChangePasswordOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	const n = 5
	var browsers [n]*browser
	for i := range browsers {
		browsers[i] = s.browser(t)
		browsers[i].logIn("matt@lp.com", password)
	}
	passwords := [n]secret.Text{"battery staple 0", "battery staple 1", "battery staple 2", "battery staple 3", "battery staple 4"}
	var statuses [n]int
	var group sync.WaitGroup
	for i, b := range browsers {
		group.Go(func() { statuses[i] = b.changePassword(password, passwords[i]).status })
	}
	group.Wait()
	won := 0
	for i, status := range statuses {
		if status == 200 {
			won++
			if r := s.browser(t).logIn("matt@lp.com", passwords[i]); r.status != 200 {
				t.Errorf("the password of the change that succeeded: %d", r.status)
			}
		}
	}
	if won != 1 {
		t.Errorf("%d changes succeeded: %v", won, statuses)
	}
}

// The hash may be another one once the new password is hashed. The current password is
// compared again then, as often as is reasonable.
func TestChangePasswordComparesAgain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		now      secret.Text // the password that it changes to
		times    int         // that it changes
		status   int
		opens    secret.Text // afterwards
		compared int
	}{
		"a log-in renews the hash":      {password, 1, 200, another, 2},
		"it is renewed again":           {password, 2, 200, another, 3},
		"it is renewed again each time": {password, 99, 503, password, 3},
		"another browser changes it":    {"another password", 1, 401, "another password", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "http")
			u := s.user(t, "matt@lp.com", "")
			b := s.browser(t)
			b.logIn("matt@lp.com", password)
			changes, compared := 0, 0
			s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
				return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
					if string(p) == password.Reveal() {
						compared++
					}
					if string(p) == another.Reveal() && changes < tt.times {
						changes++
						u, err := s.User(t.Context(), u.ID)
						check(t, err)
						salt := fmt.Sprintf("other salt %05d", changes)
						u.PasswordHash = phc(derive([]byte(tt.now), []byte(salt), 2, 19456, 1, 32), salt, "m=19456,t=2,p=1")
						check(t, s.store.UpdateUser(t.Context(), u))
					}
					return derive(p, salt, time, memory, threads, length)
				}
			})
			if r := b.changePassword(password, another); r.status != tt.status || compared != tt.compared {
				t.Errorf("%d %s, compared %d times", r.status, r.body, compared)
			}
			if r := s.browser(t).logIn("matt@lp.com", tt.opens); r.status != 200 {
				t.Errorf("afterwards: %d", r.status)
			}
		})
	}
}

// The session may end while the new password is hashed: an intruder whose sessions were
// ended cannot come back with a new password.
func TestSecurity25_NoPasswordOfASessionThatHasEnded(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		end  func(s *site, u accounts.User) error
		want int
	}{
		"all sessions end": {func(s *site, u accounts.User) error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			return err
		}, 401},
		"somebody takes the account over": {func(s *site, u accounts.User) error { return s.VerifyAndTakeOver(t.Context(), u.ID) }, 401},
		"the user is deactivated":         {func(s *site, u accounts.User) error { return s.SetActive(t.Context(), u.ID, false) }, 401},
		"nothing ends":                    {func(*site, accounts.User) error { return nil }, 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, "http")
			u, err := s.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com"}) // without a password: the log-in proves enough
			check(t, err)
			b := s.browser(t)
			b.do("POST", "/social", url.Values{"user": {u.ID}})
			var once sync.Once
			s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
				return func(p, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
					once.Do(func() { check(t, tt.end(s, u)) })
					return derive(p, salt, time, memory, threads, length)
				}
			})
			if r := b.changePassword("", another); r.status != tt.want {
				t.Errorf("%d %s, want %d", r.status, r.body, tt.want)
			} else if tt.want == 401 && strings.TrimSpace(r.body) != accounts.ErrNotSignedIn.Error() {
				t.Errorf("the reason is %q", r.body)
			}
			if has, err := s.HasPassword(t.Context(), u.ID); err != nil || has != (tt.want == 200) {
				t.Errorf("has a password: %v, %v", has, err)
			}
		})
	}
}

// The current password can be checked before it is used: a wrong one counts, and a right one
// changes nothing.
func TestCheckCurrentPassword(t *testing.T) {
	t.Parallel()
	s := factorSite(t, withTokens, func(c *accounts.Config) { c.Throttle.AccountLogins.Count = 2 })
	checks := func(p secret.Text) func(http.ResponseWriter, *http.Request) error {
		return func(_ http.ResponseWriter, r *http.Request) error { return s.CheckCurrentPassword(r, p) }
	}
	wantErr(t, "nobody", s.newVisitor(t).do(checks(password)), accounts.ErrNotSignedIn)
	v := s.newVisitor(t).logIn("matt")
	before := v.session()
	check(t, v.do(checks(password)))
	if now := v.session(); now != before {
		t.Errorf("the session is %+v, was %+v", now, before)
	}
	for range 2 {
		wantErr(t, "a wrong one", v.do(checks(another)), accounts.ErrCredentials)
	}
	var full *accounts.ThrottledError
	if err := v.do(checks(password)); !errors.As(err, &full) {
		t.Errorf("beyond the limit: %v", err)
	}
	wantErr(t, "a user who was deleted", v.do(func(w http.ResponseWriter, r *http.Request) error {
		check(t, s.Delete(r.Context(), before.UserID))
		return checks(password)(w, r)
	}), accounts.ErrNoUser)
}

// A new password is checked as the user's before it is set.
func TestCheckNewPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := accounts.User{Email: "ann.example@lp.com", Username: "ann.example"}
	for p, want := range map[secret.Text]string{another: "", "short": accounts.CodePasswordShort, "ann.example@lp.com": accounts.CodePasswordName, "ann.example": accounts.CodePasswordName} {
		var field *accounts.FieldError
		code := ""
		if err := s.CheckNewPassword(u, p); errors.As(err, &field) {
			code = field.Code()
		}
		if code != want {
			t.Errorf("%s: %q, want %q", p.Reveal(), code, want)
		}
	}
}
