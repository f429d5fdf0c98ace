package oauth_test

import (
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// flow begins a flow and lets the user say yes.
func flow(t *testing.T, s *strictProvider, c oauth.Client, r oauth.Request) (*oauth.Pending, url.Values) {
	t.Helper()
	if r.State == "" {
		r.State = testState
	}
	if r.RedirectURI == "" {
		r.RedirectURI = redirectURI
	}
	p, err := c.Begin(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p, s.authorize(p.URL)
}

func logIn(t *testing.T, s *strictProvider, c oauth.Client) *oauth.Grant {
	t.Helper()
	p, answer := flow(t, s, c, oauth.Request{})
	g, err := c.Complete(t.Context(), p, answer)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestOAuth2LogIn(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c, err := s.provider().Open(oauth.Env{HTTP: s.Client(), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	g := logIn(t, s, c)
	want := oauth.Profile{Subject: "42", DisplayName: "Matt", Email: "matt@lp.com", EmailVerified: true, Raw: g.Profile.Raw}
	if !reflect.DeepEqual(g.Profile, want) || g.ProviderID != "strict" {
		t.Errorf("got %+v", g.Profile)
	}
	if !g.Token.Expiry.Equal(now.Add(time.Hour)) || !reflect.DeepEqual(g.Token.Scopes, []string{"read", "write"}) || g.Token.Type != "bearer" {
		t.Errorf("got %+v", g.Token)
	}
}
