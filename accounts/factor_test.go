package accounts_test

import (
	"encoding/base32"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// factorSite is a site with second factors and the users matt@lp.com and joe@lp.com.
func factorSite(t *testing.T, configure ...func(*accounts.Config)) *site {
	t.Helper()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	s := newSite(t, "http", append([]func(*accounts.Config){func(c *accounts.Config) { c.Keys = keys }}, configure...)...)
	s.user(t, "matt@lp.com", "matt")
	s.user(t, "joe@lp.com", "")
	return s
}

// A visitor is a browser that calls the site's methods without a server.
type visitor struct {
	*site
	t       *testing.T
	cookies map[string]*http.Cookie
}

func (s *site) newVisitor(t *testing.T) *visitor {
	return &visitor{s, t, map[string]*http.Cookie{}}
}

// do calls f with a request of the visitor's, and keeps the cookies of the answer.
func (v *visitor) do(f func(w http.ResponseWriter, r *http.Request) error) error {
	r := httptest.NewRequest("POST", "/", nil)
	r = r.WithContext(tenant.With(r.Context(), v.site.tenant))
	r.Header.Set("User-Agent", strings.Repeat("x", 1000))
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	var err error
	v.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { err = f(w, r) })).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if v.cookies[c.Name] = c; c.MaxAge < 0 {
			delete(v.cookies, c.Name)
		}
	}
	return err
}

// logIn logs in by password, as far as that goes.
func (v *visitor) logIn(login string) *visitor {
	v.t.Helper()
	check(v.t, v.do(func(w http.ResponseWriter, r *http.Request) error { return v.LogIn(w, r, login, password, false) }))
	return v
}

// state is "" for no user, the user's address, or what the session is limited to.
func (v *visitor) state() (state string) {
	v.do(func(_ http.ResponseWriter, r *http.Request) error {
		if u := accounts.Current(r.Context()); u != nil {
			state = u.Email
		} else if s := accounts.LimitedSession(r.Context()); s != nil {
			state = s.LimitedTo
		}
		return nil
	})
	return state
}

func (v *visitor) want(state string) *visitor {
	v.t.Helper()
	if got := v.state(); got != state {
		v.t.Errorf("the browser is %q, want %q", got, state)
	}
	return v
}

func (v *visitor) setUp() (setup accounts.TOTPSetup) {
	v.t.Helper()
	check(v.t, v.do(func(_ http.ResponseWriter, r *http.Request) (err error) { setup, err = v.SetUpTOTP(r); return err }))
	return setup
}

// keyOf reads what an authenticator takes over.
func keyOf(t *testing.T, setup accounts.TOTPSetup) []byte {
	t.Helper()
	key, err := base32.StdEncoding.DecodeString(setup.Secret.Reveal())
	check(t, err)
	return key
}

// An authenticator is an application on a phone.
type authenticator struct {
	site     *site
	key      []byte
	recovery []string
}

func (p authenticator) at(step int64) string { return accounts.TOTPCode(p.key, step) }

func (p authenticator) code() string { return p.at(p.site.clock.Now().Unix() / 30) }

func (v *visitor) confirm(code string) (recovery []string, err error) {
	err = v.do(func(w http.ResponseWriter, r *http.Request) (err error) {
		recovery, err = v.ConfirmTOTP(w, r, secret.Text(code))
		return err
	})
	return recovery, err
}

// enroll sets up an authenticator, and lets the code that it showed pass.
func (v *visitor) enroll() authenticator {
	v.t.Helper()
	p := authenticator{site: v.site, key: keyOf(v.t, v.setUp())}
	var err error
	p.recovery, err = v.confirm(p.code())
	check(v.t, err)
	v.clock.Advance(time.Minute)
	return p
}

