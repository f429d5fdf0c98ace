package oauth_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/socialtest"
)

func TestSecurity07_HintsAreWhatTheEntryAllows(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		entry   func(*oauth.OAuth2)
		request oauth.Request
		want    string // the parameters of interest
	}{
		"standard": {nil, oauth.Request{Hints: map[string]string{"login_hint": "jane@example.com", "prompt": "login", "locale": "de"}},
			"login_hint=jane%40example.com&prompt=login&ui_locales=de"},
		"not the entry's": {nil, oauth.Request{Hints: map[string]string{"hd": "example.com", "acr_values": "x", "display": "popup"}}, ""},
		"named otherwise": {func(p *oauth.OAuth2) { p.Hints = map[string]string{"locale": "lang"} },
			oauth.Request{Hints: map[string]string{"locale": "de", "prompt": "login"}}, "lang=de"},
		"none":              {func(p *oauth.OAuth2) { p.Hints = map[string]string{} }, oauth.Request{Hints: map[string]string{"prompt": "login"}}, ""},
		"reserved":          {nil, oauth.Request{Hints: map[string]string{"nonce": "x", "state": "x", "max_age": "1"}}, ""},
		"unknown words":     {nil, oauth.Request{Hints: map[string]string{"prompt": "login everything"}}, "prompt=login"},
		"none with another": {nil, oauth.Request{Hints: map[string]string{"prompt": "none"}, ChooseAccount: true}, "prompt=select_account"},
		"none alone":        {nil, oauth.Request{Hints: map[string]string{"prompt": "none"}}, "prompt=none"},
		"too long":          {nil, oauth.Request{Hints: map[string]string{"login_hint": strings.Repeat("a", 256)}}, ""},
		"control character": {nil, oauth.Request{Hints: map[string]string{"login_hint": "a\nb"}}, ""},
		"configured stays": {func(p *oauth.OAuth2) { p.AuthParams = url.Values{"ui_locales": {"fr"}, "prompt": {"consent"}} },
			oauth.Request{Hints: map[string]string{"locale": "de", "prompt": "login"}}, "prompt=consent+login&ui_locales=fr"},
		"account": {nil, oauth.Request{ChooseAccount: true}, "prompt=select_account"},
		"account, otherwise": {func(p *oauth.OAuth2) { p.ChooseAccount = url.Values{"force": {"true"}} },
			oauth.Request{ChooseAccount: true}, "force=true"},
		"a new proof": {nil, oauth.Request{Reauthenticate: true, Hints: map[string]string{"prompt": "none"}}, "max_age=0&prompt=login"},
		"a new proof, otherwise": {func(p *oauth.OAuth2) { p.Reauthenticate = url.Values{"force": {"true"}} },
			oauth.Request{Reauthenticate: true}, "force=true"},
		"a new proof, of an age":          {nil, oauth.Request{Reauthenticate: true, MaxAge: time.Minute}, "max_age=60&prompt=login"},
		"consent without a refresh token": {nil, oauth.Request{Consent: true}, ""},
		"consent for one":                 {nil, oauth.Request{Consent: true, Scopes: []string{"openid", "offline_access"}}, "prompt=consent"},
		"new account":                     {nil, oauth.Request{Hints: map[string]string{"prompt": "create"}}, "prompt=create"},
		"consent as a word":               {nil, oauth.Request{Hints: map[string]string{"prompt": "consent select_account"}}, "prompt=consent+select_account"},
		"words of none":                   {nil, oauth.Request{Hints: map[string]string{"prompt": "everything"}}, ""},
		"a word twice":                    {nil, oauth.Request{Hints: map[string]string{"prompt": "login login"}}, "prompt=login"},
		"empty":                           {nil, oauth.Request{Hints: map[string]string{"login_hint": "", "prompt": ""}}, ""},
		"as long as can be":               {nil, oauth.Request{Hints: map[string]string{"login_hint": strings.Repeat("a", 255)}}, "login_hint=" + strings.Repeat("a", 255)},
		"the request's own":               {nil, oauth.Request{Params: url.Values{"ui_locales": {"fr"}, "b": {"1", "2"}}, Hints: map[string]string{"locale": "de"}}, "b=1&b=2&ui_locales=fr"},
		"as many of both":                 {nil, oauth.Request{Params: url.Values{"b": {"1"}}, Hints: map[string]string{"locale": "de"}}, "b=1&ui_locales=de"},
		"instead of the entry":            {func(p *oauth.OAuth2) { p.AuthParams = url.Values{"a": {"1"}, "b": {"2"}} }, oauth.Request{Params: url.Values{"a": {"3"}}}, "a=3&b=2"},
		"several values": {func(p *oauth.OAuth2) { p.AuthParams = url.Values{"prompt": {"login", "create"}} },
			oauth.Request{Hints: map[string]string{"prompt": "consent"}}, "prompt=login+create+consent"},
		"several values to add": {func(p *oauth.OAuth2) {
			p.ChooseAccount = url.Values{"prompt": {"login", "create"}, "a": {"1"}, "b": {"1"}}
		},
			oauth.Request{ChooseAccount: true, Params: url.Values{"a": {"2"}}}, "a=2&b=1&prompt=login+create"},
		"not asked for": {func(p *oauth.OAuth2) {
			p.ChooseAccount, p.Consent, p.Reauthenticate = url.Values{"a": {"1"}}, url.Values{"b": {"1"}}, url.Values{"c": {"1"}}
		}, oauth.Request{}, ""},
		"consent of the entry": {func(p *oauth.OAuth2) { p.Consent = url.Values{"prompt": {"consent"}} },
			oauth.Request{Consent: true, ChooseAccount: true}, "prompt=consent+select_account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := providerAt("https://op.test")
			p.Endpoints = oauth.Endpoints{Authorize: "https://op.test/a", Token: "https://op.test/t", Keys: "https://op.test/k"} // no discovery
			if tt.entry != nil {
				tt.entry(&p.OAuth2)
			}
			c, err := p.Open(oauth.Env{})
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(begin(t, c, tt.request).URL)
			if err != nil {
				t.Fatal(err)
			}
			q := u.Query()
			for _, name := range []string{"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "code_challenge_method"} {
				if len(q[name]) != 1 || q.Get(name) == "x" {
					t.Errorf("%s is %q", name, q[name])
				}
				q.Del(name)
			}
			if got := q.Encode(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSecurity07_EntriesOfHintsMayNotSetReservedParameters(t *testing.T) {
	t.Parallel()
	op := newOpenIDProvider(t)
	for name, change := range map[string]func(*oauth.OAuth2){
		"hint":    func(p *oauth.OAuth2) { p.Hints = map[string]string{"locale": "State"} },
		"consent": func(p *oauth.OAuth2) { p.Consent = url.Values{"nonce": {"x"}} },
		"account": func(p *oauth.OAuth2) { p.ChooseAccount = url.Values{"scope": {"x"}} },
		"proof":   func(p *oauth.OAuth2) { p.Reauthenticate = url.Values{"max_age": {"1"}} },
	} {
		p := op.provider()
		change(&p.OAuth2)
		p.Endpoints = oauth.Endpoints{Authorize: op.URL + "/authorize", Token: op.URL + "/token", Keys: op.URL + "/keys"}
		if _, err := p.Open(oauth.Env{}); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
}

func TestHintsOfOAuth1(t *testing.T) {
	t.Parallel()
	pretend := socialtest.Start(t).Provider("twitter")
	p := &oauth.OAuth1{
		ID: "example", Credentials: []oauth.Credentials{pretend.Register(socialtest.App{RedirectURIs: []string{oauth1Callback}})},
		Endpoints: pretend.Endpoints(), Profile: oauth.Mapping{Subject: "id"},
		Hints: map[string]string{"login_hint": "screen_name"}, ChooseAccount: url.Values{"force_login": {"true"}},
	}
	if got := p.Description().Hints; !slices.Equal(got, []string{"login_hint"}) {
		t.Errorf("hints %q", got)
	}
	c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := c.Begin(t.Context(), oauth.Request{
		RedirectURI: oauth1Callback, Hints: map[string]string{"login_hint": "jane", "oauth_token": "x"}, ChooseAccount: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(pending.URL)
	if q := u.Query(); q.Get("screen_name") != "jane" || q.Get("force_login") != "true" || len(q["oauth_token"]) != 1 {
		t.Errorf("got %v", q)
	}
	p.ChooseAccount = url.Values{"OAUTH_token": {"x"}}
	if _, err := p.Open(oauth.Env{}); err == nil {
		t.Error("ChooseAccount may set a parameter of the protocol")
	}
}

func TestSessionOfTheIDToken(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		sid  any
		want string
	}{
		"text": {"08a5019c", "08a5019c"}, "none": {nil, ""}, "number": {7, ""}, "too long": {strings.Repeat("s", 256), ""}, "control": {"a\x00b", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			op := newOpenIDProvider(t)
			op.claims = set("sid", tt.sid)
			if got := mustLogin(t, op, op.open(t, op.provider())).SessionID; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
