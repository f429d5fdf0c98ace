package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/mail"
	"github.com/gosocial/social/secret"
)

// in returns the header that puts a request into a tenant.
func in(id string) []string { return []string{"Tenant", id} }

func TestTenantsHaveTheirOwnUsers(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	passwords := map[string]secret.Text{"": "the default one", "blue": "password of blue", "green": "password of green"}
	for id, p := range passwords {
		_, err := s.Create(tenant.With(t.Context(), id), accounts.NewUser{Email: "matt@lp.com", Username: "matt", Password: p})
		check(t, err)
	}
	for id, p := range passwords {
		for other := range passwords {
			want := http.StatusUnauthorized
			if id == other {
				want = http.StatusOK
			}
			if r := s.browser(t).logIn("matt", p, in(other)...); r.status != want {
				t.Errorf("the password of %q in %q: %d, want %d", id, other, r.status, want)
			}
		}
	}
}

func TestSessionIsGoodInItsTenantOnly(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	for _, id := range []string{"blue", "green"} {
		_, err := s.Create(tenant.With(t.Context(), id), accounts.NewUser{Email: "matt@lp.com", Password: password})
		check(t, err)
	}
	b := s.browser(t)
	if r := b.logIn("matt@lp.com", password, in("blue")...); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	token := b.cookie()
	serves := func(want bool, headers ...string) {
		t.Helper()
		b := s.with(t, "session", token)
		if r := b.do("GET", "/whoami", nil, headers...); strings.Contains(r.body, "matt@lp.com") != want {
			t.Errorf("in %v: %s", headers, r.body)
		}
		status := http.StatusSeeOther
		if want {
			status = http.StatusOK
		}
		if r := b.do("GET", "/private", nil, headers...); r.status != status {
			t.Errorf("in %v: %d", headers, r.status)
		}
	}
	serves(true, in("blue")...)
	serves(false, in("green")...)
	serves(false)
	// Another middleware changes the tenant after Middleware.
	serves(false, "Tenant", "blue", "Inner-Tenant", "green")
	serves(false, "Tenant", "green", "Inner-Tenant", "blue")

	// Neither a log-in nor a log-out elsewhere ends it.
	for _, path := range []string{"/login", "/logout"} {
		form := url.Values{"email": {"matt@lp.com"}, "password": {password.Reveal()}}
		if r := s.with(t, "session", token).do("POST", path, form, in("green")...); r.status != http.StatusOK {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
		serves(true, in("blue")...)
	}
	s.with(t, "session", token).do("POST", "/logout", url.Values{}, in("blue")...)
	serves(false, in("blue")...)
}

// A call for one tenant does not reach a user of another, not even by ID.
func TestUsersOfAnotherTenantAreMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	blue := tenant.With(t.Context(), "blue")
	u, err := s.Create(blue, accounts.NewUser{Email: "matt@lp.com", Username: "matt", Password: password})
	check(t, err)
	check(t, s.CreateRole(blue, accounts.Role{Name: "admin"}))
	check(t, s.Grant(blue, u.ID, "admin"))
	b := s.browser(t)
	if r := b.do("POST", "/social", url.Values{"user": {u.ID}}, in("blue")...); r.status != http.StatusOK {
		t.Fatalf("%d %s", r.status, r.body)
	}
	sessions, err := s.Sessions(blue, u.ID)
	check(t, err)
	u, err = s.User(blue, u.ID)
	check(t, err)

	green := tenant.With(t.Context(), "green")
	check(t, s.CreateRole(green, accounts.Role{Name: "admin", Description: "of green"}))
	for what, call := range map[string]struct {
		want error
		do   func(ctx context.Context) error
	}{
		"User":           {accounts.ErrNoUser, func(ctx context.Context) error { _, err := s.User(ctx, u.ID); return err }},
		"Find, e-mail":   {accounts.ErrNoUser, func(ctx context.Context) error { _, err := s.Find(ctx, u.Email); return err }},
		"Find, username": {accounts.ErrNoUser, func(ctx context.Context) error { _, err := s.Find(ctx, u.Username); return err }},
		"Users":          {nil, func(ctx context.Context) error { us, err := s.Users(ctx, "", 10); return none(us, err) }},
		"FindEmail": {nil, func(ctx context.Context) error {
			id, _, err := s.FindEmail(ctx, u.Email)
			if id != "" {
				err = errors.New("found")
			}
			return err
		}},
		"DescribeUser":             {accounts.ErrNoUser, func(ctx context.Context) error { _, err := s.DescribeUser(ctx, u.ID); return err }},
		"HasPassword":              {accounts.ErrNoUser, func(ctx context.Context) error { _, err := s.HasPassword(ctx, u.ID); return err }},
		"SetPassword":              {accounts.ErrNoUser, func(ctx context.Context) error { return s.SetPassword(ctx, u.ID, "another one") }},
		"SetActive":                {accounts.ErrNoUser, func(ctx context.Context) error { return s.SetActive(ctx, u.ID, false) }},
		"SetVerifiedKeepingAccess": {accounts.ErrNoUser, func(ctx context.Context) error { return s.SetVerifiedKeepingAccess(ctx, u.ID, true) }},
		"Delete":                   {accounts.ErrNoUser, func(ctx context.Context) error { return s.Delete(ctx, u.ID) }},
		"Grant":                    {accounts.ErrNoUser, func(ctx context.Context) error { return s.Grant(ctx, u.ID, "admin") }},
		"Revoke":                   {nil, func(ctx context.Context) error { return s.Revoke(ctx, u.ID, "admin") }},
		"Sessions":                 {nil, func(ctx context.Context) error { ss, err := s.Sessions(ctx, u.ID); return none(ss, err) }},
		"EndSession":               {accounts.ErrNoSession, func(ctx context.Context) error { return s.EndSession(ctx, u.ID, sessions[0].ID()) }},
		"EndSessions": {nil, func(ctx context.Context) error {
			_, err := s.EndSessions(ctx, identity.SessionFilter{UserID: u.ID})
			return err
		}},
	} {
		if err := call.do(green); !errors.Is(err, call.want) {
			t.Errorf("%s: %v, want %v", what, err, call.want)
		}
	}
	if r := s.browser(t).do("POST", "/social", url.Values{"user": {u.ID}}, in("green")...); r.status != http.StatusInternalServerError ||
		!strings.Contains(r.body, accounts.ErrNoUser.Error()) {
		t.Errorf("signing in elsewhere: %d %s", r.status, r.body)
	}
	if rs, err := s.Roles(green); err != nil || len(rs) != 1 || !reflect.DeepEqual(rs[0], accounts.Role{Tenant: "green", Name: "admin", Description: "of green"}) {
		t.Errorf("roles: %v, %v", rs, err)
	}

	got, err := s.User(blue, u.ID)
	check(t, err)
	if got.Version != u.Version || got.PasswordHash != u.PasswordHash || !got.Active || !got.HasRole("admin") || got.Login != u.Login {
		t.Errorf("changed: %+v", got)
	}
	if r := b.do("GET", "/whoami", nil, in("blue")...); !strings.Contains(r.body, "matt@lp.com") {
		t.Error("the session ended")
	}
}

