package accounts_test

import (
	"context"
	"encoding/base32"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/mail"
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

// state is "" for nobody, the user's address, or what the session is limited to.
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

// Another user's proof signs nobody in.
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

func TestAccounts8_RecoveryCodes(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect)
	owner := s.newVisitor(t).logIn("matt@lp.com")
	phone := owner.enroll()
	u, _ := s.Find(t.Context(), "matt")
	about := accounts.Subject{UserID: u.ID}
	seen := map[string]bool{}
	for _, code := range phone.recovery {
		if len(code) != 19 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz234567-") != "" || seen[code] {
			t.Errorf("a code is %q", code)
		}
		seen[code] = true
	}
	if len(seen) != 10 {
		t.Errorf("%d codes", len(seen))
	}
	left := func(want int) {
		t.Helper()
		list, err := s.Factors(t.Context(), u.ID)
		check(t, err)
		n := 0
		for _, f := range list {
			if f.Kind == accounts.FactorRecoveryCode {
				n++
			}
			if f.Secret != nil {
				t.Error("a secret is told")
			}
		}
		if n != want {
			t.Errorf("%d codes are left, want %d", n, want)
		}
	}
	left(10)
	b := s.newVisitor(t).logIn("matt")
	es.list = nil
	check(t, b.finish(accounts.FactorRecoveryCode, " "+strings.ToUpper(strings.ReplaceAll(phone.recovery[0], "-", " "))))
	b.want("matt@lp.com")
	left(9)
	es.want(t, "a recovery code", accounts.RecoveryCodeUsed{Subject: about, Left: 9},
		accounts.LoggedIn{Subject: about, Via: identity.ViaPassword, Address: "192.0.2.1"})
	wantErr(t, "the code again", s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, phone.recovery[0]), accounts.ErrFactor)

	renew := func(v *visitor) (codes []string, err error) {
		err = v.do(func(_ http.ResponseWriter, r *http.Request) (err error) {
			codes, err = s.NewRecoveryCodes(r)
			return err
		})
		return codes, err
	}
	es.list = nil
	codes, err := renew(owner)
	check(t, err)
	es.want(t, "new codes", accounts.RecoveryCodesMade{Subject: about})
	left(10)
	wantErr(t, "an older code", s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, phone.recovery[1]), accounts.ErrFactor)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorRecoveryCode, codes[9]))
	_, err = renew(s.newVisitor(t).logIn("matt"))
	wantErr(t, "in a limited session", err, accounts.ErrNotSignedIn)
	_, err = renew(s.newVisitor(t).logIn("joe@lp.com"))
	wantErr(t, "without a factor", err, accounts.ErrNoFactor)
	s.clock.Advance(15 * time.Minute)
	_, err = renew(owner)
	wantErr(t, "in an old session", err, accounts.ErrNotFresh)
}

