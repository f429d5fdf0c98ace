package social_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// claimsSeen passes on what is claimed.
type claimsSeen struct {
	vault.Store
	all chan vault.Claim
}

func (s claimsSeen) Claim(ctx context.Context, c vault.Claim) error {
	s.all <- c
	return s.Store.Claim(ctx, c)
}

// A flow is claimed in its tenant until no clock of several machines, which may differ by
// a minute, takes it for one that goes on.
func TestSecurity02_HowLongAFlowIsClaimed(t *testing.T) {
	t.Parallel()
	now := time.Now().Truncate(time.Second)
	claims := make(chan vault.Claim, 10)
	s := open(t, func(c *social.Config) {
		c.Now = func() time.Time { return now }
		c.Connections = claimsSeen{c.Connections, claims}
		c.FlowTTL = 7 * time.Minute
	})
	s.browser().in("north").flow("/login/acme", "1")
	if len(claims) != 1 {
		t.Fatalf("%d claims", len(claims))
	}
	if c := <-claims; c.Tenant != "north" || len(c.Key) != 36 || !c.Now.Equal(now) || !c.Until.Equal(now.Add(8*time.Minute)) {
		t.Errorf("%+v", c)
	}
}

// Where a provider's ID ends and the state begins is no question: "posty2" with a state is
// not "posty" with a state that begins with 2.
func TestSecurity03_IDsAndStatesDoNotRunTogether(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) {
		c.Providers = append(c.Providers, newStub("acme2", "Second", oauth.ProtocolOAuth2))
	})
	pages := &recordingPages{}
	s.pages = pages
	b := s.browser()
	_, answer := b.begin("/login/acme2", "1")
	answer.Set("state", "2"+answer.Get("state"))
	b.refused(b.get("/callback/acme?"+answer.Encode()), s.acme, 0)
	if reason := pages.last.Message.Args["reason"]; reason != "it began in another browser, or too long ago" {
		t.Errorf("it has found a flow: %q", reason)
	}
}

// A log-in remembers the account that waits in its own browser, and no other.
func TestSecurity25_LogInBeginsForWhatWaitsInItsBrowser(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.SignUp = social.Form })
	other := s.browser()
	other.flow("/login/acme", "8")
	foreign := other.pendingID()
	b := s.browser()
	for _, id := range []string{foreign, "x"} {
		if a := b.deny("/login/acme?signup=" + id); a.location != "/login" {
			t.Errorf("signup=%s leads to %q", id, a.location)
		}
	}
	b.flow("/login/acme", "9")
	own := b.pendingID()
	if a := b.deny("/login/acme?signup=" + own); a.location != "/login?signup="+own {
		t.Errorf("its own leads to %q", a.location)
	}
}

// An address to return to is judged again when it is used: what the cookie has may have
// been kept when other origins were trusted.
func TestSecurity09_ReturnAddressesAreJudgedAgain(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *social.Config) { c.TrustedOrigins = []string{"https://spa.example.com"} })
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	for kept, want := range map[string]string{
		"https://spa.example.com/x": "https://spa.example.com/x", "https://old.example.com/x": "/profile", "//evil.example": "/profile", "": "/profile",
	} {
		b := s.browser()
		b.plants("post_oauth_login_url", []byte(kept))
		if a := b.flow("/login/acme", "1"); a.location != want {
			t.Errorf("%q leads to %q after a log-in", kept, a.location)
		}
		b.plants("post_oauth_connect_url", []byte(kept))
		if a := b.flow("/reconnect/acme", "1"); a.location != want {
			t.Errorf("%q leads to %q after a reconnect", kept, a.location)
		}
	}
}

// A callback that comes again leads to where it led before, also when a cookie said where.
// The flow of a program leaves that cookie for the page that it is for.
func TestReturnAddressWhenACallbackComesTwice(t *testing.T) {
	t.Parallel()
	s := open(t)
	matt := s.user("matt@lp.com")
	s.connected(matt, s.acme, "1")
	for _, tc := range []struct{ after, path string }{{"login", "/login/acme"}, {"connect", "/reconnect/acme"}} {
		b := s.browser()
		if tc.after == "connect" {
			b.signIn(matt)
		}
		b.post("/return/"+tc.after, url.Values{"to": {"/left"}})
		b.json = true
		if a := b.flow(tc.path, "1"); a.status != http.StatusOK {
			t.Errorf("%s of a program: %d %s", tc.after, a.status, a.body)
		}
		b.json = false
		if tc.after == "login" {
			b.post("/sign-out", nil)
		}
		callback, answer := b.begin(tc.path, "1")
		for range 2 {
			if a := b.get(callback + "?" + answer.Encode()); a.location != "/left" {
				t.Errorf("%s: %d %q", tc.after, a.status, a.location)
			}
		}
	}
}

// The answer that sends a browser to the provider tells it no Referer, and is not stored.
func TestSecurity10_TheAnswerThatBeginsAFlow(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, json := range []bool{false, true} {
		b := s.browser()
		b.json = json
		a := b.post("/login/acme", nil)
		if a.header.Get("Referrer-Policy") != "no-referrer" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("JSON %v: %v", json, a.header)
		}
		if json != strings.HasPrefix(a.body, `{"authorize_url":"https://provider.test/`) || json == (a.location != "") {
			t.Errorf("JSON %v: %d %q %s", json, a.status, a.location, a.body)
		}
	}
}
