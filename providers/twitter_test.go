package providers_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
)

const twitterUser = `{
	"id": 1465542195738697729, "id_str": "1465542195738697729",
	"name": "Jürgen O'Neill ☃", "screen_name": "juergen_o", "location": "Köln",
	"description": "maps & trains", "url": null, "protected": false, "verified": false,
	"followers_count": 42, "friends_count": 7, "listed_count": 0, "favourites_count": 3, "statuses_count": 128,
	"created_at": "Tue Nov 30 05:02:22 +0000 2021", "utc_offset": null, "time_zone": null, "geo_enabled": false, "lang": null,
	"profile_background_image_url": null, "profile_background_image_url_https": null,
	"profile_image_url": "http://pbs.twimg.com/profile_images/1465542341121552384/x_normal.jpg",
	"profile_image_url_https": "https://pbs.twimg.com/profile_images/1465542341121552384/x_normal.jpg",
	"default_profile": true, "default_profile_image": false, "following": false, "follow_request_sent": false,
	"notifications": false, "suspended": false, "needs_phone_verification": false, "withheld_in_countries": [],
	"email": "juergen@example.com"
}`

func TestTwitterProfile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answer string
		want   oauth.Profile
	}{
		"with e-mail": {twitterUser, oauth.Profile{
			Subject: "1465542195738697729", DisplayName: "@juergen_o", FullName: "Jürgen O'Neill ☃",
			Email: "juergen@example.com", EmailVerified: true,
			ProfileURL: "https://twitter.com/juergen_o",
			ImageURL:   "https://pbs.twimg.com/profile_images/1465542341121552384/x_normal.jpg",
		}},
		"without e-mail": {`{"id":5,"id_str":"5","name":"J","screen_name":"j","profile_image_url_https":"https://pbs.twimg.com/j.png","email":null}`, oauth.Profile{
			Subject: "5", DisplayName: "@j", FullName: "J",
			ProfileURL: "https://twitter.com/j", ImageURL: "https://pbs.twimg.com/j.png",
		}},
	} {
		var query url.Values
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			query = r.URL.Query()
			w.Header().Set("Content-Type", "application/json;charset=utf-8")
			io.WriteString(w, tc.answer)
		}))
		defer srv.Close()
		p := providers.Twitter(oauth.Credentials{ClientID: "key", ClientSecret: "secret"})
		p.Endpoints.UserInfo = srv.URL + "/1.1/account/verify_credentials.json"
		c, err := p.Open(oauth.Env{HTTP: srv.Client()})
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Profile(t.Context(), oauth.Token{Access: "a", Secret: "s"})
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Raw) != tc.answer {
			t.Errorf("%s: Raw is not the answer", name)
		}
		got.Raw = nil
		if got.Subject != tc.want.Subject || got.DisplayName != tc.want.DisplayName || got.FullName != tc.want.FullName ||
			got.Email != tc.want.Email || got.EmailVerified != tc.want.EmailVerified || got.ProfileURL != tc.want.ProfileURL || got.ImageURL != tc.want.ImageURL {
			t.Errorf("%s: got %+v, want %+v", name, *got, tc.want)
		}
		if query.Get("include_email") != "true" {
			t.Errorf("%s: asked with %v", name, query)
		}
	}
}

func TestTwitterLogIn(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	twitter := srv.Provider("twitter")
	const callback = "https://app.test/callback/twitter"
	p := providers.Twitter(twitter.Register(socialtest.App{RequestEmail: true, RedirectURIs: []string{callback}}))
	p.Endpoints = twitter.Endpoints()
	c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := c.Begin(t.Context(), oauth.Request{RedirectURI: callback})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := socialtest.Decide(context.Background(), &http.Client{}, pending.URL, "matt", true)
	if err != nil {
		t.Fatal(err)
	}
	grant, err := c.Complete(t.Context(), pending, answer.URL.Query())
	if err != nil {
		t.Fatal(err)
	}
	if got := grant.Profile; got.Subject != "1700000000000000001" || got.DisplayName != "@matt" || got.Email != "matt@lp.com" || !got.EmailVerified {
		t.Errorf("profile %+v", got)
	}
	if err := c.(oauth.Revoker).Revoke(t.Context(), grant.Token); err != nil {
		t.Error(err)
	}
	if n, _ := twitter.Live("matt"); n != 0 {
		t.Errorf("%d tokens live after revocation", n)
	}
}

func TestTwitterReachesItsOwnHostsOnly(t *testing.T) {
	t.Parallel()
	p := providers.Twitter(oauth.Credentials{ClientID: "key", ClientSecret: "secret"})
	c, err := p.Open(oauth.Env{})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://api.x.com/2/tweets":                      true,
		"https://api.twitter.com/1.1/statuses/x.json":     true,
		"https://upload.twitter.com/1.1/media/upload":     true,
		"http://api.x.com/1.1/statuses/update.json":       false,
		"https://pbs.twimg.com/profile_images/1/x.jpg":    false,
		"https://twitter.com/":                            false,
		"https://api.twitter.com.evil.test/1.1/x":         false,
		"https://evil.test/?" + strings.Repeat("a=b&", 3): false,
	} {
		u, _ := url.Parse(address)
		if c.Allows(t.Context(), u) != want {
			t.Errorf("%s: want %t", address, want)
		}
	}
	if d := p.Description(); !d.Email || !d.VerifiedEmail || !d.Revoke || d.Refresh || d.TrustEmail || d.Protocol != oauth.ProtocolOAuth1 {
		t.Errorf("%+v", d)
	}
}
