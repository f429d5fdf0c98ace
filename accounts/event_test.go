package accounts_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/identity"
	"github.com/gosocial/social/internal/tenant"
	"github.com/gosocial/social/secret"
)

// events collects the events of a site.
type events struct {
	mu        sync.Mutex
	list      []accounts.Event
	inTenants []string // of the contexts that they came with
}

func (es *events) collect(c *accounts.Config) {
	c.OnEvent = func(ctx context.Context, e accounts.Event) {
		es.mu.Lock()
		defer es.mu.Unlock()
		es.list, es.inTenants = append(es.list, e), append(es.inTenants, tenant.From(ctx))
	}
}

// want checks what was reported since the last time.
func (es *events) want(t *testing.T, what string, want ...accounts.Event) {
	t.Helper()
	es.mu.Lock()
	defer es.mu.Unlock()
	if len(es.list)+len(want) > 0 && !reflect.DeepEqual(es.list, want) {
		t.Errorf("%s: %+v, want %+v", what, es.list, want)
	}
	es.list = nil
}

// throttled checks that so many attempts were refused since the last time, by one limit.
func (es *events) throttled(t *testing.T, what, limit string, want int) {
	t.Helper()
	es.mu.Lock()
	defer es.mu.Unlock()
	n := 0
	for _, e := range es.list {
		if e, ok := e.(accounts.Throttled); ok {
			if n++; e.Limit != limit {
				t.Errorf("%s: by the limit %q, want %q", what, e.Limit, limit)
			}
		}
	}
	if n != want {
		t.Errorf("%s: %d attempts are refused, want %d", what, n, want)
	}
	es.list = nil
}

const client = "192.0.2.7"

