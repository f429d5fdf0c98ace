package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
)

func TestLogInByEmailOrUsername(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "matt")
	for _, login := range []string{"matt@lp.com", "matt", "MATT@LP.COM", "Matt", " matt@lp.com "} {
		b := s.browser(t)
		if r := b.logIn(login, password); r.status != 200 || b.whoami().Email != "matt@lp.com" {
			t.Errorf("%q: %d %s", login, r.status, r.body)
		}
	}
	if r := s.browser(t).logIn("matt", "Correct horse"); r.status != 401 {
		t.Errorf("password in another case: %d", r.status)
	}
}

func TestLogInTakesEffectAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	if r := b.logIn("matt@lp.com", password); !strings.Contains(r.body, "matt@lp.com") {
		t.Errorf("in the log-in's own request: %s", r.body)
	}
	if r := b.do("POST", "/logout", nil); strings.Contains(r.body, "matt@lp.com") {
		t.Errorf("in the log-out's own request: %s", r.body)
	}
}

func TestRegisterSignsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	b := s.browser(t)
	form := url.Values{"email": {"matt@lp.com"}, "password": {"correct horse"}}
	if r := b.do("POST", "/register", form); r.status != 200 || b.whoami().Email != "matt@lp.com" {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := b.do("POST", "/register", form); r.status != 422 || r.body != "email: matt@lp.com is already associated with an account\n" {
		t.Errorf("%d %s", r.status, r.body)
	}
	for _, p := range []string{"1234567", "ääääääa", strings.Repeat("x", 1025)} {
		form := url.Values{"email": {"joe@lp.com"}, "password": {p}}
		if r := b.do("POST", "/register", form); r.status != 422 || !strings.HasPrefix(r.body, "password: ") {
			t.Errorf("%d bytes: %d %s", len(p), r.status, r.body)
		}
	}
	form = url.Values{"email": {"joe@lp.com"}, "password": {"ääääääää"}}
	if r := b.do("POST", "/register", form); r.status != 200 {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestParallelRegistrationsMakeOneUser(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	var group sync.WaitGroup
	ids := make(chan string, 50)
	for range 50 {
		group.Go(func() {
			id, err := s.Register(t.Context(), identity.Registration{Email: "matt@lp.com", EmailVerified: true})
			if err == nil {
				ids <- id
			} else if !errors.Is(err, accounts.ErrEmailTaken) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(ids) != 1 {
		t.Errorf("%d users", len(ids))
	}
}

func TestTracking(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	first := s.clock.Now()
	b := s.browser(t)
	b.logIn("matt@lp.com", password, "X-Forwarded-For", "192.0.2.1")
	s.clock.Advance(time.Minute)
	b.do("POST", "/social", url.Values{"user": {u.ID}}, "X-Forwarded-For", "192.0.2.2")
	want := accounts.Tracking{LastAt: first, LastAddress: "192.0.2.1", CurrentAt: s.clock.Now(), CurrentAddress: "192.0.2.2", Count: 2}
	got, err := s.User(t.Context(), u.ID)
	check(t, err)
	if got.Login != want {
		t.Errorf("%+v", got.Login)
	}
	if p := b.whoami(); p.Via != "google" || p.Tracking.Count != 2 || p.Tracking.LastAddress != "192.0.2.1" {
		t.Errorf("%+v", p)
	}
	if got.Version != u.Version {
		t.Error("a log-in changed the version")
	}
}

func TestInactiveUser(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	check(t, s.SetActive(t.Context(), u.ID, false))
	if b.whoami().Email != "" {
		t.Error("still signed in")
	}
	if r := b.logIn("matt@lp.com", password); r.status != 403 {
		t.Errorf("by password: %d", r.status)
	}
	if r := b.do("POST", "/social", url.Values{"user": {u.ID}}); r.status != 403 {
		t.Errorf("through a provider: %d", r.status)
	}
	if b.whoami().Email != "" {
		t.Error("signed in")
	}
	// A session that began while the user was deactivated.
	check(t, s.store.InsertSession(t.Context(), accounts.Session{Hash: zeroHash, UserID: u.ID, ExpiresAt: s.clock.Now().Add(time.Hour)}))
	if s.with(t, "session", zeroToken).whoami().Email != "" {
		t.Error("an inactive user's session serves")
	}
	check(t, s.SetActive(t.Context(), u.ID, true))
	if s.with(t, "session", zeroToken).whoami().Email == "" {
		t.Error("the test's own session does not serve")
	}
}

// A forgetfulUse is a store in which use prolongs no session.
type forgetfulUse struct{ accounts.Store }

func (forgetfulUse) ProlongSession(context.Context, string, [32]byte, time.Time, time.Time) error {
	return nil
}

func TestSessionsEndByTime(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Store = forgetfulUse{c.Store} })
	u := s.user(t, "matt@lp.com", "")
	check := func(logIn func(b *browser, remember string)) {
		t.Helper()
		short, long := s.browser(t), s.browser(t)
		logIn(short, "")
		logIn(long, "1")
		sessionsEnd(t, s, short, long)
	}
	check(func(b *browser, remember string) {
		b.do("POST", "/login", url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}, "remember": {remember}})
	})
	check(func(b *browser, remember string) {
		b.do("POST", "/social", url.Values{"user": {u.ID}, "remember": {remember}})
	})
}

// sessionsEnd checks how long the sessions of two browsers last, of which the second
// is remembered.
func sessionsEnd(t *testing.T, s *site, short, long *browser) {
	t.Helper()
	for _, step := range []struct {
		wait        time.Duration
		short, long bool
	}{{23 * time.Hour, true, true}, {time.Hour, false, true}, {29*24*time.Hour - time.Second, false, true}, {time.Second, false, false}} {
		s.clock.Advance(step.wait)
		if got := s.with(t, "session", short.cookie()).whoami().Email != ""; got != step.short {
			t.Errorf("after %v more: session %v", step.wait, got)
		}
		if got := long.whoami().Email != ""; got != step.long {
			t.Errorf("after %v more: remembered session %v", step.wait, got)
		}
	}
}

func TestOutsideMiddleware(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil)
	if err := s.LogIn(w, r, "matt@lp.com", password, false); err != nil {
		t.Fatal(err)
	}
	if accounts.Current(r.Context()) != nil || s.CurrentUser(r.Context()) != "" {
		t.Error("a user is signed in")
	}
	r.AddCookie(w.Result().Cookies()[0])
	if err := s.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"}); err != nil {
		t.Fatal(err)
	}
	if got := w.Result().Cookies(); len(got) != 2 {
		t.Errorf("cookies of one name: %v", got)
	}
	if ss, err := s.Sessions(r.Context(), u.ID); len(ss) != 1 || ss[0].Via != "google" || err != nil {
		t.Errorf("%v, %v", ss, err)
	}
	if err := s.SignIn(w, r, identity.SignIn{UserID: "missing", Via: "google"}); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
}

