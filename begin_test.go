package social_test

import (
	"context"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/secret"
	"github.com/gosocial/social/socialtest"
	"github.com/gosocial/social/vault"
)

func (p *stub) lastAsk() oauth.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asks[len(p.asks)-1]
}

// Scopes that a log-in or connecting asks for are asked for besides the provider's own.
func TestScopesAreAdded(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	for _, verb := range []string{"login", "connect"} {
		b := s.browser()
		if verb == "connect" {
			b.signIn(matt)
		}
		for form, want := range map[string]string{"": "", " ": "", "photos,mail  photos basic": "basic photos mail", "photos\tmail\r\nfiles": "basic photos mail files"} {
			if b.begin("/"+verb+"/acme", "1", "scope", form); strings.Join(s.acme.asked(), " ") != want {
				t.Errorf("%s with %q: asked for %q", verb, form, s.acme.asked())
			}
		}
		b.begin("/"+verb+"/acme?scope=mail", "1")
		if got := strings.Join(s.acme.asked(), " "); got != "basic mail" {
			t.Errorf("%s: %q", verb, got)
		}
	}
	b := s.signedIn(matt)
	b.flow("/connect/acme", "1", "scope", "photos")
	if got := s.rows(matt); len(got) != 1 || strings.Join(got[0].Scopes, " ") != "basic photos" {
		t.Errorf("%+v", got)
	}
	// A log-in with fewer scopes takes none away.
	s.browser().flow("/login/acme", "1", "scope", "mail")
	if got := s.rows(matt)[0].Scopes; strings.Join(got, " ") != "basic photos" {
		t.Errorf("after a log-in: %q", got)
	}
}

// A request passes on the hints that the provider's entry names, and nothing else.
func TestHintsArePassedOn(t *testing.T) {
	t.Parallel()
	s := open(t)
	s.acme.about.Hints = []string{"hd", "login_hint"}
	matt := s.user("matt@lp.com")
	for _, verb := range []string{"login", "connect", "reconnect"} {
		b := s.browser()
		if verb != "login" {
			b.signIn(matt)
		}
		if verb == "reconnect" {
			b.flow("/connect/acme", "1")
		}
		b.begin("/"+verb+"/acme", "1", "login_hint", "matt@lp.com", "prompt", "none", "state", "mine", "hd", "")
		if got := s.acme.lastAsk(); !maps.Equal(got.Hints, map[string]string{"login_hint": "matt@lp.com"}) || got.Params != nil || got.State == "mine" {
			t.Errorf("%s: %+v", verb, got)
		}
	}
}

// Consent is asked for once more where a refresh token is missing or of no use, and
// the account is asked for where there is one already.
func TestWhatAFlowAsksTheUserFor(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	b := s.signedIn(matt)
	check := func(what, path string, consent, account bool) {
		t.Helper()
		b.begin(path, "1")
		if got := s.acme.lastAsk(); got.Consent != consent || got.ChooseAccount != account {
			t.Errorf("%s: consent %v, account %v", what, got.Consent, got.ChooseAccount)
		}
	}
	check("first connecting", "/connect/acme", false, false)
	c := s.connected(matt, s.acme, "1")
	check("connecting another", "/connect/acme", false, true)
	check("with a refresh token", "/reconnect/acme", false, false)

	c.Status = vault.NeedsReauthorization
	must(t, s.store.Update(context.Background(), c, nil))
	check("with a dead one", "/reconnect/acme", true, false)

	must(t, s.store.Update(context.Background(), s.rows(matt)[0], []byte("not sealed")))
	check("with one that does not open", "/reconnect/acme", true, false)
	_, err := s.Vault().Disconnect(context.Background(), vault.Removal{UserID: matt})
	must(t, err)

	g := s.acme.grant("2")
	g.Token.Refresh = ""
	_, err = s.Vault().Connect(context.Background(), matt, g)
	must(t, err)
	check("without one", "/reconnect/acme", true, false)

	b = s.browser()
	check("log-in", "/login/acme", false, false)
}

// Google gives a refresh token with its consent alone.
func TestReconnectAtGoogleAsksForConsent(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.AllowPrivateAddresses = true
		pretend := socialtest.Start(t).Provider("google")
		google := providers.Google(pretend.Register(socialtest.App{RedirectURIs: []string{c.AppURL + "/callback/google"}}))
		google.Issuer, google.Endpoints = pretend.Issuer(), oauth.Endpoints{}
		c.Providers = append(c.Providers, google)
	})
	matt := s.user("matt@lp.com")
	b := s.signedIn(matt)
	for _, refresh := range []secret.Text{"", "refresh"} {
		_, err := s.Vault().Connect(context.Background(), matt, &oauth.Grant{ProviderID: "google", Profile: oauth.Profile{Subject: "1" + refresh.Reveal()},
			Token: oauth.Token{Access: "access", Refresh: refresh}})
		must(t, err)
		all := s.rows(matt)
		a := b.post("/reconnect/google", url.Values{"connection": {all[len(all)-1].ID}, "prompt": {"login"}, "hd": {"lp.com"}, "scope": {"calendar"}})
		u, err := url.Parse(a.location)
		must(t, err)
		q := u.Query()
		if consent := strings.Contains(q.Get("prompt"), "consent"); a.status != 303 || consent != (refresh == "") || !strings.Contains(q.Get("prompt"), "login") ||
			q.Get("hd") != "lp.com" || !strings.Contains(q.Get("scope"), "calendar") {
			t.Errorf("%d %v %s", a.status, q, a.body)
		}
	}
}