// Setting up counts when it is confirmed, by a fresh session, within an hour, once.
func TestAccounts8_SetUpIsConfirmed(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect, func(c *accounts.Config) { c.FreshFor = 3 * time.Hour })
	u, _ := s.Find(t.Context(), "matt")
	about := accounts.Subject{UserID: u.ID}
	b := s.newVisitor(t).logIn("matt@lp.com")
	es.list = nil
	_, err := b.confirm("123456")
	wantErr(t, "nothing is set up", err, accounts.ErrNoFactor)
	first := b.setUp()
	setup := b.setUp()
	if first.Secret == setup.Secret {
		t.Error("the secret is the same again")
	}
	var pending accounts.TOTPSetup
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) (err error) { pending, err = s.PendingTOTP(r); return err }))
	if pending != setup {
		t.Errorf("%v waits", pending)
	}
	key := func(s accounts.TOTPSetup) []byte {
		b, _ := base32.StdEncoding.DecodeString(s.Secret.Reveal())
		return b
	}
	_, err = b.confirm(authenticator{site: s, key: key(first)}.code())
	wantErr(t, "the secret before", err, accounts.ErrFactor)
	s.newVisitor(t).logIn("matt").want("matt@lp.com") // it does not count yet
	if has, err := s.HasFactor(t.Context(), u.ID); has || err != nil {
		t.Errorf("a factor counts: %v", err)
	}
	es.list = nil
	phone := authenticator{site: s, key: key(setup)}
	code := phone.code()
	_, err = b.confirm(code)
	check(t, err)
	es.want(t, "a factor", accounts.FactorAdded{Subject: about, Kind: accounts.FactorTOTP})
	b.want("matt@lp.com")
	if kinds, err := s.FactorKinds(t.Context(), u.ID); err != nil || !reflect.DeepEqual(kinds, []string{"totp", "recovery_code"}) {
		t.Errorf("%v, %v", kinds, err)
	}
	_, err = b.confirm(code)
	wantErr(t, "again", err, accounts.ErrNoFactor)
	wantErr(t, "the code that confirmed", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, code), accounts.ErrFactor)
	es.list = nil
	s.newVisitor(t).logIn("matt")
	es.want(t, "a log-in", accounts.FactorDue{Subject: about, Via: identity.ViaPassword, Address: "192.0.2.1"})

	// Another one takes its place when it is confirmed, not before.
	late := b.setUp()
	s.clock.Advance(time.Minute)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, phone.code()))
	s.clock.Advance(59 * time.Minute)
	_, err = b.confirm(authenticator{site: s, key: key(late)}.code())
	wantErr(t, "after an hour", err, accounts.ErrNoFactor)
	other := b.enroll()
	wantErr(t, "the one before", s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, phone.code()), accounts.ErrFactor)
	check(t, s.newVisitor(t).logIn("matt").finish(accounts.FactorTOTP, other.code()))

	s.clock.Advance(3 * time.Hour)
	_, err = b.confirm("123456")
	wantErr(t, "an old session confirms", err, accounts.ErrNotFresh)
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err })
	wantErr(t, "an old session sets up", err, accounts.ErrNotFresh)
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err })
	wantErr(t, "an old session reads", err, accounts.ErrNotFresh)
	err = b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) })
	wantErr(t, "an old session removes", err, accounts.ErrNotFresh)
	err = s.newVisitor(t).do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err })
	wantErr(t, "nobody sets up", err, accounts.ErrNotSignedIn)
	err = s.newVisitor(t).logIn("matt").do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err })
	wantErr(t, "a limited session sets up", err, accounts.ErrNotSignedIn)
}

// Who has another session knows the secret that they began with: the owner is not shown it,
// also after a new password has ended that session, and cannot confirm it by mistake.
func TestAccounts8_SetUpIsOfOneSession(t *testing.T) {
	t.Parallel()
	for _, require := range []accounts.TwoFactor{accounts.TwoFactorOptional, accounts.TwoFactorRequired} {
		s := factorSite(t, func(c *accounts.Config) { c.TwoFactor = require })
		u, _ := s.Find(t.Context(), "matt")
		thief := s.newVisitor(t).logIn("matt")
		theirs := authenticator{site: s, key: keyOf(t, thief.setUp())}
		check(t, s.SetPassword(t.Context(), u.ID, password))
		owner := s.newVisitor(t).logIn("matt")
		err := owner.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.PendingTOTP(r); return err })
		wantErr(t, "the owner's page", err, accounts.ErrNoFactor)
		_, err = owner.confirm(theirs.code())
		wantErr(t, "the owner confirms", err, accounts.ErrNoFactor)
		phone := authenticator{site: s, key: keyOf(t, owner.setUp())}
		_, err = owner.confirm(phone.code())
		check(t, err)
		if list, err := s.Factors(t.Context(), u.ID); err != nil || len(list) == 0 || list[len(list)-1].Name != "" {
			t.Errorf("%+v, %v", list, err)
		}
	}
}

