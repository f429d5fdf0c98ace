package oauth_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

func TestSecurity04_OnlyCode(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	p, _ := flow(t, s, c, oauth.Request{})
	if got := query(t, p)["response_type"]; !slices.Equal(got, []string{"code"}) {
		t.Errorf("response_type %q", got)
	}
	for _, e := range []string{"/authorize?response_type=token", "/authorize?RESPONSE_TYPE=token"} {
		bad := s.provider()
		bad.Endpoints.Authorize = s.URL + e
		if _, err := bad.Open(oauth.Env{}); err == nil {
			t.Errorf("%s was opened", e)
		}
	}
}

func TestSecurity05_PKCEAlwaysS256(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t) // refuses whatever is not S256
	c := s.open(t, s.provider())
	seen := map[secret.Text]bool{}
	for range 20 {
		p, _ := flow(t, s, c, oauth.Request{})
		if seen[p.Verifier] || len(p.Verifier) < 43 || strings.Contains(p.URL, p.Verifier.Reveal()) {
			t.Fatal("the verifier is old, short or in the URL")
		}
		seen[p.Verifier] = true
	}
	logIn(t, s, c)

	p, answer := flow(t, s, c, oauth.Request{})
	p.Verifier = "another"
	if _, err := c.Complete(t.Context(), p, answer); err == nil {
		t.Error("the provider took another verifier")
	}

	s.plain = true
	without := s.provider()
	without.WithoutPKCE = true
	logIn(t, s, s.open(t, without))
}

func TestSecurity07_ParamsCannotOverride(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.AuthParams = url.Values{"prompt": {"login"}, "display": {"page"}}
	c := s.open(t, d)
	for _, name := range []string{"state", "nonce", "redirect_uri", "client_id", "scope", "code_challenge", "code_challenge_method",
		"response_type", "response_mode", "request", "request_uri", "max_age", "State", "REDIRECT_URI"} {
		_, err := c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: testState, Params: url.Values{name: {"x"}}})
		if err == nil {
			t.Errorf("Params set %s", name)
		}
		bad := s.provider()
		bad.AuthParams = url.Values{name: {"x"}}
		if _, err := bad.Open(oauth.Env{}); err == nil {
			t.Errorf("AuthParams set %s", name)
		}
	}
	p, _ := flow(t, s, c, oauth.Request{Params: url.Values{"prompt": {"consent"}, "login_hint": {"a&b=c"}}})
	q := query(t, p)
	if !slices.Equal(q["prompt"], []string{"consent"}) || q.Get("display") != "page" || q.Get("login_hint") != "a&b=c" || q.Get("audience") != "x" {
		t.Errorf("got %v", q)
	}
}

func TestSecurity03_BeginRefusesWeakState(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	for _, r := range []oauth.Request{
		{RedirectURI: redirectURI}, {RedirectURI: redirectURI, State: "short"},
		{State: testState}, {State: testState, RedirectURI: "/callback"}, {State: testState, RedirectURI: redirectURI + "#x"},
	} {
		if p, err := c.Begin(t.Context(), r); err == nil {
			t.Errorf("%+v began %s", r, p.URL)
		}
	}
}
