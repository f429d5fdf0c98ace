package oauth_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// What the callback and the token answer say is a part of the profile where the mapping
// has it: which of the provider's servers or tenants the user's ID is of.
func TestSubjectOfTokenAndCallback(t *testing.T) {
	t.Parallel()
	change := func(p *oauth.OAuth2) {
		p.Endpoints.Token, p.Endpoints.UserInfo, p.Endpoints.Revoke = "{callback:server}/token", "{callback:server}/me", "{callback:server}/revoke/{token}?client={client_id}"
		p.APIHosts = []string{".own.test"}
		p.Profile = oauth.Mapping{Subject: "{id}@{callback:server}", DisplayName: "name|{token:team.name}", ProfileURL: "https://own.test/{token:team.name}"}
	}
	const me = "GET https://eu.own.test/me"
	answers := map[string]string{
		"POST https://eu.own.test/token": `{"access_token":"at","refresh_token":"rt","team":{"name":"Quill & Co"}}`, me: ` {"id":1} `,
		"POST https://eu.own.test/revoke/rt": `{}`, "POST https://eu.own.test/revoke/at": `{}`,
	}
	callback := url.Values{"server": {"https://eu.own.test"}}
	c, s := departing(t, change, answers)
	g, _, err := logsIn(t, c, callback)
	if err != nil {
		t.Fatal(err)
	}
	p := g.Profile
	if p.Subject != "1@https://eu.own.test" || p.DisplayName != "Quill & Co" || p.ProfileURL != "https://own.test/Quill%20&%20Co" || strings.TrimSpace(string(p.Raw)) != `{"id":1}` {
		t.Errorf("%+v, of %s", p, p.Raw)
	}
	if again, err := c.Profile(t.Context(), g.Token); err != nil || again.Subject != p.Subject {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil || len(s.seen) != 5 || s.seen[4].at != "POST https://eu.own.test/revoke/at" || s.seen[4].query.Get("client") != "key" {
		t.Errorf("revoked: %v, by %+v", err, s.seen)
	}
	// What was kept counts, and not what the answer has under its name.
	for name, answer := range map[string]string{
		"another": `{"id":1,"callback:server":"https://us.own.test"}`, "another, first": `{"callback:server":"https://us.own.test","id":1}`,
		"a text": `"1"`, "a list": `[1]`, "none": `{}`, "only another": `{"callback:server":"1"}`, "null": `null`, "no JSON": `{`,
	} {
		answers[me] = answer
		c, _ := departing(t, change, answers)
		g, _, err := logsIn(t, c, callback)
		if one := strings.HasPrefix(name, "another"); one != (err == nil) || one && g.Profile.Subject != "1@https://eu.own.test" {
			t.Errorf("%s: %+v, %v", name, g, err)
		}
	}
	// A token of which nothing is known has no user, and is sent nowhere.
	c, s = departing(t, change, answers)
	var f *oauth.ProviderError
	for name, extra := range map[string]map[string]secret.Text{"nothing": nil, "another host": {"callback:server": "https://evil.test"}} {
		token := oauth.Token{Access: "at", Refresh: "rt", Extra: extra}
		if _, err := c.Profile(t.Context(), token); !errors.As(err, &f) || len(s.seen) != 0 {
			t.Errorf("%s: %v", name, err)
		}
		if err := c.(oauth.Revoker).Revoke(t.Context(), token); !errors.As(err, &f) || f.Kind != oauth.Invalid || f.Op != "revoke" || len(s.seen) != 0 {
			t.Errorf("%s, revoked: %v", name, err)
		}
	}
	// By a request that the token signs itself, too.
	c, s = departing(t, func(p *oauth.OAuth2) {
		change(p)
		p.Endpoints.Revoke, p.Revocation = "{callback:server}/token", oauth.Revocation{Bearer: true}
	}, answers)
	if err := c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "at", Extra: map[string]secret.Text{"callback:server": "https://eu.own.test"}}); err != nil {
		t.Error(err)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), oauth.Token{Access: "at"}); !errors.As(err, &f) || f.Kind != oauth.Invalid || len(s.seen) != 1 {
		t.Errorf("revoked by itself: %v", err)
	}
}

// What later requests or the profile need of a callback is kept, and nothing else.
func TestKeptOfTheCallback(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 2048)
	for value, want := range map[string]string{"": "", "Nora": "Nora", long: long, long + "n": ""} {
		c, _ := departing(t, func(p *oauth.OAuth2) {
			p.RefreshParams = url.Values{"device": {"{callback:device}"}}
			p.Profile.DisplayName = "{callback:nick}|id"
		}, nil)
		g, _, err := logsIn(t, c, url.Values{"device": {"d"}, "nick": {value}, "other": {"x"}})
		if err != nil {
			t.Fatal(err)
		}
		kept, ok := g.Token.Extra["callback:nick"]
		if kept.Reveal() != want || ok != (want != "") || g.Token.Extra["callback:device"] != "d" || len(g.Token.Extra) > 2 {
			t.Errorf("of %d bytes: kept %v", len(value), g.Token.Extra)
		}
		if name := g.Profile.DisplayName; value == "Nora" && name != "Nora" || want == "" && name != "1" {
			t.Errorf("of %d bytes: the name is %s", len(value), name)
		}
	}
}
