package providers_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestLinkedIn(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST www.linkedin.com/oauth/v2/accessToken",
		`{"access_token":"at-1","expires_in":5183999,"scope":"email,openid,profile","token_type":"Bearer","id_token":"e30.e30.e30"}`, false, inForm)
	p.gives("GET api.linkedin.com/v2/userinfo", `{
		"sub": "782bbtaQ", "name": "John Doe", "given_name": "John", "family_name": "Doe",
		"picture": "https://media.licdn-ei.com/dms/image/C5F03AQHqK8v7tB1HCQ/profile-displayphoto-shrink_100_100/0/",
		"locale": {"country": "US", "language": "en"}, "email": "doe@email.com", "email_verified": true
	}`, bearer)
	p.gives("POST www.linkedin.com/oauth/v2/revoke", ``, func(r *http.Request) string {
		if r.PostForm.Get("token") != "at-1" {
			return "no token"
		}
		return inForm(r)
	})
	c := p.open(providers.LinkedIn(credentials))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "782bbtaQ", DisplayName: "John Doe", FullName: "John Doe", Email: "doe@email.com", EmailVerified: true,
		ImageURL: "https://media.licdn-ei.com/dms/image/C5F03AQHqK8v7tB1HCQ/profile-displayphoto-shrink_100_100/0/",
	})
	if p.asked.Has("code_challenge") || len(g.Token.Scopes) != 3 {
		t.Errorf("asked %v, scopes %q", p.asked, g.Token.Scopes)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), g.Token); err != nil {
		t.Error(err)
	}
}