func TestEvents(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) {
		c.Throttle.AccountLogins.Count, c.Throttle.NetworkRegistrations.Count = 3, 1
	})
	ctx := t.Context()
	headers := []string{"X-Forwarded-For", client, "Tenant", "blue"}
	blue := tenant.With(ctx, "blue")

	u, err := s.Create(blue, accounts.NewUser{Email: "matt@lp.com", Password: password})
	check(t, err)
	about := accounts.Subject{Tenant: "blue", UserID: u.ID}
	es.want(t, "Create", accounts.Created{Subject: about})

	b := s.browser(t)
	b.logIn("matt@lp.com", password, headers...)
	es.want(t, "LogIn", accounts.LoggedIn{Subject: about, Via: identity.ViaPassword, Address: client, NewBrowser: true})
	b.do("POST", "/logout", url.Values{}, headers...)
	es.want(t, "SignOut", accounts.LoggedOut{Subject: about, Address: client})
	b.do("POST", "/logout", url.Values{}, headers...)
	es.want(t, "SignOut again")
	b.do("POST", "/social", url.Values{"user": {u.ID}}, headers...)
	es.want(t, "SignIn", accounts.LoggedIn{Subject: about, Via: "google", Address: client})

	wrong := accounts.LoginFailed{Subject: about, Via: identity.ViaPassword, Address: client, Err: accounts.ErrCredentials}
	for range 2 {
		b.logIn("matt@lp.com", "not the one", headers...)
		es.want(t, "a wrong password", wrong)
	}
	b.logIn("matt@lp.com", "not the one", headers...)
	es.want(t, "the last wrong password", wrong,
		accounts.Locked{Subject: about, Address: client, Until: s.clock.Now().Add(15 * time.Minute)})
	b.logIn("matt@lp.com", password, headers...)
	es.want(t, "throttled", accounts.Throttled{Subject: accounts.Subject{Tenant: "blue"}, Limit: "AccountLogins",
		Address: client, RetryAfter: 15 * time.Minute})
	b.logIn("missing@lp.com", "not the one", headers...)
	wrong.UserID = ""
	es.want(t, "an unknown name", wrong)

	register := func(email string) {
		s.browser(t).do("POST", "/register", url.Values{"email": {email}}, headers...)
	}
	register("joe@lp.com")
	joe, err := s.Find(blue, "joe@lp.com")
	check(t, err)
	aboutJoe := accounts.Subject{Tenant: "blue", UserID: joe.ID}
	es.want(t, "Register", accounts.Registered{Subject: aboutJoe, Address: client},
		accounts.LoggedIn{Subject: aboutJoe, Via: identity.ViaPassword, Address: client, NewBrowser: true})
	register("kim@lp.com")
	es.want(t, "too many registrations", accounts.Throttled{Subject: accounts.Subject{Tenant: "blue"},
		Limit: "NetworkRegistrations", Address: client, RetryAfter: time.Hour})
	ana, err := s.Register(blue, identity.Registration{Email: "ana@lp.com", ProviderID: "google"})
	check(t, err)
	es.want(t, "Register by a program", accounts.Registered{Subject: accounts.Subject{Tenant: "blue", UserID: ana}, ProviderID: "google"})

	ended := accounts.SessionsEnded{Subject: about, Count: 1}
	check(t, s.SetPassword(blue, u.ID, "another one"))
	es.want(t, "SetPassword", accounts.PasswordChanged{Subject: about}, ended)
	check(t, s.SetPassword(blue, u.ID, ""))
	es.want(t, "without a password", accounts.PasswordChanged{Subject: about, Removed: true})
	check(t, s.SetVerifiedKeepingAccess(blue, u.ID, false))
	es.want(t, "as it was")
	check(t, s.SetVerifiedKeepingAccess(blue, u.ID, true))
	es.want(t, "SetVerifiedKeepingAccess", accounts.VerificationChanged{Subject: about, Verified: true})
	check(t, s.CreateRole(blue, accounts.Role{Name: "admin", Permissions: []string{"b", "a"}}))
	es.want(t, "CreateRole", accounts.RoleCreated{Subject: accounts.Subject{Tenant: "blue"}, Role: "admin", Permissions: []string{"a", "b"}})
	check(t, s.Grant(blue, u.ID, "admin"))
	es.want(t, "Grant", accounts.RoleGranted{Subject: about, Role: "admin"})
	check(t, s.Revoke(blue, u.ID, "admin"))
	es.want(t, "Revoke", accounts.RoleRevoked{Subject: about, Role: "admin"})
	check(t, s.GrantPermission(blue, "admin", "users.read"))
	es.want(t, "GrantPermission", accounts.PermissionGranted{Subject: accounts.Subject{Tenant: "blue"}, Role: "admin", Permission: "users.read"})
	check(t, s.RevokePermission(blue, "admin", "users.read"))
	es.want(t, "RevokePermission", accounts.PermissionRevoked{Subject: accounts.Subject{Tenant: "blue"}, Role: "admin", Permission: "users.read"})

	signIn := func() {
		s.browser(t).do("POST", "/social", url.Values{"user": {u.ID}}, headers...)
		es.want(t, "SignIn", accounts.LoggedIn{Subject: about, Via: "google", Address: client, NewBrowser: true})
	}
	for what, end := range map[string]func() error{
		"EndSessions": func() error { _, err := s.EndSessions(blue, identity.SessionFilter{UserID: u.ID}); return err },
		"EndSessions via a provider": func() error {
			_, err := s.EndSessions(blue, identity.SessionFilter{UserID: u.ID, Via: "google"})
			return err
		},
		"EndSession": func() error {
			ss, err := s.Sessions(blue, u.ID)
			return errors.Join(err, s.EndSession(blue, u.ID, ss[0].ID()))
		},
	} {
		signIn()
		check(t, end())
		es.want(t, what, ended)
		if what != "EndSession" {
			check(t, end())
			es.want(t, what+" of none")
		}
	}
	signIn()
	check(t, s.SetActive(blue, u.ID, false))
	es.want(t, "SetActive", accounts.ActivityChanged{Subject: about}, ended)
	check(t, s.SetActive(blue, u.ID, false))
	es.want(t, "as it was")
	b.do("POST", "/social", url.Values{"user": {u.ID}}, headers...)
	es.want(t, "an inactive user", accounts.LoginFailed{Subject: about, Via: "google", Address: client, Err: accounts.ErrInactive})
	check(t, s.Delete(blue, u.ID))
	es.want(t, "Delete", accounts.Deleted{Subject: about})
	b.do("POST", "/social", url.Values{"user": {u.ID}}, headers...)
	es.want(t, "a deleted user", accounts.LoginFailed{Subject: about, Via: "google", Address: client, Err: accounts.ErrNoUser})
	for _, id := range es.inTenants {
		if id != "blue" {
			t.Fatalf("an event came in the tenant %q", id)
		}
	}
	if err := s.Delete(blue, u.ID); err == nil {
		t.Error("deleted twice")
	}
	es.want(t, "nothing happened")
}

