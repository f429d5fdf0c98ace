package oauth_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/gosocial/social/oauth"
)

// What a log-in asked for and what it was granted (RFC 6749 §5.1).
func TestVault22_RequestedAndGrantedScopes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scope    any // in the answer; nil leaves it out
		callback []string
		want     []string
	}{
		"named":                   {"read", nil, []string{"read"}},
		"left out":                {nil, nil, []string{"read", "write"}},
		"left out, in callback":   {nil, []string{"read"}, []string{"read"}},
		"by comma in callback":    {nil, []string{"read,more"}, []string{"read", "more"}},
		"empty in callback":       {nil, []string{""}, nil},
		"twice in callback":       {nil, []string{"read", "write"}, nil},
		"empty":                   {"", nil, nil},
		"blank":                   {" ", nil, nil},
		"empty list":              {[]string{}, nil, nil},
		"empty, in callback":      {"", []string{"read"}, nil},
		"named, more in callback": {"read", []string{"read write"}, []string{"read"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictProvider(t)
			s.extra = map[string]any{"scope": tc.scope}
			c := s.open(t, s.provider())
			p, answer := flow(t, s, c, oauth.Request{})
			if tc.callback != nil {
				answer["scope"] = tc.callback
			}
			g, err := c.Complete(t.Context(), p, answer)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(g.RequestedScopes, []string{"read", "write"}) || !slices.Equal(g.Token.Scopes, tc.want) || (g.Token.Scopes == nil) != (tc.want == nil) {
				t.Errorf("asked for %q, granted %q, want %q", g.RequestedScopes, g.Token.Scopes, tc.want)
			}
		})
	}
}

func TestVault22_MissingScopes(t *testing.T) {
	t.Parallel()
	d := oauth.Description{
		ScopeAliases:  map[string]string{"email": "https://scopes.test/email"},
		UnnamedScopes: []string{"offline"},
	}
	for name, tc := range map[string]struct{ requested, granted, want []string }{
		"all":                 {[]string{"a", "b"}, []string{"b", "a", "c"}, nil},
		"one":                 {[]string{"a", "b"}, []string{"a"}, []string{"b"}},
		"by alias":            {[]string{"a", "email"}, []string{"a", "https://scopes.test/email"}, nil},
		"alias not granted":   {[]string{"a", "email"}, []string{"a"}, []string{"email"}},
		"no alias backwards":  {[]string{"https://scopes.test/email"}, []string{"email"}, []string{"https://scopes.test/email"}},
		"never named":         {[]string{"a", "offline"}, []string{"a"}, nil},
		"unknown":             {[]string{"a"}, nil, nil},
		"one without a name":  {[]string{"a"}, []string{""}, []string{"a"}},
		"nothing requested":   {nil, []string{"a"}, nil},
		"case is significant": {[]string{"A"}, []string{"a"}, []string{"A"}},
	} {
		if got := d.MissingScopes(tc.requested, tc.granted); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	oidc := oauth.OIDC{OAuth2: oauth.OAuth2{UnnamedScopes: []string{"more"}}}
	if got := oidc.Description().MissingScopes([]string{"openid", "offline_access", "more", "email"}, []string{"profile"}); !slices.Equal(got, []string{"email"}) {
		t.Errorf("OpenID Connect lacks %q", got)
	}
}

func TestOAuth2Scopes(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string][]string{
		`"a b"`: {"a", "b"}, `"a,b"`: {"a", "b"}, `"a, b"`: {"a", "b"}, `["a","b"]`: {"a", "b"}, `"a"`: {"a"},
		`"a\tb\r\nc"`: {"a", "b", "c"}, `["a b","c"]`: {"a", "b", "c"}, `["a,b"]`: {"a,b"}, `[" "]`: {"read", "write"},
		`""`: {"read", "write"}, `" "`: {"read", "write"}, `null`: {"read", "write"}, `[]`: {"read", "write"}, `{"a":1}`: {"read", "write"}, `[1,null,"b"]`: {"1", "b"},
	} {
		got, err := ask(t, write(`{"access_token":"x","scope":`+scope+`}`))
		if err != nil || !reflect.DeepEqual(got.Scopes, want) {
			t.Errorf("%s: got %q, %v", scope, got.Scopes, err)
		}
	}
	s := newStrictProvider(t)
	s.extra = map[string]any{"scope": nil}
	if g := logIn(t, s, s.open(t, s.provider())); !reflect.DeepEqual(g.Token.Scopes, []string{"read", "write"}) {
		t.Errorf("without scope in the answer: %q", g.Token.Scopes)
	}
	d := s.provider()
	d.ScopeSeparator = ","
	c := s.open(t, d)
	p, _ := flow(t, s, c, oauth.Request{Scopes: []string{"one", "two"}})
	if got := query(t, p).Get("scope"); got != "one,two" || !reflect.DeepEqual(p.Scopes, []string{"one", "two"}) {
		t.Errorf("asked for %q", got)
	}
}

// What a scope allows is said in the provider's words, or in the standard's.
func TestScopeText(t *testing.T) {
	t.Parallel()
	for scope, want := range map[string]string{
		"openid": "know that it is you", "profile": "see your name and picture", "email": "see your e-mail address", "phone": "see your phone number",
		"address": "see your address", "offline_access": "stay connected while you are away",
	} {
		if text, ok := (oauth.Description{}).ScopeText(scope); !ok || text != want {
			t.Errorf("%q: %q, want %q", scope, text, want)
		}
	}
	p := &oauth.OIDC{OAuth2: oauth.OAuth2{ID: "acme", ScopeTexts: map[string]string{"email": "write to you", "nothing": ""}}}
	for scope, want := range map[string]string{
		"email": "write to you", "nothing": "", "profile": "see your name and picture", "offline_access": "stay connected while you are away", "toString": "unknown", "": "unknown",
	} {
		text, ok := p.Description().ScopeText(scope)
		if !ok {
			text = "unknown"
		}
		if text != want {
			t.Errorf("%q: %q, want %q", scope, text, want)
		}
	}
}
