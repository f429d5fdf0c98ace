package providers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/providers"
	"github.com/gosocial/social/socialtest"
)

// Where the application may not ask for the address there is none, and nothing is verified.
func TestTwitterWithoutEmail(t *testing.T) {
	t.Parallel()
	const answer = `{"id":5,"id_str":"5","name":"J","screen_name":"j","profile_image_url_https":"https://pbs.twimg.com/j.png","email":null}`
	p := newPretend(t)
	p.gives("GET api.x.com/1.1/account/verify_credentials.json", answer, nil)
	got, err := p.open(providers.Twitter(credentials)).Profile(t.Context(), oauth.Token{Access: "a", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Raw) != answer {
		t.Errorf("Raw is %s", got.Raw)
	}
	sameProfile(t, *got, oauth.Profile{Subject: "5", DisplayName: "@j", FullName: "J", ProfileURL: "https://twitter.com/j", ImageURL: "https://pbs.twimg.com/j.png"})
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