func TestAccounts8_Removal(t *testing.T) {
	t.Parallel()
	var es events
	s := factorSite(t, es.collect)
	b := s.newVisitor(t).logIn("matt@lp.com")
	u, _ := s.Find(t.Context(), "matt")
	phone := b.enroll()
	remove := func(v *visitor) error {
		return v.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) })
	}
	wantErr(t, "a limited session", remove(s.newVisitor(t).logIn("matt")), accounts.ErrNotSignedIn)
	trusting := s.newVisitor(t).logIn("matt")
	check(t, trusting.finish(accounts.FactorTOTP, phone.code(), true))
	es.list = nil
	check(t, remove(b))
	es.want(t, "removal", accounts.FactorRemoved{Subject: accounts.Subject{UserID: u.ID}, Kind: accounts.FactorTOTP})
	wantErr(t, "again", remove(b), accounts.ErrNoFactor)
	if list, err := s.store.Factors(t.Context(), "", u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are left, %v", list, err)
	}
	if list, err := s.TrustedDevices(t.Context(), u.ID); len(list) != 0 || err != nil {
		t.Errorf("%v are trusted, %v", list, err)
	}
	s.newVisitor(t).logIn("matt").want("matt@lp.com")

	b.enroll()
	es.list = nil
	check(t, s.ResetFactors(t.Context(), u.ID))
	es.want(t, "reset", accounts.FactorRemoved{Subject: accounts.Subject{UserID: u.ID}, Reset: true})
	check(t, s.ResetFactors(t.Context(), u.ID))
	es.want(t, "reset again")
	wantErr(t, "nobody's", s.ResetFactors(t.Context(), "nobody"), accounts.ErrNoUser)
	s.newVisitor(t).logIn("matt").want("matt@lp.com")
}

// A stranger who set up a second factor in an account keeps nobody out who proves its
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

// Who has to have a second factor and has none gets a session to set one up, which
// becomes a whole one.
func TestAccounts8_RequiredFactor(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*accounts.Config){
		"for everybody": func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired },
		"by a role":     func(c *accounts.Config) { c.TwoFactorRoles = []string{"staff", "admin"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var es events
			s := factorSite(t, configure, es.collect)
			u, _ := s.Find(t.Context(), "matt")
			check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
			check(t, s.Grant(t.Context(), u.ID, "admin"))
			if joe := s.newVisitor(t).logIn("joe@lp.com").state(); (joe == "joe@lp.com") != (name == "by a role") {
				t.Errorf("joe is %s", joe)
			}
			es.list = nil
			b := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
			es.want(t, "log-in", accounts.FactorDue{Subject: accounts.Subject{UserID: u.ID}, Via: identity.ViaPassword, Address: "192.0.2.1", SetUp: true})
			wantErr(t, "no factor to show", b.finish(accounts.FactorTOTP, "000000"), accounts.ErrNotSignedIn)
			if page, err := s.RequireFactor(t.Context(), u.ID); page != "" || err != nil {
				t.Errorf("%q, %v", page, err)
			}
			before := b.cookies["session"].Value
			phone := b.enroll()
			if b.want("matt@lp.com"); b.cookies["session"].Value == before {
				t.Error("the token is the same")
			}
			b = s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor)
			check(t, b.finish(accounts.FactorTOTP, phone.code()))
			wantErr(t, "removal", b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }), accounts.ErrFactorRequired)
			b.enroll() // another phone
			check(t, s.ResetFactors(t.Context(), u.ID))
			s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
		})
	}
}

// A limited session for setting up removes nothing.
func TestAccounts8_SetupSessionRemovesNothing(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	b := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	late := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	b.enroll()
	wantErr(t, "removal", late.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }), accounts.ErrNotSignedIn)
}

// A session that began before the user had a factor is limited to setting one up. It does
// not put another factor in the place of the one that was set up since.
func TestAccounts8_SetupSessionReplacesNothing(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired })
	owner := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	thief := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	theirs := authenticator{site: s, key: keyOf(t, thief.setUp())}
	phone := authenticator{site: s, key: keyOf(t, owner.setUp())}
	_, err := thief.confirm(theirs.code())
	wantErr(t, "a secret that another session replaced", err, accounts.ErrNoFactor)
	_, err = owner.confirm(phone.code())
	check(t, err)
	begin := func(_ http.ResponseWriter, r *http.Request) error { _, err := s.SetUpTOTP(r); return err }
	wantErr(t, "setting up", thief.do(begin), accounts.ErrNotSignedIn)
	if _, err = thief.confirm(theirs.code()); !errors.Is(err, accounts.ErrNoFactor) && !errors.Is(err, accounts.ErrNotSignedIn) {
		t.Errorf("confirming: %v", err)
	}
	thief.want(accounts.LimitedToSetup)
	s.clock.Advance(time.Minute)
	check(t, s.newVisitor(t).logIn("matt").want(accounts.LimitedToFactor).finish(accounts.FactorTOTP, phone.code()))

	// What was being set up before does not count afterwards either.
	u, _ := s.Find(t.Context(), "matt")
	check(t, s.ResetFactors(t.Context(), u.ID))
	late := s.newVisitor(t).logIn("matt").want(accounts.LimitedToSetup)
	pending := authenticator{site: s, key: keyOf(t, late.setUp())}
	list, err := s.store.Factors(t.Context(), "", u.ID)
	check(t, err)
	f := list[0]
	f.ID, f.ConfirmedAt = "1", s.clock.Now()
	check(t, s.store.PutFactor(t.Context(), f))
	_, err = late.confirm(pending.code())
	wantErr(t, "confirming beside a factor", err, accounts.ErrNotSignedIn)
}