// A log-in asks the store for what it must, and no more.
func TestWhatALogInAsksTheStore(t *testing.T) {
	t.Parallel()
	const session = " Factors TrackLogin InsertSession TrimSessions InTx"
	old := phc(hashQuickly([]byte(password), []byte("saltsaltsalt"), 1, 8192, 1, 32), "saltsaltsalt", "m=8192,t=1,p=1")
	for _, tt := range []struct {
		name     string
		hash     string // another one
		inactive bool
		failures int
		cookie   func(s *faultySite) *http.Cookie
		want     string
		err      error
	}{
		{name: "right", want: "UserByEmail Attempt Attempt Attempt Attempt" + session},
		{name: "after a wrong one", failures: 1, want: "UserByEmail Attempt Attempt Attempt Attempt ForgetAttempts" + session},
		{name: "in a known browser", failures: 1, cookie: func(s *faultySite) *http.Cookie { return s.known }, want: "UserByEmail Attempt Attempt Attempt Attempt" + session},
		{name: "with a session", cookie: func(s *faultySite) *http.Cookie { return s.cookie },
			want: "SessionUser UserByEmail Attempt Attempt Attempt Attempt Factors DeleteSession TrackLogin InsertSession TrimSessions InTx"},
		{name: "with an old hash", hash: old, want: "UserByEmail Attempt Attempt Attempt Attempt UpdateUser" + session},
		{name: "inactive with an old hash", hash: old, inactive: true, want: "UserByEmail Attempt Attempt Attempt Attempt Factors", err: accounts.ErrInactive},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var es events
			s := newFaultySite(t, true, &es)
			u := s.matt
			u.Active = !tt.inactive
			if tt.hash != "" {
				u.PasswordHash = tt.hash
			}
			check(t, s.store.UpdateUser(t.Context(), u))
			for range tt.failures {
				s.visit(s.logIn("matt@lp.com", "wrong password"))
			}
			s.store.methods = nil
			s.clock.Advance(time.Minute)
			var cookies []*http.Cookie
			if tt.cookie != nil {
				cookies = append(cookies, tt.cookie(s))
			}
			if err := s.visit(s.logIn("matt@lp.com", password), cookies...); !errors.Is(err, tt.err) {
				t.Errorf("%v, want %v", err, tt.err)
			}
			if got := strings.Join(s.store.methods, " "); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			got, err := s.User(t.Context(), s.matt.ID)
			check(t, err)
			if renewed := got.PasswordHash != u.PasswordHash; renewed != (tt.hash != "" && !tt.inactive) || renewed && !got.UpdatedAt.Equal(s.clock.Now()) {
				t.Errorf("renewed: %v, at %v", renewed, got.UpdatedAt)
			}
		})
	}
}

// Who is signed in with other Accounts is not signed in with these.
func TestAccountsSideBySide(t *testing.T) {
	t.Parallel()
	var es events
	s, other := newFaultySite(t, true, &es), newSite(t, "http")
	check(t, s.visit(func(_ http.ResponseWriter, r *http.Request) error {
		if mine, theirs := s.CurrentUser(r.Context()), other.CurrentUser(r.Context()); mine != s.matt.ID || theirs != "" {
			t.Errorf("signed in as %q and %q", mine, theirs)
		}
		return nil
	}, s.cookie))
}
