package social_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/vault"
)

func TestAddressesToReturnTo(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	b := s.browser()
	b.post("/return/login", url.Values{"to": {"/left"}})
	if !strings.Contains(b.cookies(), "post_oauth_login_url=") {
		t.Error(b.cookies())
	}
	if a := b.flow("/login/acme", "1", "next", "/named"); a.location != "/named" {
		t.Error(a.location)
	}
	b.post("/sign-out", nil)
	b.post("/return/login", url.Values{"to": {"/left"}})
	for _, want := range []string{"/left", "/profile"} {
		if a := b.flow("/login/acme", "1"); a.location != want {
			t.Errorf("%q, want %q", a.location, want)
		}
		b.post("/sign-out", nil)
	}
	b.signIn(matt)
	b.post("/return/connect", url.Values{"to": {"/left?x"}})
	for _, want := range []string{"/left?x", "/profile"} {
		if a := b.flow("/reconnect/acme", "1"); a.location != want {
			t.Errorf("%q, want %q", a.location, want)
		}
	}
}

func TestLegacyCallbacks(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.LegacyCallbacks, c.URLPrefix = true, "/social" })
	matt := s.user("matt@lp.com")
	if got := strings.Join(s.RedirectURIs(s.acme.about), " "); got != s.url+"/social/login/acme "+s.url+"/social/connect/acme" {
		t.Error(got)
	}
	b := s.signedIn(matt)
	if callback, _ := b.begin("/social/connect/acme", "1"); callback != s.url+"/social/connect/acme" {
		t.Error(callback)
	}
	b.ends(t, b.flow("/social/connect/acme", "1"), ending{303, "/profile", "success: Connection established to Acme", "connection_created"})
	b = s.browser()
	b.ends(t, b.flow("/social/login/acme", "1"), ending{303, "/profile", "", "login_completed"})
	if a := b.get("/social/login/acme"); a.status != 400 || a.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d", a.status)
	}
	if a := b.get("/login/acme"); a.status != 404 {
		t.Errorf("without the prefix: %d", a.status)
	}
}

func TestNoFlash(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.NoFlash = true })
	b := s.browser()
	b.ends(t, b.flow("/login/acme", "1"), ending{303, "/login", "", "login_failed"})
}

func TestButtonsAndConnection(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.URLPrefix = "/s" })
	buttons, err := s.Buttons(context.Background())
	must(t, err)
	if len(buttons) != 3 || buttons[0].Provider.Name != "Acme" || buttons[0].LoginURL != "/s/login/acme" || buttons[2].ReconnectURL != "/s/reconnect/bird" {
		t.Errorf("%+v", buttons)
	}
	if _, err := s.Connection(context.Background(), "acme"); !errors.Is(err, vault.ErrNoConnection) {
		t.Error(err)
	}
}