// Off is off: nobody is asked, whatever they set up before.
func TestAccounts8_Off(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	b := s.newVisitor(t).logIn("matt")
	phone := b.enroll()
	u, _ := s.Find(t.Context(), "matt")
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	for name, c := range map[string]accounts.Config{"said": {Keys: keys, TwoFactor: accounts.TwoFactorOff}, "without keys": {}} {
		c.Store, c.AppURL, c.Now = s.store, s.url, s.clock.Now
		off, err := accounts.New(c)
		check(t, err)
		if has, err := off.HasFactor(t.Context(), u.ID); has || err != nil {
			t.Errorf("%s: %v, %v", name, has, err)
		}
		v := &visitor{&site{Accounts: off, store: s.store, clock: s.clock}, t, map[string]*http.Cookie{}}
		check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
			return off.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
		}))
		v.want("matt@lp.com")
		wantErr(t, name, v.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := off.SetUpTOTP(r); return err }), accounts.ErrNotSignedIn)
		wantErr(t, name, v.do(func(_ http.ResponseWriter, r *http.Request) error {
			_, err := off.ProveFactor(r, u.ID, accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())})
			return err
		}), accounts.ErrFactor)
	}
}

func TestAccounts8_Configuration(t *testing.T) {
	t.Parallel()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	base := accounts.Config{Store: factorSite(t).store, AppURL: "https://app.example.com"}
	for name, tt := range map[string]struct {
		edit func(*accounts.Config)
		want string
	}{
		"required without keys": {func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorRequired }, "needs Config.Keys"},
		"optional without keys": {func(c *accounts.Config) { c.TwoFactor = accounts.TwoFactorOptional }, "needs Config.Keys"},
		"roles without keys":    {func(c *accounts.Config) { c.TwoFactorRoles = []string{"admin"} }, "Config.TwoFactorRoles"},
		"roles, and off": {func(c *accounts.Config) {
			c.Keys, c.TwoFactor, c.TwoFactorRoles = keys, accounts.TwoFactorOff, []string{"admin"}
		}, "Config.TwoFactorRoles"},
		"a word": {func(c *accounts.Config) { c.Keys, c.TwoFactor = keys, "on" }, `"on"`},
	} {
		c := base
		tt.edit(&c)
		if _, err := accounts.New(c); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := base
	c.Keys = keys
	got, err := accounts.Completed(c)
	check(t, err)
	if got.TwoFactor != accounts.TwoFactorOptional || got.TrustFor != 30*24*time.Hour || got.Issuer != "app.example.com" ||
		got.FactorPage != "/two-factor" || got.FactorSetupPage != "/security/totp" || got.Throttle.AccountCodes != (accounts.Limit{Count: 10, Per: 15 * time.Minute}) {
		t.Errorf("%+v", got)
	}
}

