package social_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/accounts"
	"github.com/gosocial/social/vault"
)

// A connection that is gone when the provider's answer comes has its reason.
func TestEventOfAConnectionThatIsGone(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/connect/acme", "/reconnect/acme"} {
		s, store := openBroken(t)
		matt := s.user("matt@lp.com")
		s.connected(matt, s.acme, "1")
		b := s.signedIn(matt)
		s.happened()
		store.failWith(vault.ErrNoConnection, "Update")
		b.flow(path, "1")
		want := []social.Event{social.ConnectionFailed{UserID: matt, ProviderID: "acme", Reason: social.ReasonGone}}
		if got := s.happened(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v", path, got)
		}
	}
}

// lockingUsers say whether a session goes on as the test does.
type lockingUsers struct {
	social.Users
	goesOn bool
	err    error
}

func (u lockingUsers) LockSession(context.Context) (bool, error) { return u.goesOn, u.err }

// Nothing is connected unless it is known that the session goes on, where users can say.
func TestSecurity25_ConnectingAsksForTheSession(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		users  func(social.Users) social.Users
		status int
		rows   int
	}{
		"it goes on":        {func(u social.Users) social.Users { return lockingUsers{u, true, nil} }, 303, 1},
		"it has ended":      {func(u social.Users) social.Users { return lockingUsers{u, false, nil} }, 400, 0},
		"it is not known":   {func(u social.Users) social.Users { return lockingUsers{u, false, errBroken} }, 500, 0},
		"neither, it seems": {func(u social.Users) social.Users { return lockingUsers{u, true, errBroken} }, 500, 0},
		"users do not know": {func(u social.Users) social.Users { return plainUsers{u} }, 303, 1},
	} {
		s := open(t, func(c *social.Config) { c.Users = tc.users(c.Users) })
		matt := s.user("matt@lp.com")
		if a := s.signedIn(matt).flow("/connect/acme", "1"); a.status != tc.status || len(s.rows(matt)) != tc.rows {
			t.Errorf("%s: %d, %d connections", name, a.status, len(s.rows(matt)))
		}
	}
}

// An address that names no account removes none, and a removal leads nowhere but to
// this site.
func TestRemovalsThatNameNothing(t *testing.T) {
	t.Parallel()
	s, store := openBroken(t)
	matt := s.user("matt@lp.com")
	for _, subject := range []string{"1", "2"} {
		s.connected(matt, s.acme, subject)
	}
	b := s.signedIn(matt)
	for _, path := range []string{"/connect/acme/", "/connect/acme/?_method=DELETE"} {
		if a := b.do("DELETE", path, nil); a.status != http.StatusNotFound || len(s.rows(matt)) != 2 {
			t.Errorf("%s: %d, %d connections", path, a.status, len(s.rows(matt)))
		}
	}
	for next, want := range map[string]string{"/there": "/there", "//evil.example": "/profile", "https://evil.example": "/profile", `/\evil.example`: "/profile"} {
		if a := b.do("DELETE", "/connect/acme/9?next="+url.QueryEscape(next), nil); a.status != 303 || a.location != want {
			t.Errorf("next=%s: %d %q", next, a.status, a.location)
		}
	}
	// Who is not signed in has no connection to a provider that is gone: no need to look.
	store.fail("ByUser")
	if a := s.browser().program().do("DELETE", "/connect/old/9", nil); a.status != http.StatusNotFound || a.problem() != "unknown_provider" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A source that cannot say which providers there are does not make each connection the
// last way in.
func TestSecurity36_LastWayInWithoutProviders(t *testing.T) {
	t.Parallel()
	d := &directory{}
	s := open(t, func(c *social.Config) {
		d.set("", c.Providers...)
		c.Providers, c.Source = nil, d
	})
	matt := s.user("matt@lp.com", without)
	c := s.connected(matt, s.acme, "1")
	s.connected(matt, s.bird, "1")
	d.mu.Lock()
	d.down = errBroken
	d.mu.Unlock()
	if last, err := s.LastWayIn(t.Context(), matt, c.ID); last || !errors.Is(err, errBroken) {
		t.Errorf("%t, %v", last, err)
	}
}

// What a takeover removes is told as every removal is.
func TestEventsOfATakeover(t *testing.T) {
	t.Parallel()
	s := openTx(t)
	prepared := s.user("victim@lp.com", unverified)
	s.connected(prepared, s.acme, "1")
	s.connected(prepared, s.bird, "1")
	must(t, s.VerifyAndTakeOver(t.Context(), prepared))
	want := []social.Event{
		social.ConnectionRemoved{UserID: prepared, ProviderID: "acme"}, social.ConnectionRemoved{UserID: prepared, ProviderID: "bird"},
	}
	if got := s.happened(); !reflect.DeepEqual(got, want) {
		t.Errorf("%#v", got)
	}
	if err := s.VerifyAndTakeOver(t.Context(), prepared); !errors.Is(err, accounts.ErrVerified) || s.told() != "" {
		t.Error(err)
	}
}
