package oauth_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// A description says what an entry can do, and no more.
func TestDescriptionOfOAuth2(t *testing.T) {
	t.Parallel()
	base := oauth.Description{ID: "x", Name: "x", Mark: "x", Protocol: oauth.ProtocolOAuth2, Refresh: true}
	for name, tt := range map[string]struct {
		change func(*oauth.OAuth2)
		want   func(*oauth.Description)
	}{
		"least": {func(*oauth.OAuth2) {}, func(*oauth.Description) {}},
		"texts": {func(p *oauth.OAuth2) {
			p.Name, p.Scopes, p.UnnamedScopes, p.ScopeAliases = "X", []string{"a"}, []string{"u"}, map[string]string{"a": "b"}
			p.ScopeTexts = map[string]string{"a": "read all"}
			p.RegisterURL, p.Endpoints.API, p.Hints = "https://x.test/register", "https://api.x.test/", map[string]string{"login_hint": "user"}
		}, func(d *oauth.Description) {
			d.Name, d.Scopes, d.UnnamedScopes, d.ScopeAliases = "X", []string{"a"}, []string{"u"}, map[string]string{"a": "b"}
			d.ScopeTexts = map[string]string{"a": "read all"}
			d.RegisterURL, d.API, d.Hints = "https://x.test/register", "https://api.x.test/", []string{"login_hint"}
		}},
		"posts":            {func(p *oauth.OAuth2) { p.FormPost = true }, func(d *oauth.Description) { d.FormPost = true }},
		"trusted":          {func(p *oauth.OAuth2) { p.TrustEmail = true }, func(d *oauth.Description) { d.TrustEmail = true }},
		"an address":       {func(p *oauth.OAuth2) { p.Profile.Email = "email" }, func(d *oauth.Description) { d.Email = true }},
		"a verified one":   {func(p *oauth.OAuth2) { p.Profile.EmailVerified = "v" }, func(d *oauth.Description) { d.VerifiedEmail = true }},
		"late refresh":     {func(p *oauth.OAuth2) { p.LateRefresh = true }, func(d *oauth.Description) { d.LateRefresh = true }},
		"no refresh":       {func(p *oauth.OAuth2) { p.NoRefresh = true }, func(d *oauth.Description) { d.Refresh = false }},
		"revocation":       {func(p *oauth.OAuth2) { p.Endpoints.Revoke = "https://x.test/r" }, func(d *oauth.Description) { d.Revoke = true }},
		"of whole grants":  {func(p *oauth.OAuth2) { p.Endpoints.Revoke, p.Revocation.EndsGrant = "https://x.test/r", true }, func(d *oauth.Description) { d.Revoke, d.EndsGrant = true, true }},
		"whole, but where": {func(p *oauth.OAuth2) { p.Revocation.EndsGrant = true }, func(*oauth.Description) {}},
	} {
		p := &oauth.OAuth2{
			ID: "x", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "s"}},
			Endpoints: oauth.Endpoints{Authorize: "https://x.test/a", Token: "https://x.test/t", UserInfo: "https://x.test/u"},
			Profile:   oauth.Mapping{Subject: "id"},
		}
		tt.change(p)
		want := base
		tt.want(&want)
		c, err := p.Open(oauth.Env{})
		if err != nil {
			t.Fatal(err)
		}
		for _, got := range []oauth.Description{p.Description(), c.Description()} {
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
		}
	}
}

// A hook that reads profiles needs no mapping; without either, and with several faults,
// the first is named.
func TestOAuth2OpenWithHooks(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Profile = oauth.Mapping{}
	d.MapProfile = func(json.RawMessage) (oauth.Profile, error) {
		return oauth.Profile{Subject: "7", Email: " a@x.test ", DisplayName: "A\x00B"}, nil
	}
	c := s.open(t, d)
	g := logIn(t, s, c)
	if g.Profile.Subject != "7" || strings.ContainsAny(g.Profile.DisplayName, "\x00") || string(g.Profile.Raw) == "" || g.Profile.EmailVerified {
		t.Errorf("got %+v", g.Profile)
	}
	d.MapProfile = func(json.RawMessage) (oauth.Profile, error) { return oauth.Profile{Subject: "7"}, errors.New("odd") }
	_, err := s.open(t, d).Profile(t.Context(), g.Token)
	wantKind(t, err, oauth.Invalid)

	d.ProfileFromToken = true
	_, err = s.open(t, d).Profile(t.Context(), g.Token)
	if f := failure(t, err); f.Kind != oauth.Operator || !errors.Is(f, errors.ErrUnsupported) {
		t.Errorf("a profile that comes with the token alone: %v", err)
	}

	d = s.provider()
	d.Endpoints.UserInfo, d.RequireIssuer = "", true
	if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "Endpoints.UserInfo") {
		t.Errorf("got %v", err)
	}
	for _, oidc := range []bool{false, true} {
		op := newOpenIDProvider(t)
		var c oauth.Client = s.open(t, s.provider())
		if oidc {
			c = op.open(t, op.provider())
		}
		if key := c.CallbackKey(url.Values{"state": {"s"}, "code": {"c"}}); key != "s" {
			t.Errorf("the callback's key is %q", key)
		}
	}
}