// Changes are reported after their transaction is committed, refusals also after it is
// rolled back, both once and outside of the transaction.
func TestEventsOfTransactions(t *testing.T) {
	t.Parallel()
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) {
		collect := c.OnEvent
		c.OnEvent = func(ctx context.Context, e accounts.Event) {
			collect(ctx, e)
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.Store.UserByID(context.WithoutCancel(ctx), "", "x") // waits while a transaction runs
			}()
			select {
			case <-done:
			case <-time.After(10 * time.Second):
				t.Error("reported inside a transaction")
			}
		}
	})
	u, err := s.Create(t.Context(), accounts.NewUser{Email: "matt@lp.com", Inactive: true})
	check(t, err)
	about := accounts.Subject{UserID: u.ID}
	es.want(t, "Create", accounts.Created{Subject: about})

	onPurpose := errors.New("on purpose")
	inTx := func(end error) error {
		return s.store.InTx(t.Context(), func(ctx context.Context) error {
			check(t, s.SetVerifiedKeepingAccess(ctx, u.ID, true))
			r, err := http.NewRequestWithContext(ctx, "POST", "/", nil)
			check(t, err)
			if err := s.SignIn(nil, r, identity.SignIn{UserID: u.ID, Via: "google"}); !errors.Is(err, accounts.ErrInactive) {
				t.Error(err)
			}
			es.want(t, "inside")
			return end
		})
	}
	check(t, s.CreateRole(t.Context(), accounts.Role{Name: "admin"}))
	es.want(t, "CreateRole", accounts.RoleCreated{Role: "admin"})
	es.inTenants = nil
	check(t, s.store.InTx(tenant.With(t.Context(), "blue"), func(ctx context.Context) error {
		return s.Grant(tenant.With(ctx, ""), u.ID, "admin")
	}))
	es.want(t, "in another tenant than the transaction", accounts.RoleGranted{Subject: about, Role: "admin"})
	if es.inTenants[0] != "" {
		t.Errorf("reported in the tenant %q", es.inTenants[0])
	}

	refused := accounts.LoginFailed{Subject: about, Via: "google", Err: accounts.ErrInactive}
	es.inTenants = nil
	check(t, s.store.InTx(tenant.With(t.Context(), "blue"), func(ctx context.Context) error {
		r, err := http.NewRequestWithContext(tenant.With(ctx, ""), "POST", "/", nil)
		check(t, err)
		if err := s.SignIn(nil, r, identity.SignIn{UserID: u.ID, Via: "google"}); !errors.Is(err, accounts.ErrInactive) {
			t.Error(err)
		}
		return nil
	}))
	es.want(t, "refused in another tenant than the transaction", refused)
	if es.inTenants[0] != "" {
		t.Errorf("reported in the tenant %q", es.inTenants[0])
	}
	if err := inTx(onPurpose); !errors.Is(err, onPurpose) {
		t.Error(err)
	}
	es.want(t, "rolled back", refused)
	check(t, inTx(nil))
	es.want(t, "committed", accounts.VerificationChanged{Subject: about, Verified: true}, refused)
}

