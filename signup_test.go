package social_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/oauth"
)

func TestSignUpByForm(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.SignUp = social.Form
		c.Providers[0].(*stub).about.TrustEmail = true
	})
	s.acme.set(email("new@lp.com", true))
	taken := s.user("taken@lp.com")

	b := s.browser()
	a := b.flow("/login/acme", "1", "next", "/there")
	b.ends(t, a, ending{303, "/register/acme?login_failed=1", "error: Acme account not associated with an existing user", "login_failed"})
	if a := b.get("/register/acme"); a.status != 200 || !strings.Contains(a.body, "Display 1") || !strings.Contains(a.body, "new@lp.com") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.browser().get("/register/acme"); a.status != 404 {
		t.Errorf("another browser: %d %s", a.status, a.body)
	}
	if a := b.get("/register/bird"); a.status != 404 {
		t.Errorf("another provider: %d", a.status)
	}
	if a := b.post("/register/acme", url.Values{"email": {"taken@lp.com"}}); a.status != 409 || len(s.rows(taken)) != 0 {
		t.Errorf("taken: %d %s", a.status, a.body)
	}
	a = b.post("/register/acme", url.Values{"email": {"New@lp.com"}})
	if a.status != 201 || !strings.Contains(a.body, `"/there"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if told := s.told(); told != "account_created connection_created login_completed" {
		t.Error(told)
	}
	if f := b.flash(); f != "success: Account created successfully" {
		t.Error(f)
	}
	u, err := s.acc.User(context.Background(), b.whoami())
	must(t, err)
	if u.Email != "New@lp.com" || u.PasswordHash != "" || u.EmailVerifiedAt.IsZero() || len(s.rows(u.ID)) != 1 {
		t.Errorf("%+v", u)
	}
	if a := b.post("/register/acme", url.Values{"email": {"again@lp.com"}}); a.status != 409 {
		t.Errorf("twice: %d %s", a.status, a.body)
	}

	// Once, also when the account that it made is gone and the cookie is not.
	b = s.browser()
	s.acme.set(email("once@lp.com", true))
	b.flow("/login/acme", "7")
	kept := b.cookies()
	b.post("/register/acme", url.Values{"email": {"once@lp.com"}, "password": {"correct horse"}})
	b.do("DELETE", "/connect/acme/7", nil)
	if a := s.browser().post("/register/acme", url.Values{"email": {"twice@lp.com"}}, "Cookie", kept); a.status != 409 {
		t.Errorf("again with what was kept: %d %s", a.status, a.body)
	}

	// Another address than the provider's is not verified, however it looks: the
	// second begins with the sign for kelvins.
	for subject, addresses := range map[string][2]string{"2": {"second@lp.com", "mine@lp.com"}, "4": {"\u212a@lp.com", "k@lp.com"}} {
		b = s.browser()
		s.acme.set(email(addresses[0], true))
		b.flow("/login/acme", subject)
		b.post("/register/acme", url.Values{"email": {addresses[1]}, "password": {"correct horse"}})
		u, err = s.acc.User(context.Background(), b.whoami())
		must(t, err)
		if u.Email != addresses[1] || !u.EmailVerifiedAt.IsZero() || u.PasswordHash == "" {
			t.Errorf("%+v", u)
		}
	}

	b = s.browser()
	b.flow("/login/acme", "3")
	s.pass(30 * time.Minute)
	if a := b.post("/register/acme", url.Values{"email": {"late@lp.com"}}); a.status != 409 || b.whoami() != "" {
		t.Errorf("late: %d %s", a.status, a.body)
	}
}

func TestSignUpAtOnce(t *testing.T) {
	t.Parallel()
	s := open(t, auto)
	s.acme.set(email("new@lp.com", true))
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"),
		ending{303, "/profile", "success: Account created successfully", "account_created connection_created login_completed"})
	u, err := s.acc.User(context.Background(), b.whoami())
	must(t, err)
	if u.Email != "new@lp.com" || u.EmailVerifiedAt.IsZero() || u.PasswordHash != "" {
		t.Errorf("%+v", u)
	}
	// No address: the form asks for one.
	b = s.browser()
	b.ends(t, b.flow("/login/bird", "1"),
		ending{303, "/register/bird?login_failed=1", "error: Bird account not associated with an existing user", "login_failed"})
	if a := b.post("/register/bird", url.Values{"email": {"bird@lp.com"}}); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
	// An address that nobody can have.
	s.acme.set(email("no address", true))
	b = s.browser()
	if a := b.flow("/login/acme", "3"); a.location != "/register/acme?login_failed=1" {
		t.Errorf("%d %q", a.status, a.location)
	}
}

// lookUps counts who asks whether an address has an account.
type lookUps struct {
	*accounts.Accounts
	finds, registers *atomic.Int64
}

func (u lookUps) FindEmail(ctx context.Context, email string) (string, bool, error) {
	u.finds.Add(1)
	return u.Accounts.FindEmail(ctx, email)
}

func (u lookUps) Register(ctx context.Context, r identity.Registration) (string, error) {
	u.registers.Add(1)
	return u.Accounts.Register(ctx, r)
}

// An address that a provider only claims tells nobody whether it has an account: it is
// not looked up. Under Auto it is filled in, and what the person sends is a
// registration, which is throttled.
func TestSecurity38_UnverifiedClaimsAreNotLookedUp(t *testing.T) {
	t.Parallel()
	for _, policy := range []social.SignUp{social.Refuse, social.Form, social.Auto} {
		for name, tc := range map[string]struct{ trusted, verified, linking bool }{
			"an untrusted provider says that it is verified": {verified: true},
			"a trusted provider does not":                    {trusted: true},
			"neither":                                        {},
			"linking is on":                                  {trusted: true, linking: true},
		} {
			t.Run(string(policy)+"/"+name, func(t *testing.T) {
				t.Parallel()
				var finds, registers atomic.Int64
				s := open(t, func(c *social.Config) {
					c.Users = lookUps{c.Users.(*accounts.Accounts), &finds, &registers}
					c.SignUp, c.LinkVerifiedEmail = policy, tc.linking
					c.Providers[0].(*stub).about.TrustEmail = tc.trusted
				})
				s.user("matt@lp.com")
				var answers []string
				for _, address := range []string{"matt@lp.com", "nobody@lp.com"} {
					s.acme.set(email(address, tc.verified))
					b := s.browser()
					a := b.flow("/login/acme", "1")
					p := s.browser().program().flow("/login/acme", "1")
					answers = append(answers, fmt.Sprint(a.status, a.location, b.flash(), p.status, p.body, s.told()))
					if policy == social.Refuse {
						continue
					}
					if page := b.get("/register/acme"); page.status != 200 || !strings.Contains(page.body, address) {
						t.Errorf("%s is not filled in: %d %s", address, page.status, page.body)
					}
				}
				if answers[0] != answers[1] {
					t.Errorf("an account shows:\n%s\n%s", answers[0], answers[1])
				}
				if finds.Load() != 0 || registers.Load() != 0 {
					t.Errorf("%d look-ups, %d registrations", finds.Load(), registers.Load())
				}
			})
		}
	}
}

// What is sent at the form counts as a registration.
func TestSecurity38_SignUpFormIsThrottled(t *testing.T) {
	t.Parallel()
	s := open(t, auto)
	s.user("matt@lp.com")
	s.acme.set(email("matt@lp.com", false))
	b := s.browser()
	b.flow("/login/acme", "1")
	refused := 0
	for range 25 {
		if a := b.post("/register/acme", url.Values{"email": {"matt@lp.com"}}); a.status == 409 && strings.Contains(a.body, "too many") {
			refused++
		} else if a.status != 409 || !strings.Contains(a.body, "associated with an account") {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	if refused != 5 { // of the default, 20 an hour and network
		t.Errorf("%d of 25 were refused", refused)
	}
}

// failingUsers writes a cookie and fails when somebody signs in.
type failingUsers struct {
	social.Users
	err error // nil: it panics
}

func (u failingUsers) SignIn(w http.ResponseWriter, r *http.Request, in identity.SignIn) error {
	if u.err != nil {
		http.SetCookie(w, &http.Cookie{Name: "half", Value: "1"})
		return u.err
	}
	panic("CANARY-panic")
}

func TestSignInFails(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.Users = failingUsers{Users: c.Users, err: errors.New("CANARY-cause")} })
	s.connected("1", s.acme, "1")
	a := s.browser().flow("/login/acme", "1")
	if a.status != 500 || strings.Contains(a.body, "CANARY") || strings.Contains(strings.Join(a.header["Set-Cookie"], " "), "half") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}

	s = open(t, func(c *social.Config) { c.Users = failingUsers{Users: c.Users} })
	s.connected("1", s.acme, "1")
	if a := s.browser().program().flow("/login/acme", "1"); a.status != 500 || a.problem() != "internal" || !strings.Contains(s.log.String(), "CANARY-panic") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A refusal travels as its code, so that a page can say it in another language.
func TestRefusalsHaveCodes(t *testing.T) {
	t.Parallel()
	var inactive social.Refusal
	if !errors.As(accounts.ErrInactive, &inactive) {
		t.Fatal("ErrInactive refuses nobody")
	}
	m := social.RefusalMessage(inactive)
	if m.Code != accounts.CodeUserInactive || m.Text() != "Account is disabled." {
		t.Errorf("%+v: %s", m, m.Text())
	}
	if m := social.RefusalMessage(locked{}); m.Code != social.CodeRefused || m.Text() != "This account is locked" {
		t.Errorf("%+v: %s", m, m.Text())
	}
}

// locked refuses a user of the application's own.
type locked struct{}

func (locked) Error() string   { return "locked" }
func (locked) Refusal() string { return "This account is locked" }

func TestInactiveUsers(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	must(t, s.acc.SetActive(context.Background(), matt, false))
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "error: Account is disabled.", ""})
	if a := s.browser().program().flow("/login/acme", "1"); a.status != 403 || a.problem() != "inactive" || b.whoami() != "" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A recordingUsers keeps what it was asked to register.
type recordingUsers struct {
	*accounts.Accounts
	registered *identity.Registration
}

func (u recordingUsers) Register(ctx context.Context, r identity.Registration) (string, error) {
	*u.registered = r
	return u.Accounts.Register(ctx, r)
}

func TestRegistrationHasTheProfile(t *testing.T) {
	t.Parallel()
	var got identity.Registration
	s := open(t, func(c *social.Config) {
		auto(c)
		c.Users = recordingUsers{c.Users.(*accounts.Accounts), &got}
	})
	s.acme.set(func(p *stub) {
		p.profile = func(profile *oauth.Profile) {
			*profile = oauth.Profile{Subject: profile.Subject, Email: "new@lp.com", EmailVerified: true, DisplayName: "new",
				FullName: "New Ann", ProfileURL: "https://acme.example/new", ImageURL: "https://acme.example/new.png"}
		}
	})
	s.browser().flow("/login/acme", "1")
	want := identity.Registration{Email: "new@lp.com", EmailVerified: true, ProviderID: "acme", DisplayName: "new",
		FullName: "New Ann", ProfileURL: "https://acme.example/new", ImageURL: "https://acme.example/new.png"}
	if got.EmailVerified = true; got != want {
		t.Errorf("%+v", got)
	}
}
