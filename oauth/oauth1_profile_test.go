package oauth_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// The answer that has the access token may be the only place that says who the user is.
func TestOAuth1ProfileFromTheTokenAnswer(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/request":
			io.WriteString(w, "oauth_token=r&oauth_token_secret=rs&oauth_callback_confirmed=true")
		case "/token":
			io.WriteString(w, "oauth_token=CANARY-a&oauth_token_secret=CANARY-s&userID=475425&username=Z+User")
		default:
			t.Errorf("asked for %s", r.URL.Path)
		}
	}))
	defer srv.Close()
	p := &oauth.OAuth1{
		ID: "example", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
		Endpoints:        oauth.Endpoints{RequestToken: srv.URL + "/request", Authorize: srv.URL + "/authorize", Token: srv.URL + "/token"},
		ProfileFromToken: true, Profile: oauth.Mapping{Subject: "userID", DisplayName: "username"},
	}
	c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	g, err := c.Complete(t.Context(), beginOAuth1(t, c), url.Values{"oauth_token": {"r"}, "oauth_verifier": {"v"}})
	if err != nil {
		t.Fatal(err)
	}
	if g.Profile.Subject != "475425" || g.Profile.DisplayName != "Z User" || g.Token.Access != "CANARY-a" || strings.Contains(string(g.Profile.Raw), "CANARY") {
		t.Errorf("got %+v", g)
	}
	if _, err := c.Profile(t.Context(), g.Token); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("got %v", err)
	}
	p.ProfileFromToken = false
	if _, err := p.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "UserInfo is missing") {
		t.Errorf("got %v", err)
	}
}

// The rules for texts and addresses hold for the profile of a hook, too.
func TestOAuth1ProfileOfAHookIsTidied(t *testing.T) {
	t.Parallel()
	c := plainOAuth1(t, says(200, "", `{"a":1}`), func(p *oauth.OAuth1) {
		p.MapProfile = func(json.RawMessage) (oauth.Profile, error) {
			return oauth.Profile{Subject: "1", DisplayName: "J\u202e", ProfileURL: "javascript:alert(1)", ImageURL: "https://x.test/i"}, nil
		}
	})
	got, err := c.Profile(t.Context(), oauth.Token{Access: "a"})
	if err != nil {
		t.Fatal(err)
	}
	if want := (oauth.Profile{Subject: "1", DisplayName: "J", ImageURL: "https://x.test/i", Raw: json.RawMessage(`{"a":1}`)}); !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, want %+v", *got, want)
	}
}
