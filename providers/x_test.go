package providers_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestX(t *testing.T) {
	t.Parallel()
	basic := func(r *http.Request) string {
		if id, secret, ok := r.BasicAuth(); !ok || id != "key" || secret != "secret" {
			return "no basic authentication"
		}
		return ""
	}
	p := newPretend(t)
	p.givesToken("POST api.x.com/2/oauth2/token",
		`{"token_type":"bearer","expires_in":7200,"access_token":"at-1","scope":"users.read tweet.read offline.access","refresh_token":"rt-1"}`, true, basic)
	p.gives("GET api.x.com/2/users/me", `{"data": {
		"id": "2244994945", "name": "X Developers", "username": "XDevelopers", "profile_image_url": "https://pbs.twimg.com/profile_images/1/a_normal.jpg"
	}}`, func(r *http.Request) string {
		if r.URL.Query().Get("user.fields") != "profile_image_url" {
			return "no picture asked for"
		}
		return bearer(r)
	})
	revoked := 0
	p.gives("POST api.x.com/2/oauth2/revoke", `{"revoked":true}`, func(r *http.Request) string { revoked++; return basic(r) })
	c := p.open(providers.X(credentials))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "2244994945", DisplayName: "@XDevelopers", FullName: "X Developers",
		ProfileURL: "https://x.com/XDevelopers", ImageURL: "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
	})
	fresh, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token)
	if err != nil || fresh.Refresh != "rt-1" {
		t.Errorf("refresh: %v", err)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil || revoked != 2 {
		t.Errorf("revoked %d: %v", revoked, err)
	}
}
