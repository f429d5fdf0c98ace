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
		"response_type", "response_mode", "request", "request_uri", "max_age", "State", "REDIRECT_URI",
		"grant_type", "code", "code_verifier", "refresh_token", "client_secret", "client_assertion", "client_assertion_type"} {
		_, err := c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: testState, Params: url.Values{name: {"x"}}})
		if err == nil {
			t.Errorf("Params set %s", name)
		}
		bad := s.provider()
		bad.AuthParams = url.Values{name: {"x"}}
		if _, err := bad.Open(oauth.Env{}); err == nil {
			t.Errorf("AuthParams set %s", name)
		}
		for field, set := range map[string]func(*oauth.OAuth2, url.Values){
			"AuthParams":     func(p *oauth.OAuth2, v url.Values) { p.AuthParams = v },
			"TokenParams":    func(p *oauth.OAuth2, v url.Values) { p.TokenParams = v },
			"RefreshParams":  func(p *oauth.OAuth2, v url.Values) { p.RefreshParams = v },
			"Consent":        func(p *oauth.OAuth2, v url.Values) { p.Consent = v },
			"ChooseAccount":  func(p *oauth.OAuth2, v url.Values) { p.ChooseAccount = v },
			"Reauthenticate": func(p *oauth.OAuth2, v url.Values) { p.Reauthenticate = v },
			"Hints":          func(p *oauth.OAuth2, v url.Values) { p.Hints = map[string]string{"hint": name} },
		} {
			if name == "state" && (field == "TokenParams" || field == "RefreshParams") {
				continue // none of their own requests' (RFC 6749 §4.1.3, §6)
			}
			bad := s.provider()
			set(bad, url.Values{name: {"x"}})
			if _, err := bad.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), field) || !strings.Contains(err.Error(), "may not set "+name) {
				t.Errorf("%s with %s: %v", field, name, err)
			}
		}
	}
	// A name in place of the redirect URI is the same in both requests, or none.
	for _, values := range [][2][]string{{{"x"}, {"y"}}, {{"x"}, nil}, {nil, {"x"}}, {{"x", "x"}, {"x", "x"}}, {{}, {}}} {
		bad := s.provider()
		bad.AuthParams, bad.TokenParams = url.Values{"redirect_uri": values[0]}, url.Values{"redirect_uri": values[1]}
		if _, err := bad.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "may not set redirect_uri") {
			t.Errorf("%q: %v", values, err)
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
		{State: testState[1:], RedirectURI: redirectURI},
		{State: testState}, {State: testState, RedirectURI: "/callback"}, {State: testState, RedirectURI: redirectURI + "#x"},
		{State: testState, RedirectURI: "http:///callback"}, {State: testState, RedirectURI: "https:///callback"},
		{State: testState, RedirectURI: "https://me@app.test/callback"}, {State: testState, RedirectURI: "http://["},
	} {
		if p, err := c.Begin(t.Context(), r); err == nil {
			t.Errorf("%+v began %s", r, p.URL)
		}
	}
}

// The request is written as the provider's entry says, and each text is escaped.
func TestAuthorizationRequestOfOAuth2(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*oauth.OAuth2)
		r      oauth.Request
		begins string // after the host
		want   url.Values
	}{
		"plain":             {func(*oauth.OAuth2) {}, oauth.Request{}, "/a?response_type=code&client_id=a%26b+c&", url.Values{"scope": {"read write"}, "response_mode": nil}},
		"with a query":      {func(p *oauth.OAuth2) { p.Endpoints.Authorize += "?x=y" }, oauth.Request{}, "/a?x=y&response_type=code&", url.Values{"x": {"y"}}},
		"with a bare ?":     {func(p *oauth.OAuth2) { p.Endpoints.Authorize += "?" }, oauth.Request{}, "/a?response_type=code&", nil},
		"posted":            {func(p *oauth.OAuth2) { p.FormPost = true }, oauth.Request{}, "/a?", url.Values{"response_mode": {"form_post"}}},
		"another separator": {func(p *oauth.OAuth2) { p.ScopeSeparator = "," }, oauth.Request{}, "/a?", url.Values{"scope": {"read,write"}}},
		"own scopes":        {func(*oauth.OAuth2) {}, oauth.Request{Scopes: []string{"own"}}, "/a?", url.Values{"scope": {"own"}}},
		"no scopes":         {func(*oauth.OAuth2) {}, oauth.Request{Scopes: []string{}}, "/a?", url.Values{"scope": nil}},
		"odd parameters":    {func(*oauth.OAuth2) {}, oauth.Request{Params: url.Values{"a&b=": {"c&d", "e"}}}, "/a?", url.Values{"a&b=": {"c&d", "e"}}},
	} {
		p := &oauth.OAuth2{
			ID: "x", Credentials: []oauth.Credentials{{ClientID: "a&b c", ClientSecret: "s"}, {ClientID: "second", ClientSecret: "s"}},
			Endpoints: oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", UserInfo: "https://op.test/u"},
			Profile:   oauth.Mapping{Subject: "id"}, Scopes: []string{"read", "write"},
		}
		tt.change(p)
		c, err := p.Open(oauth.Env{})
		if err != nil {
			t.Fatal(err)
		}
		tt.r.State, tt.r.RedirectURI = testState, redirectURI
		pending, err := c.Begin(t.Context(), tt.r)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(pending.URL, "https://op.test"+tt.begins) {
			t.Errorf("%s: %s", name, pending.URL)
		}
		q := query(t, pending)
		for parameter, values := range tt.want {
			if !slices.Equal(q[parameter], values) {
				t.Errorf("%s: %s is %q, want %q", name, parameter, q[parameter], values)
			}
		}
		scopes := tt.r.Scopes
		if scopes == nil {
			scopes = p.Scopes
		}
		if pending.ClientID != "a&b c" || pending.State != testState || pending.RedirectURI != redirectURI || !slices.Equal(pending.Scopes, scopes) {
			t.Errorf("%s: got %+v", name, pending)
		}
	}
	s := newStrictProvider(t)
	s.plain = true
	d := s.provider()
	d.WithoutPKCE = true
	if p, _ := flow(t, s, s.open(t, d), oauth.Request{}); p.Verifier != "" {
		t.Error("a verifier without PKCE")
	}
}
