package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

func longLived(p *oauth.OAuth2) {
	p.Endpoints.Refresh = "https://api.own.test/prolong"
	p.LongLived = oauth.LongLived{Exchange: "https://api.own.test/lengthen", ExchangeGrant: "own_exchange", RefreshGrant: "own_refresh"}
}

// Access tokens of a provider without refresh tokens are traded for longer ones.
func TestLongLivedTokens(t *testing.T) {
	t.Parallel()
	named := func(p *oauth.OAuth2) { longLived(p); p.UserAgent = "notes/1.0" }
	c, s := departing(t, named, map[string]string{
		"POST https://own.test/token":       `{"access_token":"short","scope":"read"}`,
		"GET https://api.own.test/lengthen": `{"access_token":"long","expires_in":5184000}`,
		"GET https://api.own.test/prolong":  `{"access_token":"longer","expires_in":5184000}`,
	})
	g, _, err := logsIn(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if q := s.seen[1].query; q.Get("grant_type") != "own_exchange" || q.Get("access_token") != "short" || q.Get("client_secret") != "secret" {
		t.Errorf("the exchange is asked %v", q)
	}
	if h := s.seen[1].header; h.Get("Accept") != "application/json" || h.Get("User-Agent") != "notes/1.0" {
		t.Errorf("the exchange is asked with %v", h)
	}
	if k := g.Token; k.Access != "long" || k.Refresh != "long" || k.RefreshExpiry.IsZero() || !k.RefreshExpiry.Equal(k.Expiry) || k.ClientID != "key" || strings.Join(k.Scopes, " ") != "read" {
		t.Errorf("the token is %+v", k)
	}
	// The access token in memory may be an older one.
	g.Token.Access = ""
	fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Access != "longer" || fresh.Refresh != "longer" || time.Until(fresh.RefreshExpiry) < 59*24*time.Hour {
		t.Errorf("the next token is %+v", fresh)
	}
	if q := s.seen[len(s.seen)-1].query; q.Get("grant_type") != "own_refresh" || q.Get("access_token") != "long" || q.Has("client_secret") {
		t.Errorf("the next one is asked by %v", q)
	}
	fresh.ClientID = "gone"
	var f *oauth.ProviderError
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), *fresh); !errors.As(err, &f) || f.Code != oauth.CodeClientUnknown || f.Op != "refresh" {
		t.Errorf("a client that is gone: %v", err)
	}
	fresh.ClientID, s.answers["GET https://api.own.test/prolong"] = "key", "500 {}"
	if _, err := c.(oauth.Refresher).Refresh(t.Context(), *fresh); !errors.As(err, &f) || f.Kind != oauth.Transient || f.Op != "refresh" {
		t.Errorf("a refresh that fails: %v", err)
	}
}

func TestLongLivedTokensThatFail(t *testing.T) {
	t.Parallel()
	c, _ := departing(t, longLived, map[string]string{
		"POST https://own.test/token":       `{"access_token":"short"}`,
		"GET https://api.own.test/lengthen": `500 short`,
	})
	var f *oauth.ProviderError
	if _, _, err := logsIn(t, c, nil); !errors.As(err, &f) || f.Kind != oauth.Transient || f.Op != "token" || strings.Contains(err.Error(), "short") {
		t.Errorf("an exchange that fails: %v", err)
	}
	// The next secret is tried where the first is refused, and only there.
	for answer, want := range map[string]string{`401 {"error":"invalid_client"}`: "secret older", `500 {}`: "secret"} {
		two := func(p *oauth.OAuth2) {
			longLived(p)
			p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "key", ClientSecret: "older"})
		}
		c, s := departing(t, two, map[string]string{"POST https://own.test/token": `{"access_token":"short"}`, "GET https://api.own.test/lengthen": answer})
		_, _, err := logsIn(t, c, nil)
		var shown []string
		for _, r := range s.seen[1:] {
			shown = append(shown, r.query.Get("client_secret"))
		}
		if err == nil || strings.Join(shown, " ") != want {
			t.Errorf("%s: the secrets %q were shown, %v", answer, shown, err)
		}
	}
	for want, change := range map[string]func(*oauth.OAuth2){
		"LongLived needs Endpoints.Refresh":                    func(p *oauth.OAuth2) { p.Endpoints.Refresh = "" },
		"LongLived needs ExchangeGrant and RefreshGrant":       func(p *oauth.OAuth2) { p.LongLived.RefreshGrant = "" },
		"LongLived needs ExchangeGrant and RefreshGrant (two)": func(p *oauth.OAuth2) { p.LongLived.ExchangeGrant = "" },
		"LongLived.Exchange":                                   func(p *oauth.OAuth2) { p.LongLived.Exchange = "" },
	} {
		p := &oauth.OAuth2{
			ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
			Endpoints: oauth.Endpoints{Authorize: "https://own.test/authorize", Token: "https://own.test/token", UserInfo: "https://api.own.test/me"},
			Profile:   oauth.Mapping{Subject: "id"},
		}
		longLived(p)
		change(p)
		want, _, _ = strings.Cut(want, " (")
		if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A provider's own proof of the callback is looked at before anything is sent, with each
// secret of the flow's client.
func TestSecurity02_ACallbackThatTheProvidersProofRefuses(t *testing.T) {
	t.Parallel()
	c, s := departing(t, func(p *oauth.OAuth2) { p.CheckCallback = func(url.Values, oauth.Credentials) error { return nil } }, nil)
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.test/cb", State: testState})
	if err != nil {
		t.Fatal(err)
	}
	p.ClientID = "gone"
	var f *oauth.ProviderError
	if _, err := c.Complete(t.Context(), p, url.Values{"code": {"x"}, "state": {testState}}); !errors.As(err, &f) || f.Code != oauth.CodeClientUnknown || f.Op != "token" || len(s.seen) > 0 {
		t.Errorf("a client that is gone: %v", err)
	}
	check := func(answer url.Values, c oauth.Credentials) error {
		if answer.Get("proof") != c.ClientSecret.Reveal() {
			return errors.New("proof is not right")
		}
		return nil
	}
	for proof, ok := range map[string]bool{"secret": true, "older": true, "other": false, "": false} {
		for _, answer := range []url.Values{{"code": {"the-code"}}, {"error": {"access_denied"}}} {
			answer.Set("proof", proof)
			answer.Set("state", testState)
			c, s := departing(t, func(p *oauth.OAuth2) {
				p.CheckCallback = check
				p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "key", ClientSecret: "older"})
			}, nil)
			p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.test/cb", State: testState})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Complete(t.Context(), p, answer)
			var refused *oauth.CallbackError
			switch {
			case !ok && (!errors.As(err, &refused) || refused.Reason != "proof is not right" || len(s.seen) > 0):
				t.Errorf("proof %q: %v, %d requests", proof, err, len(s.seen))
			case ok && answer.Has("error") && !errors.Is(err, oauth.ErrDenied):
				t.Errorf("proof %q of a refusal: %v", proof, err)
			case ok && !answer.Has("error") && err != nil:
				t.Errorf("proof %q: %v", proof, err)
			}
		}
	}
}
