package providers_test

import (
	"net/http"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
)

func TestFoursquare(t *testing.T) {
	t.Parallel()
	p := newPretend(t)
	p.givesToken("POST foursquare.com/oauth2/access_token", `{"access_token":"at-1"}`, true, inForm)
	p.gives("GET api.foursquare.com/v2/users/self", `{
		"meta": {"code": 200, "requestId": "5d0"},
		"notifications": [{"type": "notificationTray", "item": {"unreadCount": 0}}],
		"response": {"user": {
			"id": "12345", "firstName": "Matt", "lastName": "Wright", "gender": "male", "relationship": "self",
			"canonicalUrl": "https://foursquare.com/user/12345",
			"photo": {"prefix": "https://fastly.4sqi.net/img/user/", "suffix": "/ABC-1.jpg"},
			"contact": {"verifiedPhone": "false", "email": "matt@lp.com", "twitter": "mattupstate"}, "homeCity": "New York, NY"
		}}
	}`, func(r *http.Request) string {
		q := r.URL.Query()
		if q.Get("oauth_token") != "at-1" || len(q.Get("v")) != 8 || r.Header.Get("Authorization") != "" {
			return "token or version are not in the query"
		}
		return ""
	})
	c := p.open(providers.Foursquare(credentials))
	g := p.logIn(c, nil)
	sameProfile(t, g.Profile, oauth.Profile{
		Subject: "12345", DisplayName: "Matt Wright", FullName: "Matt Wright", Email: "matt@lp.com",
		ProfileURL: "https://foursquare.com/user/12345", ImageURL: "https://fastly.4sqi.net/img/user/300x300/ABC-1.jpg",
	})
	if !g.Token.Expiry.IsZero() || p.asked.Has("scope") {
		t.Errorf("expires %v, asked for %q", g.Token.Expiry, p.asked.Get("scope"))
	}
}
