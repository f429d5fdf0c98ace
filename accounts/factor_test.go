package accounts_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

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
	s.clock.Advance(time.Minute)
	code := phone.code()
	check(t, b.finish(accounts.FactorTOTP, code[:3]+" "+code[3:]))
	b.want("matt@lp.com")
	if b.cookies["session"].Value == limited.Value || b.cookies["session"].MaxAge == 0 {
		t.Errorf("the cookie is %v", b.cookies["session"])
	}
	(&visitor{s, t, map[string]*http.Cookie{"session": limited}}).want("")
	ss, err := s.Sessions(t.Context(), before.ID)
	check(t, err)
	if got := ss[0]; got.Via != identity.ViaPassword || !got.ProvedAt.Equal(s.clock.Now()) || !got.Remember || got.LimitedTo != "" || got.ExpiresAt.Before(s.clock.Now().Add(29*24*time.Hour)) {
		t.Errorf("the session is %+v", got)
	}
	if u, _ := s.Find(t.Context(), "matt"); u.Login.Count != before.Login.Count+1 {
		t.Errorf("%d log-ins, want one more than %d", u.Login.Count, before.Login.Count)
	}
	// A code counts once, also in another browser.
	b = s.newVisitor(t).logIn("matt")
	wantErr(t, "the code again", b.finish(accounts.FactorTOTP, code), accounts.ErrFactor)
	// One that is not to be remembered is not, when the second half is done.
	s.clock.Advance(time.Minute)
	check(t, b.finish(accounts.FactorTOTP, phone.code()))
	if ss, err := s.Sessions(t.Context(), before.ID); err != nil || ss[0].Remember || b.cookies["session"].MaxAge != 0 {
		t.Errorf("the session is %+v, %v, the cookie %v", ss[0], err, b.cookies["session"])
	}
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