func (v *visitor) finish(kind, shown string, trust ...bool) error {
	return v.do(func(w http.ResponseWriter, r *http.Request) error {
		return v.FinishFactor(w, r, accounts.FactorAnswer{Kind: kind, Shown: secret.Text(shown), Trust: len(trust) > 0})
	})
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) || err != nil && strings.Count(err.Error(), "accounts:") != 1 {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// A log-in by password of a user with a second factor signs in when it is shown, in a
// session with a new token, which keeps how the user logged in.
func TestAccounts8_FactorAfterThePassword(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt@lp.com").want("matt@lp.com").enroll()
	before, err := s.Find(t.Context(), "matt")
	check(t, err)

	b := s.newVisitor(t)
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error { return s.LogIn(w, r, "matt", password, true) }))
	b.want(accounts.LimitedToFactor)
	limited := b.cookies["session"]
	if limited.MaxAge != 0 {
		t.Error("the browser keeps the cookie of the limited session")
	}
	if u, _ := s.Find(t.Context(), "matt"); u.Login != before.Login {
		t.Error("the first half is tracked as a log-in")
	}
	if len(b.cookies) != 1 {
		t.Errorf("the browser has got %v", b.cookies)
	}
	wantErr(t, "a wrong code", b.finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
	wantErr(t, "a code as another kind", b.finish(accounts.FactorRecoveryCode, phone.code()), accounts.ErrFactor)
	wantErr(t, "an unknown kind", b.finish("passkey", phone.code()), accounts.ErrFactor)
	wantErr(t, "nothing", b.finish("", ""), accounts.ErrFactor)
	b.want(accounts.LimitedToFactor)
	code := phone.code()
	check(t, b.finish(accounts.FactorTOTP, code[:3]+" "+code[3:]))
	b.want("matt@lp.com")
	if b.cookies["session"].Value == limited.Value || b.cookies["session"].MaxAge == 0 {
		t.Errorf("the cookie is %v", b.cookies["session"])
	}
	(&visitor{s, t, map[string]*http.Cookie{"session": limited}}).want("")
	ss, err := s.Sessions(t.Context(), before.ID)
	check(t, err)
	if got := ss[0]; got.Via != identity.ViaPassword || !got.Remember || got.LimitedTo != "" || got.ExpiresAt.Before(s.clock.Now().Add(29*24*time.Hour)) {
		t.Errorf("the session is %+v", got)
	}
	if u, _ := s.Find(t.Context(), "matt"); u.Login.Count != before.Login.Count+1 {
		t.Errorf("%d log-ins, want one more than %d", u.Login.Count, before.Login.Count)
	}
	// A code counts once, also in another browser.
	b = s.newVisitor(t).logIn("matt")
	wantErr(t, "the code again", b.finish(accounts.FactorTOTP, code), accounts.ErrFactor)
	// Others are as they were.
	s.newVisitor(t).logIn("joe@lp.com").want("joe@lp.com")
	wantErr(t, "without a session", s.newVisitor(t).finish(accounts.FactorTOTP, phone.code()), accounts.ErrNotSignedIn)
	wantErr(t, "in a whole session", s.newVisitor(t).logIn("joe@lp.com").finish(accounts.FactorTOTP, phone.code()), accounts.ErrNotSignedIn)
}

// A log-in through a provider ends in the same way: by the proof in the request with which
// SignIn is called.
func TestAccounts8_FactorAfterAProvider(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	u, err := s.Find(t.Context(), "matt")
	check(t, err)
	joe, err := s.Find(t.Context(), "joe@lp.com")
	check(t, err)
	in := identity.SignIn{UserID: u.ID, Via: "google", ConnectionID: "c", ProviderSession: "s", Remember: true}
	page := func(v *visitor, userID string) (page string) {
		check(t, v.do(func(_ http.ResponseWriter, r *http.Request) (err error) {
			page, err = s.RequireFactor(r.Context(), userID)
			return err
		}))
		return page
	}
	b := s.newVisitor(t)
	if got := page(b, u.ID); got != "/two-factor" {
		t.Errorf("matt's page is %q", got)
	}
	if got := page(b, joe.ID) + page(b, ""); got != "" {
		t.Errorf("others' page is %q", got)
	}
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error { return s.SignIn(w, r, in) }))
	b.want(accounts.LimitedToFactor)
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
		proved, err := s.ProveFactor(r, u.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
		if err != nil {
			return err
		}
		if page, err := s.RequireFactor(proved.Context(), u.ID); page != "" || err != nil {
			t.Errorf("%q, %v", page, err)
		}
		// The proof is that user's alone.
		if page, err := s.RequireFactor(proved.Context(), joe.ID); page != "" || err != nil {
			t.Errorf("%q, %v", page, err)
		}
		return s.SignIn(w, proved, in)
	}))
	b.want("matt@lp.com")
	ss, err := s.Sessions(t.Context(), u.ID)
	check(t, err)
	if got := ss[0]; got.Via != "google" || got.ConnectionID != "c" || got.ProviderSession != "s" || !got.Remember {
		t.Errorf("the session is %+v", got)
	}
	// A limited session keeps what the provider said, too.
	s.clock.Advance(time.Minute)
	b = s.newVisitor(t)
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error { return s.SignIn(w, r, in) }))
	check(t, b.finish(accounts.FactorTOTP, phone.code()))
	if ss, err = s.Sessions(t.Context(), u.ID); err != nil || ss[0].Via != "google" || ss[0].ConnectionID != "c" || ss[0].ProviderSession != "s" || !ss[0].Remember {
		t.Errorf("the session is %+v, %v", ss[0], err)
	}
}

