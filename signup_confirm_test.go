package social_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/keyring"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// confirmingUsers have new users confirm their address, and keep what was registered.
type confirmingUsers struct {
	*accounts.Accounts
	within     time.Duration
	registered identity.Registration
	next       string
	err        error
}

func (u *confirmingUsers) ConfirmEmailWithin() time.Duration { return u.within }

func (u *confirmingUsers) RegisterToConfirm(w http.ResponseWriter, _ *http.Request, reg identity.Registration, next string) error {
	u.registered, u.next = reg, next
	w.Header().Add("Set-Cookie", "registered=1; Path=/")
	return u.err
}

// inConfig makes them the users of a site where people sign up by a form.
func (u *confirmingUsers) inConfig(c *social.Config) {
	u.Accounts = c.Users.(*accounts.Accounts)
	c.SignUp, c.Users = social.Form, u
	c.Providers[0].(*stub).about.TrustEmail = true
}

// A sign-up whose address is to be confirmed makes no session and no connection; the grant
// waits for as long as the link is good.
func TestSignUpToConfirm(t *testing.T) {
	t.Parallel()
	users := &confirmingUsers{within: 2 * time.Hour}
	s := alone(t, users.inConfig)
	b := s.browser()
	b.flow("/login/acme", "1", "next", "/there")
	if a := b.program().get("/connections/pending"); !strings.Contains(a.body, `"confirms":""`) {
		t.Errorf("before the form: %s", a.body)
	}
	b.json = false
	a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}, "username": {"new"}, "password": {"correct horse"}})
	if a.status != 303 || !strings.HasPrefix(a.location, "/login?signup=") || !strings.HasSuffix(a.location, "&next=%2Fthere") || !strings.Contains(b.cookies(), "registered=1") {
		t.Errorf("%d to %s, cookies %s", a.status, a.location, b.cookies())
	}
	r := users.registered
	if r.Email != "new@lp.com" || r.Username != "new" || r.Password != "correct horse" || r.EmailVerified || r.ProviderID != "acme" || users.next != "/there" {
		t.Errorf("%+v, next %q", r, users.next)
	}
	if told := s.told(); b.whoami() != "" || told != "login_failed" {
		t.Errorf("signed in as %q, told %s", b.whoami(), told)
	}
	b.json = true
	id := strings.TrimSuffix(strings.TrimPrefix(a.location, "/login?signup="), "&next=%2Fthere")
	if a := b.get("/connections/pending"); a.status != 200 || !strings.Contains(a.body, `"id":"`+id+`","asks":false`) || !strings.Contains(a.body, `"confirms":"new@lp.com"`) {
		t.Errorf("what waits: %d %s", a.status, a.body)
	}
	// The form again, for another address. What waited before does no longer.
	if a := b.post("/register/acme", url.Values{"email": {"newer@lp.com"}}); a.status != 202 || strings.TrimSpace(a.body) != "{}" || users.registered.Email != "newer@lp.com" {
		t.Errorf("again: %d %s", a.status, a.body)
	}
	if a := b.get("/connections/pending"); a.status != 200 || strings.Contains(a.body, id) {
		t.Errorf("what waits then: %d %s", a.status, a.body)
	}
	kept := httptest.NewRequest("GET", "/", nil)
	kept.Header.Set("Cookie", b.cookies())
	if p, err := s.PendingConnection(kept); err != nil || p.Confirms != "newer@lp.com" {
		t.Errorf("to be confirmed: %+v, %v", p, err)
	}
	s.pass(119 * time.Minute)
	if a := b.get("/connections/pending"); a.status != 200 {
		t.Errorf("two hours are not over: %d %s", a.status, a.body)
	}
	s.pass(time.Minute)
	if a := b.get("/connections/pending"); a.status == 200 {
		t.Errorf("two hours are over: %s", a.body)
	}
}

// Where nothing is to be confirmed, or the provider has proved the address, the account is
// made at once.
func TestSignUpThatNeedsNoConfirmation(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		within   time.Duration
		verified bool
		want     string // "session" or "mail"
	}{
		"off":             {0, false, "session"},
		"proved":          {time.Hour, true, "session"},
		"a claim":         {time.Hour, false, "mail"},
		"off, and proved": {0, true, "session"},
	} {
		users := &confirmingUsers{within: tc.within}
		s := alone(t, users.inConfig)
		s.acme.set(email("new@lp.com", tc.verified))
		b := s.browser()
		b.flow("/login/acme", "1")
		a := b.post("/register/acme", url.Values{"email": {"new@lp.com"}})
		got := "session"
		if b.whoami() == "" {
			got = "mail"
		}
		if a.status != 303 || got != tc.want || (users.registered.Email != "") != (tc.want == "mail") {
			t.Errorf("%s: a %s, %d %s", name, got, a.status, a.location)
		}
	}
}