func none[T any](list []T, err error) error {
	if err == nil && len(list) > 0 {
		return errors.New("some are listed")
	}
	return err
}

func TestTenantsAreThrottledApart(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) {
		c.Throttle.AccountLogins.Count, c.Throttle.NetworkLogins.Count, c.Throttle.NetworkRegistrations.Count = 2, 3, 1
	})
	ask := func(tenant string, want int, login string) {
		t.Helper()
		if r := s.browser(t).logIn(login, "not the one", in(tenant)...); r.status != want {
			t.Errorf("%s in %s: %d, want %d", login, tenant, r.status, want)
		}
	}
	ask("blue", 401, "matt@lp.com")
	ask("blue", 401, "matt@lp.com")
	ask("blue", 429, "matt@lp.com")
	ask("green", 401, "matt@lp.com")
	ask("blue", 401, "joe@lp.com")
	ask("blue", 429, "kim@lp.com")
	ask("green", 401, "kim@lp.com")

	register := func(tenant, email string, want int) {
		t.Helper()
		if r := s.browser(t).do("POST", "/register", url.Values{"email": {email}}, in(tenant)...); r.status != want {
			t.Errorf("%s in %s: %d %s", email, tenant, r.status, r.body)
		}
	}
	register("blue", "a@lp.com", 200)
	register("blue", "b@lp.com", 429)
	register("green", "a@lp.com", 200)
}

// While a password is checked for one tenant, a log-in under the same name in another
// does not wait.
func TestTenantsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Throttle.AccountLogins.Count, c.HashMemory = 1, 64<<20 })
	checking, goOn := make(chan struct{}), make(chan struct{})
	first := true
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			if first {
				first = false
				close(checking)
				<-goOn
			}
			return derive(password, salt, time, memory, threads, length)
		}
	})
	blue := make(chan int)
	go func() { blue <- s.browser(t).logIn("matt@lp.com", password, in("blue")...).status }()
	<-checking
	if r := s.browser(t).logIn("matt@lp.com", password, in("green")...); r.status != 401 {
		t.Errorf("%d %s", r.status, r.body)
	}
	close(goOn)
	if status := <-blue; status != 401 {
		t.Errorf("%d", status)
	}
}