// A proof of one user does not sign in another.
func TestAccounts8_ProofIsOneUsers(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	matts := s.newVisitor(t).logIn("matt@lp.com").enroll()
	s.newVisitor(t).logIn("joe@lp.com").enroll()
	matt, _ := s.Find(t.Context(), "matt")
	joe, _ := s.Find(t.Context(), "joe@lp.com")
	b := s.newVisitor(t)
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
		if _, err := s.ProveFactor(r, joe.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(matts.code())}); !errors.Is(err, accounts.ErrFactor) {
			t.Errorf("matt's code proves joe: %v", err)
		}
		proved, err := s.ProveFactor(r, matt.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(matts.code())})
		if err != nil {
			return err
		}
		return s.SignIn(w, proved, identity.SignIn{UserID: joe.ID, Via: "google"})
	}))
	b.want(accounts.LimitedToFactor)
}

// Of 20 parallel uses of a code, and of a recovery code, one counts.
func TestAccounts8_CodesCountOnceInParallel(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.Throttle.AccountCodes.Count = 100 })
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	for kind, shown := range map[string]string{accounts.FactorTOTP: phone.code(), accounts.FactorRecoveryCode: phone.recovery[3]} {
		one := s.newVisitor(t).logIn("matt").cookies["session"]
		var wg sync.WaitGroup
		var mu sync.Mutex
		counts := map[error]int{}
		for i := range 20 {
			b := &visitor{s, t, map[string]*http.Cookie{"session": one}}
			if i%2 == 0 {
				b = s.newVisitor(t).logIn("matt")
			}
			wg.Go(func() {
				err := b.finish(kind, shown)
				mu.Lock()
				defer mu.Unlock()
				counts[err]++
			})
		}
		wg.Wait()
		if counts[nil] != 1 || counts[accounts.ErrFactor]+counts[accounts.ErrNotSignedIn] != 19 || counts[accounts.ErrFactor] == 0 {
			t.Errorf("%s: %v", kind, counts)
		}
	}
}

// Of parallel ends of one limited session with different codes one begins a session.
func TestAccounts8_LimitedSessionIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	one := s.newVisitor(t).logIn("matt").cookies["session"]
	var wg sync.WaitGroup
	var mu sync.Mutex
	counts := map[error]int{}
	for _, code := range phone.recovery[:5] {
		wg.Go(func() {
			b := &visitor{s, t, map[string]*http.Cookie{"session": one}}
			err := b.finish(accounts.FactorRecoveryCode, code)
			mu.Lock()
			defer mu.Unlock()
			counts[err]++
		})
	}
	wg.Wait()
	if counts[nil] != 1 || counts[accounts.ErrNotSignedIn] != 4 {
		t.Errorf("%v", counts)
	}
}

// Whatever ends the sessions of a user ends one that waits for the factor.
func TestAccounts8_WaitingSessionEndsWithTheOthers(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt@lp.com").enroll()
	u, _ := s.Find(t.Context(), "matt")
	for name, end := range map[string]func() error{
		"another password": func() error { return s.SetPassword(t.Context(), u.ID, password) },
		"all sessions": func() error {
			_, err := s.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID})
			return err
		},
		"time": func() error { s.clock.Advance(10 * time.Minute); return nil },
	} {
		b := s.newVisitor(t).logIn("matt")
		check(t, end())
		s.clock.Advance(time.Minute)
		wantErr(t, name, b.finish(accounts.FactorTOTP, phone.code()), accounts.ErrNotSignedIn)
	}
	b := s.newVisitor(t).logIn("matt")
	err := b.do(func(w http.ResponseWriter, r *http.Request) error { // while the request runs
		check(t, s.SetPassword(t.Context(), u.ID, password))
		return s.FinishFactor(w, r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
	})
	wantErr(t, "during the request", err, accounts.ErrNotSignedIn)
	b.want("")
}