// People type passwords into the wrong field.
func TestSecurity43_EventsHaveNothingEntered(t *testing.T) {
	t.Parallel()
	const canary = "CANARY-entered"
	var es events
	s := newSite(t, "http", es.collect, func(c *accounts.Config) { c.Throttle.AccountLogins.Count = 1 })
	s.user(t, "matt@lp.com", "")
	b := s.browser(t)
	for range 2 {
		b.logIn(canary, canary)
		b.logIn("matt@lp.com", secret.Text(canary))
	}
	b.do("POST", "/register", url.Values{"email": {"joe@lp.com"}, "password": {canary}, "username": {"joe"}})
	es.mu.Lock()
	defer es.mu.Unlock()
	if len(es.list) < 8 {
		t.Errorf("%d events", len(es.list))
	}
	for _, e := range es.list {
		if text := strings.ToLower(reflect.TypeOf(e).String()) + " " + dump(reflect.ValueOf(e)); strings.Contains(text, strings.ToLower(canary)) || strings.Contains(text, "matt@") {
			t.Error(text)
		}
	}
}

// dump returns the content of a value, without calling its methods.
func dump(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Struct:
		var all []string
		for i := range v.NumField() {
			all = append(all, dump(v.Field(i)))
		}
		return strings.ToLower(strings.Join(all, " "))
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return ""
		}
		return dump(v.Elem())
	}
	return v.String()
}

// Logs, and rules for them, use the names and the providers' IDs.
func TestEventNames(t *testing.T) {
	t.Parallel()
	about := accounts.Subject{Tenant: "blue", UserID: "7"}
	for _, tt := range []struct {
		event          accounts.Event
		name, provider string
	}{
		{accounts.Registered{Subject: about, ProviderID: "google"}, "user_registered", "google"},
		{accounts.Created{Subject: about}, "user_created", ""},
		{accounts.LoggedIn{Subject: about, Via: "google", NewBrowser: true}, "user_logged_in", "google"},
		{accounts.LoggedIn{Subject: about, Via: identity.ViaPassword, NewBrowser: true}, "user_logged_in", ""},
		{accounts.LoginFailed{Subject: about, Via: "google"}, "user_login_failed", "google"},
		{accounts.LoginFailed{Subject: about, Via: identity.ViaPassword}, "user_login_failed", ""},
		{accounts.Reauthenticated{Subject: about, Via: "google"}, "user_reauthenticated", "google"},
		{accounts.Reauthenticated{Subject: about, Via: identity.ViaPassword}, "user_reauthenticated", ""},
		{accounts.ReauthenticationFailed{Subject: about, Via: "google"}, "user_reauthentication_failed", "google"},
		{accounts.ReauthenticationFailed{Subject: about, Via: identity.ViaPassword}, "user_reauthentication_failed", ""},
		{accounts.Locked{Subject: about}, "user_locked", ""},
		{accounts.Throttled{Subject: about}, "user_throttled", ""},
		{accounts.LoggedOut{Subject: about}, "user_logged_out", ""},
		{accounts.SessionsEnded{Subject: about}, "user_sessions_ended", ""},
		{accounts.PasswordChanged{Subject: about}, "user_password_changed", ""},
		{accounts.ActivityChanged{Subject: about}, "user_activity_changed", ""},
		{accounts.VerificationChanged{Subject: about}, "user_verification_changed", ""},
		{accounts.RoleGranted{Subject: about}, "user_role_granted", ""},
		{accounts.RoleRevoked{Subject: about}, "user_role_revoked", ""},
		{accounts.PermissionGranted{Subject: about}, "role_permission_granted", ""},
		{accounts.PermissionRevoked{Subject: about}, "role_permission_revoked", ""},
		{accounts.Deleted{Subject: about}, "user_deleted", ""},
		{accounts.DeletionRequested{Subject: about}, "user_deletion_requested", ""},
		{accounts.DeletionCanceled{Subject: about}, "user_deletion_canceled", ""},
		{accounts.DeletionPending{Subject: about, Via: identity.ViaPassword}, "user_deletion_pending", ""},
		{accounts.DeletionPending{Subject: about, Via: "google"}, "user_deletion_pending", "google"},
	} {
		if e := tt.event; e.Event() != tt.name || e.Provider() != tt.provider || e.About() != about {
			t.Errorf("%T: %s %q %v", e, e.Event(), e.Provider(), e.About())
		}
	}
}
