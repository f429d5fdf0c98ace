package oauth_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// The parameters of the authorization request that a provider wants to see again.
func TestTokenRequestsThatRepeat(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change          func(*oauth.OAuth2)
		answer          string // of the code
		token, redirect string // scope of the token request; redirect_uri and scope of the refresh
		scope           string
	}{
		"nothing":          {func(*oauth.OAuth2) {}, `"scope":"read"`, "", "", ""},
		"the redirect URI": {func(p *oauth.OAuth2) { p.TokenRepeats = []string{"redirect_uri"} }, `"scope":"read"`, "", "https://app.test/cb", ""},
		"the scope": {func(p *oauth.OAuth2) {
			p.Scopes, p.TokenRepeats = []string{"read", "write"}, []string{"scope"}
		}, `"scope":"read"`, "read write", "", "read"},
		"both, and no scope in the answer": {func(p *oauth.OAuth2) {
			p.Scopes, p.ScopeSeparator, p.TokenRepeats = []string{"read", "write"}, ",", []string{"redirect_uri", "scope"}
		}, `"expires_in":60`, "read,write", "https://app.test/cb", "read,write"},
		"its name":  {func(p *oauth.OAuth2) { nameRedirect(p, "Nora-App"); p.TokenRepeats = []string{"redirect_uri"} }, `"scope":"read"`, "", "Nora-App", ""},
		"no scopes": {func(p *oauth.OAuth2) { p.Scopes, p.TokenRepeats = nil, []string{"scope"} }, `"expires_in":60`, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s := departing(t, tt.change, map[string]string{"POST https://own.test/token": `{"access_token":"at","refresh_token":"rt",` + tt.answer + `}`})
			g, _, err := logsIn(t, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			if f, _ := url.ParseQuery(s.seen[0].body); f.Get("scope") != tt.token || f.Has("scope") != (tt.token != "") {
				t.Errorf("the token request has %v", f)
			}
			// A refresh keeps what the next one has to repeat.
			token := &g.Token
			for range 2 {
				if token, err = c.(oauth.Refresher).Refresh(t.Context(), *token); err != nil {
					t.Fatal(err)
				}
				f, _ := url.ParseQuery(s.seen[len(s.seen)-1].body)
				if f.Get("redirect_uri") != tt.redirect || f.Get("scope") != tt.scope || f.Has("redirect_uri") != (tt.redirect != "") || f.Has("scope") != (tt.scope != "") {
					t.Errorf("the refresh has %v", f)
				}
			}
			// Of a token that came otherwise nothing is known.
			if _, err := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "rt"}); err != nil {
				t.Error(err)
			}
			if f, _ := url.ParseQuery(s.seen[len(s.seen)-1].body); f.Has("redirect_uri") || f.Has("scope") {
				t.Errorf("the refresh of another has %v", f)
			}
		})
	}
	p := &oauth.OAuth2{
		ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}}, Profile: oauth.Mapping{Subject: "id"}, TokenRepeats: []string{"state"},
		Endpoints: oauth.Endpoints{Authorize: "https://own.test/a", Token: "https://own.test/t", UserInfo: "https://own.test/me"},
	}
	if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), `TokenRepeats cannot have "state"`) {
		t.Errorf("another parameter: %v", err)
	}
}