func TestPreparedRegistrationIsOfOneTenant(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http")
	blue, green := tenant.With(t.Context(), "blue"), "green"
	r := identity.Registration{Email: "matt@lp.com", Password: password}
	ctx, err := s.PrepareRegister(blue, r)
	check(t, err)
	hashes := 0
	s.WrapDerive(func(derive accounts.Derive) accounts.Derive {
		return func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte {
			hashes++
			return derive(password, salt, time, memory, threads, length)
		}
	})
	_, err = s.Register(tenant.With(ctx, green), r)
	check(t, err)
	if hashes != 1 {
		t.Errorf("%d hashes, want 1", hashes)
	}
	_, err = s.Register(ctx, r)
	check(t, err)
	if hashes != 1 {
		t.Errorf("%d hashes, want 1", hashes)
	}
}

// What works for the default tenant works for another.
func TestAllMethodsWorkInATenant(t *testing.T) {
	t.Parallel()
	s := newSite(t, "http", func(c *accounts.Config) { c.Throttle.AccountLogins.Count = 2 })
	blue := tenant.With(t.Context(), "blue")
	u, err := s.Create(blue, accounts.NewUser{Email: "matt@lp.com", Password: password})
	check(t, err)
	b := s.browser(t)
	logIn := func(p secret.Text, want int) {
		t.Helper()
		if r := b.logIn("matt@lp.com", p, in("blue")...); r.status != want {
			t.Errorf("%d %s, want %d", r.status, r.body, want)
		}
	}
	sessions := func(want int) {
		t.Helper()
		if ss, err := s.Sessions(blue, u.ID); err != nil || len(ss) != want {
			t.Errorf("%d sessions, %v, want %d", len(ss), err, want)
		}
	}
	// A success clears the failures, and a log-in ends the session before.
	for range 3 {
		logIn("not the one", http.StatusUnauthorized)
		logIn(password, http.StatusOK)
		sessions(1)
	}
	ss, err := s.Sessions(blue, u.ID)
	check(t, err)
	check(t, s.EndSession(blue, u.ID, ss[0].ID()))
	sessions(0)

	b.do("POST", "/social", url.Values{"user": {u.ID}}, in("blue")...)
	if n, err := s.EndSessions(blue, identity.SessionFilter{UserID: u.ID, Via: "google"}); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	sessions(0)
	logIn(password, http.StatusOK)
	if n, err := s.EndSessions(blue, identity.SessionFilter{UserID: u.ID}); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
	sessions(0)
	logIn(password, http.StatusOK)
	check(t, s.SetPassword(blue, u.ID, "another one"))
	sessions(0)
	logIn("another one", http.StatusOK)

	check(t, s.CreateRole(blue, accounts.Role{Name: "admin"}))
	check(t, s.Grant(blue, u.ID, "admin"))
	check(t, s.Revoke(blue, u.ID, "admin"))
	if got, err := s.User(blue, u.ID); err != nil || got.HasRole("admin") {
		t.Errorf("%+v, %v", got, err)
	}
	if us, err := s.Users(blue, "", 10); len(us) != 1 || err != nil {
		t.Errorf("%v, %v", us, err)
	}
	if id, _, err := s.FindEmail(blue, "matt@lp.com"); id != u.ID || err != nil {
		t.Errorf("%q, %v", id, err)
	}
	check(t, s.Delete(blue, u.ID))
	if _, err := s.User(blue, u.ID); !errors.Is(err, accounts.ErrNoUser) {
		t.Error(err)
	}
}

// A new password ends the links of the user's own tenant.
func TestNewPasswordEndsLinksOfItsTenant(t *testing.T) {
	t.Parallel()
	s := newMailSite(t)
	blue := tenant.With(t.Context(), "blue")
	u, err := s.Create(blue, accounts.NewUser{Email: "matt@lp.com", Password: password})
	check(t, err)
	s.browser(t).do("POST", "/reset", url.Values{"email": {"matt@lp.com"}}, in("blue")...)
	token := strings.TrimPrefix(s.path(t, mail.KindReset, "matt@lp.com"), "/reset/")
	_, err = s.CheckReset(blue, token)
	check(t, err)
	check(t, s.SetPassword(blue, u.ID, another))
	_, err = s.CheckReset(blue, token)
	wantErr(t, "the link", err, accounts.ErrBadToken)
}