// What Users refuse is said at the form, and what fails leaves no cookie of theirs.
func TestSignUpToConfirmFails(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    error
		fails  string // a call of the store
		status int
	}{
		"busy":               {accounts.ErrBusy, "", 503},
		"throttled":          {tooMany{}, "", 429},
		"another failure":    {errBroken, "", 500},
		"the identity":       {nil, "ByIdentity", 500},
		"what is to wait":    {nil, "PutOneTime", 500},
		"what waited before": {nil, "TakeOneTime", 500},
	} {
		users := &confirmingUsers{within: time.Hour, err: tc.err}
		s, store := openBroken(t, users.inConfig)
		b := s.browser()
		b.flow("/login/acme", "1")
		store.fail(tc.fails)
		w := b.ask(nil, "POST", "/register/acme", url.Values{"email": {"new@lp.com"}})
		if w.Code != tc.status || tc.err != nil && w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, cookies %q", name, w.Code, w.Header()["Set-Cookie"])
		}
	}
}

// A person is sent to their mail, and a program is answered.
func TestSignUpToConfirmSaysSo(t *testing.T) {
	t.Parallel()
	users := &confirmingUsers{within: 2 * time.Hour}
	s := open(t, users.inConfig)
	for _, asJSON := range []bool{false, true} {
		b := s.browser()
		a := b.flow("/login/acme", "1")
		if got := b.lifeOfSignUp(a); got != 30*60 {
			t.Errorf("what waits for the form lasts %d seconds", got)
		}
		b.flash() // of the log-in
		b.json = asJSON
		a = b.post("/register/acme", url.Values{"email": {"new@lp.com"}})
		if got := b.lifeOfSignUp(a); got != 2*60*60 {
			t.Errorf("what waits for the address lasts %d seconds", got)
		}
		want := "success: Thank you. Confirmation instructions have been sent to new@lp.com."
		if asJSON {
			want = ""
		}
		if said := b.flash(); said != want {
			t.Errorf("said %q", said)
		}
	}
}

// lifeOfSignUp returns the seconds that an answer's cookie of the sign-up lasts.
func (b *browser) lifeOfSignUp(a reply) int {
	b.t.Helper()
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if strings.HasSuffix(c.Name, "social_signup") {
			return c.MaxAge
		}
	}
	b.t.Errorf("no cookie of a sign-up in %q", a.header["Set-Cookie"])
	return 0
}

// What cannot be connected sends no mail, and what fails keeps the cookies from before.
func TestSignUpToConfirmThatCannotBe(t *testing.T) {
	t.Parallel()
	users := &confirmingUsers{within: time.Hour, err: accounts.ErrBusy}
	d := &directory{}
	s, store := openBroken(t, users.inConfig, func(c *social.Config) {
		d.list = map[string][]oauth.Provider{"": c.Providers}
		c.Providers, c.Source = nil, d
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	completes := func(want error, mails bool) {
		t.Helper()
		w, r := b.direct(t.Context(), "POST", "/register/acme")
		w.Header().Add("Set-Cookie", "earlier=1")
		users.registered = identity.Registration{}
		done, err := s.CompleteSignUp(w, r, "acme", social.SignUpForm{Email: "new@lp.com"})
		if !errors.Is(err, want) || done != (social.SignedIn{}) || (users.registered.Email != "") != mails || !slices.Equal(w.Header()["Set-Cookie"], []string{"earlier=1"}) {
			t.Errorf("%v, not %v: %+v, registered %+v, cookies %q", err, want, done, users.registered, w.Header()["Set-Cookie"])
		}
	}
	completes(accounts.ErrBusy, true)
	store.fail("ByIdentity")
	completes(errBroken, false)
	store.fail()
	s.connected(s.user("matt@lp.com"), s.acme, "1")
	completes(vault.ErrTaken, false)
	d.list = nil
	completes(vault.ErrUnknownProvider, false)
}

// A cookie that cannot be sealed is a failure, and not a sign-up that nothing continues.
func TestSignUpToConfirmWithoutItsCookie(t *testing.T) {
	t.Parallel()
	users, key := &confirmingUsers{within: time.Hour}, &failingKey{}
	s := open(t, users.inConfig, func(c *social.Config) {
		var err error
		c.Keys, err = keyring.New(keyring.Key{Name: "failing", AEAD: key})
		must(t, err)
	})
	b := s.browser()
	b.flow("/login/acme", "1")
	key.refuses = "social_signup"
	w, r := b.direct(t.Context(), "POST", "/register/acme")
	if done, err := s.CompleteSignUp(w, r, "acme", social.SignUpForm{Email: "new@lp.com"}); !errors.Is(err, errBroken) || done != (social.SignedIn{}) || users.registered.Email == "" {
		t.Errorf("%+v, %v", done, err)
	}
}

// A failingKey seals all but what is bound to some text. It hides nothing.
type failingKey struct{ refuses string }

func (k *failingKey) Encrypt(plain, bound []byte) ([]byte, error) {
	if k.refuses != "" && strings.Contains(string(bound), k.refuses) {
		return nil, errBroken
	}
	return slices.Clone(plain), nil
}

func (k *failingKey) Decrypt(sealed, _ []byte) ([]byte, error) { return slices.Clone(sealed), nil }
