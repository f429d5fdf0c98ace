package providers_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestFacebook(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST graph.facebook.com/v24.0/oauth/access_token", `{"access_token":"at-1","token_type":"bearer","expires_in":5183944}`, true, inForm)
	p.gives("GET graph.facebook.com/v24.0/me", `{
		"id": "10158231234567890", "name": "Matt Wright", "email": "matt\u0040lp.com",
		"picture": {"data": {"height": 50, "is_silhouette": false, "url": "https:\/\/platform-lookaside.fbsbx.com\/platform\/profilepic\/?asid=10158231234567890&hash=AbZ", "width": 50}}
	}`, func(r *http.Request) string {
		if r.URL.Query().Get("fields") != "id,name,email,picture" {
			return "other fields"
		}
		return bearer(r)
	})
	p.gives("DELETE graph.facebook.com/v24.0/me/permissions", `{"success":true}`, bearer)
	c := p.open(providers.Facebook(credentials))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "10158231234567890", DisplayName: "Matt Wright", FullName: "Matt Wright", Email: "matt@lp.com",
		ProfileURL: "https://www.facebook.com/10158231234567890",
		ImageURL:   "https://platform-lookaside.fbsbx.com/platform/profilepic/?asid=10158231234567890&hash=AbZ",
	})
	if p.asked.Get("scope") != "public_profile,email" {
		t.Errorf("asked for %q", p.asked.Get("scope"))
	}
	if g.Token.Expiry.IsZero() || c.Description().Refresh {
		t.Error("expiry or refresh is wrong")
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
		t.Error(err)
	}
	u, _ := url.Parse("https://graph.facebook.com/v24.0/me/friends")
	if !c.Allows(t.Context(), u) {
		t.Error("the Graph API is not allowed")
	}
}
