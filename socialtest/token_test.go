package socialtest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := socialtest.Start(t, socialtest.Config{Now: clock.Now}).Provider("hub")
	p.SetTokenLife(time.Minute)
	conf := register(p, socialtest.App{})
	token := logIn(t, conf, "ana")
	client := oauth2.NewClient(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token.AccessToken}))
	if status, _ := fetch(t, client, "GET", p.Endpoints().UserInfo); status != 200 {
		t.Errorf("status %d before", status)
	}
	clock.Advance(time.Minute)
	if status, answer := fetch(t, client, "GET", p.Endpoints().UserInfo); status != 401 || answer["error"] != "invalid_token" {
		t.Errorf("status %d after: %v", status, answer)
	}
}

func TestRefreshIsStrict(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{}, "email")
	other := register(p, socialtest.App{}, "email")
	token := logIn(t, conf, "ana")
	tests := []struct {
		name, token, scope, says string
		conf                     *oauth2.Config
	}{
		{"access token", token.AccessToken, "", "unknown", conf},
		{"another application", token.RefreshToken, "", "another application", other},
		{"more scope", token.RefreshToken, "email admin", "not granted", conf},
		{"none", "", "", "missing", conf},
	}
	for _, test := range tests {
		r := tokenRequest{
			method: "POST",
			form:   url.Values{"grant_type": {"refresh_token"}, "refresh_token": {test.token}},
			header: http.Header{
				"Content-Type":  {"application/x-www-form-urlencoded"},
				"Authorization": {basic(test.conf.ClientID, test.conf.ClientSecret)},
			},
		}
		if test.scope != "" {
			r.form.Set("scope", test.scope)
		}
		status, fields := r.send(t, p.Endpoints().Token)
		description, _ := fields["error_description"].(string)
		if status != 400 || !strings.Contains(description, test.says) {
			t.Errorf("%s: status %d saying %q", test.name, status, description)
		}
	}
	p.RevokeRefreshTokens("ana")
	_, err := conf.TokenSource(t.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	wantOAuthError(t, err, "invalid_grant", "revoked")
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	for _, id := range []string{"google", "acme", "hub"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			p := srv.Provider(id)
			conf := register(p, socialtest.App{}, "openid")
			token := logIn(t, conf, "ana", oauth2.AccessTypeOffline)
			revoke := func(token, authorization string) int {
				status, _ := tokenRequest{
					method: "POST", form: url.Values{"token": {token}},
					header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Authorization": {authorization}},
				}.send(t, p.Endpoints().Revoke)
				return status
			}
			if status := revoke(token.RefreshToken, basic(conf.ClientID, "wrong")); status != 401 {
				t.Errorf("wrong secret: status %d", status)
			}
			other := p.Register(socialtest.App{})
			if status := revoke(token.RefreshToken, basic(other.ClientID, other.ClientSecret.Reveal())); status != 400 {
				t.Errorf("another application: status %d", status)
			}
			if status := revoke(token.RefreshToken, basic(conf.ClientID, conf.ClientSecret)); status != 200 {
				t.Errorf("status %d", status)
			}
			if access, refresh := p.Live("ana"); access+refresh != 0 {
				t.Errorf("%d access and %d refresh tokens live", access, refresh)
			}
			want := 200 // RFC 7009 §2.2
			if id == "google" {
				want = 400
			}
			if status := revoke("unknown", basic(conf.ClientID, conf.ClientSecret)); status != want {
				t.Errorf("unknown token: status %d, want %d", status, want)
			}
		})
	}
}

func TestRefreshTokenIsNoAccessToken(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	refresh := p.Grant(p.Register(socialtest.App{}).ClientID, "ana").Refresh.Reveal()
	client := oauth2.NewClient(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: refresh}))
	if status, _ := fetch(t, client, "GET", p.Endpoints().UserInfo); status != 401 {
		t.Errorf("status %d", status)
	}
}