// A stranger who set up a second factor in an account does not lock out the owner of its
// address.
func TestSecurity34_TakeoverEndsSecondFactors(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt@lp.com")
	u, _ := s.Find(t.Context(), "matt")
	phone := b.enroll()
	trusting := s.newVisitor(t).logIn("matt")
	check(t, trusting.finish(accounts.FactorTOTP, phone.code(), true))
	b.setUp()
	check(t, s.VerifyAndTakeOver(t.Context(), u.ID))
	if list, err := s.store.Factors(t.Context(), "", u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
	if list, err := s.store.Sessions(t.Context(), "", u.ID, s.clock.Now()); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
}

// Guesses are limited for each user. A browser that knows the user has a limit of its own.
func TestAccounts15_CodesAreThrottled(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	known := s.newVisitor(t).logIn("matt@lp.com")
	phone := known.enroll()
	var full *accounts.ThrottledError
	for i := range 10 {
		wantErr(t, "guess", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, "00000"+string(rune('0'+i))), accounts.ErrFactor)
	}
	stranger := s.newVisitor(t).logIn("matt")
	if err := stranger.finish(accounts.FactorTOTP, phone.code()); !errors.As(err, &full) || full.RetryAfter != 15*time.Minute {
		t.Errorf("the eleventh: %v", err)
	}
	if err := stranger.finish(accounts.FactorRecoveryCode, phone.recovery[0]); !errors.As(err, &full) {
		t.Errorf("a recovery code: %v", err)
	}
	known.logIn("matt").want(accounts.LimitedToFactor)
	check(t, known.finish(accounts.FactorTOTP, phone.code()))
	for range 9 {
		known.logIn("matt")
		wantErr(t, "guess", known.finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
	}
	s.clock.Advance(time.Minute)
	check(t, known.finish(accounts.FactorTOTP, phone.code())) // clears the count
	known.logIn("matt")
	for range 10 {
		wantErr(t, "guess", known.finish(accounts.FactorTOTP, "000000"), accounts.ErrFactor)
	}
	if err := known.finish(accounts.FactorTOTP, "000000"); !errors.As(err, &full) {
		t.Errorf("a known browser's eleventh: %v", err)
	}
	s.clock.Advance(14 * time.Minute) // 15 for strangers
	stranger = s.newVisitor(t).logIn("matt")
	check(t, stranger.finish(accounts.FactorTOTP, phone.code()))
	// Confirming is limited, too.
	joe := s.newVisitor(t).logIn("joe@lp.com")
	joe.setUp()
	for range 10 {
		_, err := joe.confirm("000000")
		wantErr(t, "guess", err, accounts.ErrFactor)
	}
	if _, err := joe.confirm("000000"); !errors.As(err, &full) {
		t.Errorf("the eleventh confirmation: %v", err)
	}
}

// A code proves once more who a signed-in user is.
func TestAccounts6_ReauthenticateFactor(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt")
	phone := b.enroll()
	s.clock.Advance(15 * time.Minute)
	prove := func(v *visitor, code string) error {
		return v.do(func(_ http.ResponseWriter, r *http.Request) error {
			err := s.ReauthenticateFactor(r, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(code)})
			if fresh := s.IsFresh(r.Context()); fresh != (err == nil) {
				t.Errorf("fresh: %v, %v", fresh, err)
			}
			return err
		})
	}
	wantErr(t, "a wrong code", prove(b, "000000"), accounts.ErrFactor)
	check(t, prove(b, phone.code()))
	wantErr(t, "nobody", prove(s.newVisitor(t), phone.code()), accounts.ErrNotSignedIn)
	wantErr(t, "a limited session", prove(s.newVisitor(t).logIn("matt"), phone.code()), accounts.ErrNotSignedIn)
}
