package accounts_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/secret"
)

// A log-in that waits for a second factor is led to its page, others to the log-in page.
func TestRequireLoginLeadsToTheFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	// Other accounts of the same application, as of its staff, know nothing of the session.
	staff := newSite(t, "http", func(c *accounts.Config) { c.Store, c.LoginPage = s.store, "/staff/login" })
	for to, page := range map[string]string{
		accounts.LimitedToFactor: "/two-factor", accounts.LimitedToSetup: "/security/totp",
		accounts.LimitedToDeletion: "/account/delete", accounts.LimitedToTrust: "/login",
	} {
		_, cookie := s.limitedSession(t, u.ID, to)
		if r := s.with(t, "session", cookie).do("GET", "/private", nil); r.header.Get("Location") != page+"?next=%2Fprivate" {
			t.Errorf("%s: to %s, want %s", to, r.header.Get("Location"), page)
		}
		_, header, _ := s.visit(func(w http.ResponseWriter, r *http.Request) error {
			staff.RequireLogin(http.NotFoundHandler()).ServeHTTP(w, r)
			return nil
		}, &http.Cookie{Name: "session", Value: cookie})
		if to := header.Get("Location"); to != "/staff/login" {
			t.Errorf("of other accounts: to %s", to)
		}
	}
	w := httptest.NewRecorder()
	s.RequireLogin(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/private", nil))
	if to := w.Header().Get("Location"); to != "/login?next=%2Fprivate" {
		t.Errorf("without Middleware: %d to %s", w.Code, to)
	}
}

// A log-in to other accounts of the same store ends no session of these.
func TestLogInElsewhereEndsNoSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	u := s.user(t, "matt@lp.com", "")
	staff := newSite(t, "http", func(c *accounts.Config) { c.Store, c.CookieName = s.store, "staff" })
	b := s.browser(t)
	b.logIn("matt@lp.com", password)
	_, _, err := s.visit(func(w http.ResponseWriter, r *http.Request) error {
		return staff.SignIn(w, r, identity.SignIn{UserID: u.ID, Via: "google"})
	}, &http.Cookie{Name: "session", Value: b.cookie()})
	check(t, err)
	if b.whoami().Email == "" {
		t.Error("the session has ended")
	}
}

// Once a second factor is asked for, the request has no signed-in user, and knows what it
// waits for.
func TestAccounts8_TheRequestKnowsThatAFactorIsDue(t *testing.T) {
	t.Parallel()
	s := factorSite(t, func(c *accounts.Config) { c.TwoFactorRoles = []string{"admin"} })
	blue := tenant.With(t.Context(), "blue")
	ann, err := s.Create(blue, accounts.NewUser{Email: "ann@lp.com", Password: password})
	check(t, err)
	bob, err := s.Create(blue, accounts.NewUser{Email: "bob@lp.com"})
	check(t, err)
	check(t, s.CreateRole(blue, accounts.Role{Name: "admin"}))
	check(t, s.Grant(blue, ann.ID, "admin"))
	_, _, err = s.visit(func(w http.ResponseWriter, r *http.Request) error {
		r = r.WithContext(tenant.With(r.Context(), "blue"))
		ctx := r.Context()
		check(t, s.SignIn(w, r, identity.SignIn{UserID: bob.ID, Via: "google"}))
		if s.CurrentUser(ctx) != bob.ID {
			t.Error("bob is not signed in")
		}
		check(t, s.LogIn(w, r, "ann@lp.com", password, false))
		limited := accounts.LimitedSession(ctx)
		if s.CurrentUser(ctx) != "" || limited == nil || limited.UserID != ann.ID || limited.LimitedTo != accounts.LimitedToSetup ||
			!limited.ExpiresAt.Equal(s.clock.Now().Add(time.Hour)) {
			t.Errorf("signed in is %q, limited is %+v", s.CurrentUser(ctx), limited)
		}
		return nil
	})
	check(t, err)
	// Without Middleware nothing is kept, and the cookie is set all the same.
	w := httptest.NewRecorder()
	check(t, s.LogIn(w, httptest.NewRequest("POST", "/", nil).WithContext(blue), "ann@lp.com", password, false))
	if len(w.Result().Cookies()) != 1 {
		t.Errorf("cookies %v", w.Result().Cookies())
	}
}

// A session that waits for a second factor waits in its own accounts, behind their
// Middleware.
func TestAccounts8_FinishFactorElsewhere(t *testing.T) {
	t.Parallel()
	s := factorSite(t)
	phone := s.newVisitor(t).logIn("matt").enroll()
	keys, err := keyring.Parse(keyring.NewKey().Reveal())
	check(t, err)
	staff := newSite(t, "http", func(c *accounts.Config) { c.Store, c.Keys = s.store, keys })
	b := s.newVisitor(t).logIn("matt")
	answer := accounts.FactorAnswer{Kind: accounts.FactorTOTP, Shown: secret.Text(phone.code())}
	check(t, b.do(func(w http.ResponseWriter, r *http.Request) error {
		wantErr(t, "other accounts", staff.FinishFactor(w, r, answer), accounts.ErrNotSignedIn)
		return nil
	}))
	r := httptest.NewRequest("POST", "/", nil)
	r.AddCookie(b.cookies["session"])
	wantErr(t, "without Middleware", s.FinishFactor(httptest.NewRecorder(), r, answer), accounts.ErrNotSignedIn)
	check(t, b.finish(answer.Kind, answer.Shown.Reveal()))
}