// The secret is sealed in the store, and bound to its user and tenant.
func TestAccounts8_SecretIsSealed(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	s.newVisitor(t).logIn("joe@lp.com").enroll()
	matt, _ := s.Find(t.Context(), "matt")
	joe, _ := s.Find(t.Context(), "joe@lp.com")
	list, err := s.store.Factors(t.Context(), "", matt.ID)
	check(t, err)
	var stolen accounts.StoredFactor
	for _, f := range list {
		if f.Kind == accounts.FactorTOTP {
			stolen = f
		}
		for _, code := range phone.recovery {
			if strings.Contains(f.ID+string(f.Secret), code) || strings.Contains(f.ID, strings.ReplaceAll(code, "-", "")) {
				t.Error("a recovery code is stored")
			}
		}
	}
	if strings.Contains(string(stolen.Secret), string(phone.key)) {
		t.Error("the secret is stored")
	}
	stolen.UserID = joe.ID
	check(t, s.store.PutFactor(t.Context(), stolen))
	if err := s.newVisitor(t).logIn("joe@lp.com").finish(accounts.FactorTOTP, phone.code()); err == nil || errors.Is(err, accounts.ErrFactor) {
		t.Errorf("another user's secret opens: %v", err)
	}
}

// A factorPost is a postbox that keeps what it gets.
type factorPost struct {
	mu   sync.Mutex
	list []mail.Letter
}

func (l *factorPost) Put(_ context.Context, letter mail.Letter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, letter)
	return nil
}

// The user is told by mail of what becomes of their second factors.
func TestAccounts8_FactorsAreToldByMail(t *testing.T) {
	t.Parallel()
	var box factorPost
	s := factorSite(t, func(c *accounts.Config) { c.Mail = &box })
	u, _ := s.Find(t.Context(), "matt")
	b := s.newVisitor(t).logIn("matt")
	want := func(kinds ...string) {
		t.Helper()
		var got []string
		for _, l := range box.list {
			got = append(got, l.Kind)
			if l.To != "matt@lp.com" || l.Args[mail.ArgFactor] == "" || l.Link != s.url+"/security" {
				t.Errorf("%+v", l)
			}
		}
		if !reflect.DeepEqual(got, kinds) {
			t.Errorf("%q, want %q", got, kinds)
		}
		box.list = nil
	}
	box.list = nil
	b.setUp()
	want()
	b.enroll()
	want(mail.KindFactorAdded)
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { _, err := s.NewRecoveryCodes(r); return err }))
	want(mail.KindRecoveryCodes)
	check(t, b.do(func(_ http.ResponseWriter, r *http.Request) error { return s.RemoveTOTP(r) }))
	want(mail.KindFactorRemoved)
	b.enroll()
	box.list = nil
	check(t, s.ResetFactors(t.Context(), u.ID))
	want(mail.KindFactorRemoved)
	check(t, s.ResetFactors(t.Context(), u.ID))
	want()
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

// Secrets move to the first key, and nothing else of the factor changes but that one more
// code counts as used.
func TestAccounts8_SecretsAreResealed(t *testing.T) {
	t.Parallel()
	old, added := keyring.NewKey().Reveal(), keyring.NewKey().Reveal()
	ring := func(keys ...string) *keyring.Ring {
		r, err := keyring.Parse(keys...)
		check(t, err)
		return r
	}
	s := factorSite(t, func(c *accounts.Config) { c.Keys = ring(old) })
	phone := s.newVisitor(t).logIn("matt").enroll()
	u, _ := s.Find(t.Context(), "matt")
	open := func(keys *keyring.Ring) *accounts.Accounts {
		a, err := accounts.New(accounts.Config{Store: s.store, AppURL: s.url, Keys: keys, Now: s.clock.Now})
		check(t, err)
		return a
	}
	both := open(ring(added, old))
	for i, want := range []int{1, 0} {
		if n, err := both.ResealFactors(t.Context(), &u); n != want || err != nil {
			t.Errorf("run %d: %d, %v", i, n, err)
		}
	}
	v := &visitor{&site{Accounts: open(ring(added)), store: s.store, clock: s.clock}, t, map[string]*http.Cookie{}}
	check(t, v.do(func(w http.ResponseWriter, r *http.Request) error {
		return v.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}))
	check(t, v.finish(accounts.FactorTOTP, phone.code()))
	v.want("matt@lp.com")
	if _, err := open(ring(old)).ResealFactors(t.Context(), &u); err == nil || strings.Contains(err.Error(), string(phone.key)) {
		t.Errorf("without the key: %v", err)
	}
	if _, err := open(nil).ResealFactors(t.Context(), &u); err == nil {
		t.Error("without keys")
	}
	if _, err := both.ResealFactors(t.Context(), &accounts.User{ID: "nobody"}); err != nil {
		t.Error(err)
	}
}
