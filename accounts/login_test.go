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
	"github.com/gosocial/social/secret"
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

func TestRehashOnLogIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	// The hash of another program: argon2id with m=8192, t=1, p=2.
	var old string
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		old = phc(derive([]byte(password), []byte("saltsaltsalt"), 1, 8192, 2, 24), "saltsaltsalt", "m=8192,t=1,p=2")
		return derive
	})
	u.PasswordHash = old
	check(t, s.store.UpdateUser(t.Context(), u))
	if r := s.browser(t).logIn("matt@lp.com", "wrong password"); r.status != 401 {
		t.Errorf("%d", r.status)
	}
	if got, _ := s.User(t.Context(), u.ID); got.PasswordHash != old {
		t.Error("a wrong password changed the hash")
	}
	for range 2 {
		if r := s.browser(t).logIn("matt@lp.com", password); r.status != 200 {
			t.Errorf("%d %s", r.status, r.body)
		}
	}
	got, _ := s.User(t.Context(), u.ID)
	if !strings.HasPrefix(got.PasswordHash, "$argon2id$v=19$m=19456,t=2,p=1$") || got.Version != u.Version+2 {
		t.Errorf("%s, version %d", got.PasswordHash, got.Version)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	ctx := t.Context()
	id, err := s.Register(ctx, identity.Registration{Email: "matt@lp.com", EmailVerified: true})
	check(t, err)
	has := func(want bool) {
		t.Helper()
		if got, err := s.HasPassword(ctx, id); got != want || err != nil {
			t.Errorf("has a password: %v, %v", got, err)
		}
	}
	has(false)
	if r := s.browser(t).logIn("matt@lp.com", ""); r.status != 401 {
		t.Errorf("without a password: %d", r.status)
	}
	var field *accounts.FieldError
	if err := s.SetPassword(ctx, id, "short"); !errors.As(err, &field) || field.Field() != "password" {
		t.Error(err)
	}
	has(false)
	check(t, s.SetPassword(ctx, id, password))
	has(true)
	if r := s.browser(t).logIn("matt@lp.com", password); r.status != 200 {
		t.Errorf("%d", r.status)
	}
	check(t, s.SetPassword(ctx, id, ""))
	has(false)
	if _, err := s.HasPassword(ctx, "missing"); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
	if err := s.SetPassword(ctx, "missing", secret.Text("correct horse")); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
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

// A hash that cannot be renewed now is renewed at another log-in, without a word.
func TestHashIsRenewedAnotherTime(t *testing.T) {
	t.Parallel()
	for _, because := range []string{"the row changes", "others hash"} {
		store := &contestedStore{}
		s := newSite(t, "http", func(c *accounts.Config) {
			store.Store, c.Store = c.Store, store
			c.HashMemory, c.HashWait = 19<<20, 500*time.Millisecond
		})
		u := s.user(t, "matt@lp.com", "")
		u.PasswordHash = phc(hashQuickly([]byte(password), []byte("saltsaltsalt"), 1, 8192, 1, 32), "saltsaltsalt", "m=8192,t=1,p=1")
		check(t, store.UpdateUser(t.Context(), u))
		finish, finished := make(chan struct{}), make(chan error, 1)
		if because == "the row changes" {
			store.stale = 2
		} else {
			first := true
			s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
				return func(p, salt []byte, time_, memory uint32, threads uint8, length uint32) []byte {
					switch {
					case first:
						first = false
						create := func() {
							_, err := s.Create(t.Context(), accounts.NewUser{Email: "joe@lp.com", Password: "another password"})
							finished <- err
						}
						go create()
						for s.Hashing() < 2 {
							select {
							case <-finished: // refused before it was seen, by a slow machine
								go create()
							case <-time.After(time.Millisecond):
							}
						}
					case string(p) != password.Reveal():
						<-finish
					}
					return derive(p, salt, time_, memory, threads, length)
				}
			})
		}
		logIn := func(w http.ResponseWriter, r *http.Request) error {
			return s.LogIn(w, r, "matt@lp.com", password, false)
		}
		_, _, err := s.visit(logIn)
		check(t, err)
		if got, err := s.User(t.Context(), u.ID); err != nil || got.PasswordHash != u.PasswordHash {
			t.Errorf("%s: the hash became %q, %v", because, got.PasswordHash, err)
		}
		close(finish)
		if because == "others hash" {
			check(t, <-finished)
		}
		_, _, err = s.visit(logIn)
		check(t, err)
		if got, err := s.User(t.Context(), u.ID); err != nil || got.PasswordHash == u.PasswordHash || s.log.String() != "" {
			t.Errorf("%s: the hash is still %q, %v; log %s", because, got.PasswordHash, err, s.log)
		}
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
