package socialtest_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

// Another project's client goes through the device flow, with a person at the page.
func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id    string
		scope string
	}{{"hub", "email"}, {"acme", "openid"}, {"google", "openid"}} {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			p := socialtest.Start(t).Provider(tt.id)
			conf := register(p, socialtest.App{}, tt.scope)
			conf.Endpoint.DeviceAuthURL = p.Endpoints().DeviceAuthorization
			conf.Endpoint.AuthStyle = oauth2.AuthStyleInParams
			d, err := conf.DeviceAuth(t.Context(), oauth2.SetAuthURLParam("client_secret", conf.ClientSecret))
			if err != nil {
				t.Fatal(err)
			}
			if d.Interval != 1 || d.VerificationURIComplete != d.VerificationURI+"?user_code="+d.UserCode {
				t.Errorf("got %+v", d)
			}
			typed := d.VerificationURI + "?user_code=" + strings.ToLower(strings.ReplaceAll(d.UserCode, "-", ""))
			if err := socialtest.ConsentDevice(t.Context(), newBrowser(t), typed, "matt", true); err != nil {
				t.Fatal(err)
			}
			token, err := conf.DeviceAccessToken(t.Context(), d)
			if err != nil || token.AccessToken == "" || token.RefreshToken == "" {
				t.Fatalf("got %+v, %v", token, err)
			}
			if access, _ := p.Live("matt"); access != 1 {
				t.Errorf("matt has %d access tokens", access)
			}
			resp, err := http.Get(typed)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != http.StatusBadRequest {
				t.Errorf("the code is good for a second consent: status %d", resp.StatusCode)
			}
		})
	}
}

func TestDeviceTokenRefuses(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{}, "email")
	other := register(p, socialtest.App{})
	conf.Endpoint.DeviceAuthURL = p.Endpoints().DeviceAuthorization
	begin := func() *oauth2.DeviceAuthResponse {
		d, err := conf.DeviceAuth(t.Context(), oauth2.SetAuthURLParam("client_secret", conf.ClientSecret))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	ask := func(c *oauth2.Config, code string) string {
		form := url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {code},
			"client_id": {c.ClientID}, "client_secret": {c.ClientSecret},
		}
		resp, err := http.PostForm(p.Endpoints().Token, form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var answer struct{ Error string }
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return answer.Error
	}
	d := begin()
	for _, tt := range []struct{ name, want, got string }{
		{"at once", "slow_down", ask(conf, d.DeviceCode)},
		{"another application", "invalid_grant", ask(other, d.DeviceCode)},
		{"an unknown code", "invalid_grant", ask(conf, "x")},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, tt.got, tt.want)
		}
	}
	if err := socialtest.ConsentDevice(t.Context(), newBrowser(t), d.VerificationURI+"?user_code=BBBB-BBBB", "matt", true); err == nil {
		t.Error("an unknown code leads to a consent page")
	}
}
