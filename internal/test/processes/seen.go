package processes

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/accounts/passkeytest"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/secret"
)

// seenAtOnce tests that a change by one process counts for the next request at the other.
var seenAtOnce = map[string]func(*testing.T, *cluster){
	"sessions": func(t *testing.T, c *cluster) {
		first, second := c.processes[0], c.processes[1]
		u := c.user(t)
		b, other, third := c.signedIn(t, u.ID), c.signedIn(t, u.ID), c.signedIn(t, u.ID)
		wantWho(t, "signed in", b.who(second), u.ID)
		var own string
		must(t, other.at(second, func(_ *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
			own = accounts.CurrentSession(r.Context()).ID()
			return nil
		}))
		must(t, first.EndSession(t.Context(), u.ID, own))
		wantWho(t, "one ended", other.who(second), "")
		wantWho(t, "another", b.who(second), u.ID)
		must(t, third.at(first, func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error { return a.SignOut(w, r) }))
		c.wantSessions(t, u.ID, 1)
		if _, err := first.EndSessions(t.Context(), identity.SessionFilter{UserID: u.ID}); err != nil {
			t.Error(err)
		}
		wantWho(t, "all ended", b.who(second), "")
	},
	"roles and permissions": func(t *testing.T, c *cluster) {
		first, second := c.processes[0], c.processes[1]
		ctx, u := t.Context(), c.user(t)
		b := c.signedIn(t, u.ID)
		may := func() (role, permission bool) {
			ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
			must(t, b.at(second, func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
				w := httptest.NewRecorder()
				a.RequireRole("keeper", ok).ServeHTTP(w, r)
				role = w.Code == http.StatusOK
				w = httptest.NewRecorder()
				a.RequirePermission("gates.open", ok).ServeHTTP(w, r)
				permission = w.Code == http.StatusOK
				return nil
			}))
			return role, permission
		}
		must(t, first.CreateRole(ctx, accounts.Role{Name: "keeper"}))
		for _, step := range []struct {
			what             string
			change           func() error
			role, permission bool
		}{
			{"before", func() error { return nil }, false, false},
			{"a role is given", func() error { return first.Grant(ctx, u.ID, "keeper") }, true, false},
			{"a permission is given", func() error { return first.GrantPermission(ctx, "keeper", "gates.open") }, true, true},
			{"a permission is taken", func() error { return first.RevokePermission(ctx, "keeper", "gates.open") }, true, false},
			{"a permission is given again", func() error { return first.GrantPermission(ctx, "keeper", "gates.open") }, true, true},
			{"a role is taken", func() error { return first.Revoke(ctx, u.ID, "keeper") }, false, false},
		} {
			must(t, step.change())
			if role, permission := may(); role != step.role || permission != step.permission {
				t.Errorf("%s: the role counts: %v, the permission: %v", step.what, role, permission)
			}
		}
	},
	"second factors": func(t *testing.T, c *cluster) {
		first, second := c.processes[0], c.processes[1]
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		c.enroll(t, b)
		for _, want := range []string{accounts.LimitedToFactor, u.ID} {
			other := browser{}
			must(t, other.at(second, signIn(u.ID)))
			wantWho(t, "a log-in", other.who(second), want)
			must(t, first.ResetFactors(t.Context(), u.ID))
		}
	},
	"passkeys": func(t *testing.T, c *cluster) {
		first, second := c.processes[0], c.processes[1]
		u := c.user(t)
		b, keys := c.signedIn(t, u.ID), &passkeytest.Authenticator{Origin: appURL}
		p := c.addPasskey(t, b, keys)
		logIn := func() (browser, error) {
			visitor := browser{}
			answer, err := keys.Get(visitor.options(t, second, (*accounts.Accounts).PasskeyLoginOptions))
			must(t, err)
			return visitor, visitor.at(second, func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
				return a.LogInByPasskey(w, r, answer, false)
			})
		}
		visitor, err := logIn()
		must(t, err)
		wantWho(t, "by the passkey", visitor.who(second), u.ID)
		must(t, b.at(first, func(a *accounts.Accounts, _ http.ResponseWriter, r *http.Request) error {
			return a.RemovePasskey(r, p.ID)
		}))
		if _, err := logIn(); err == nil {
			t.Error("the passkey is good after it was removed")
		}
	},
	"API tokens": func(t *testing.T, c *cluster) {
		u := c.user(t)
		text, token, err := c.processes[0].CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "deploy"})
		must(t, err)
		wantWho(t, "with the token", c.bearer(text.Reveal()), u.ID)
		must(t, c.processes[0].EndToken(t.Context(), u.ID, token.ID))
		wantWho(t, "after its end", c.bearer(text.Reveal()), "")
	},
	"a password": func(t *testing.T, c *cluster) {
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		must(t, c.processes[0].SetPassword(t.Context(), u.ID, "battery staple"))
		wantWho(t, "the session of before", b.who(c.processes[1]), "")
		for shown, want := range map[string]bool{password: false, "battery staple": true} {
			if err := c.logIn(u.Email, shown); (err == nil) != want {
				t.Errorf("%s: %v", shown, err)
			}
		}
	},
	"deactivation": func(t *testing.T, c *cluster) {
		first, second := c.processes[0], c.processes[1]
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		text, _, err := first.CreateTokenFor(t.Context(), u.ID, accounts.NewToken{Name: "deploy"})
		must(t, err)
		must(t, first.SetActive(t.Context(), u.ID, false))
		wantWho(t, "the session", b.who(second), "")
		wantWho(t, "the token", c.bearer(text.Reveal()), "")
		if err := c.logIn(u.Email, password); err == nil {
			t.Error("the user logs in")
		}
		must(t, first.SetActive(t.Context(), u.ID, true))
		must(t, c.logIn(u.Email, password))
	},
	"deletion": func(t *testing.T, c *cluster) {
		u := c.user(t)
		b := c.signedIn(t, u.ID)
		must(t, c.processes[0].Delete(t.Context(), u.ID))
		wantWho(t, "the session", b.who(c.processes[1]), "")
		if err := c.logIn(u.Email, password); err == nil {
			t.Error("the user logs in")
		}
	},
}

func wantWho(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: the second process knows %q, want %q", what, got, want)
	}
}

// logIn logs in at the second process.
func (c *cluster) logIn(email, password string) error {
	return browser{}.at(c.processes[1], func(a *accounts.Accounts, w http.ResponseWriter, r *http.Request) error {
		return a.LogIn(w, r, email, secret.Text(password), false)
	})
}

// bearer returns the user of a request with an API token at the second process.
func (c *cluster) bearer(token string) (who string) {
	r := httptest.NewRequest(http.MethodGet, appURL+"/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	c.processes[1].Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if u := accounts.Current(r.Context()); u != nil {
			who = u.ID
		}
	})).ServeHTTP(httptest.NewRecorder(), r)
	return who
}
