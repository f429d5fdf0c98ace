package socialtest_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

func TestRecordHoldsNoSecret(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("acme")
	conf := register(p, socialtest.App{ClientSecret: "clientsecret"}, "openid")
	token := logIn(t, conf, "ana")
	conf.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	if _, err := conf.TokenSource(context.Background(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token(); err != nil {
		t.Fatal(err)
	}
	fetch(t, conf.Client(t.Context(), token), "GET", p.Endpoints().UserInfo)
	for _, e := range []socialtest.Endpoint{socialtest.EndpointAuthorize, socialtest.EndpointToken, socialtest.EndpointUserInfo} {
		requests := p.Requests(e)
		if len(requests) == 0 {
			t.Errorf("no request of %s", e)
		}
		text, err := json.Marshal(requests)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"clientsecret", token.AccessToken, token.RefreshToken} {
			if strings.Contains(string(text), secret) {
				t.Errorf("the record of %s holds a secret", e)
			}
		}
	}
	if r := p.Requests(socialtest.EndpointToken)[0]; r.Form.Get("grant_type") != "authorization_code" || r.Authorization != "Basic" {
		t.Errorf("token request is %+v", r)
	}
	p.ResetCalls()
	if n := p.Calls(socialtest.EndpointToken); n != 0 {
		t.Errorf("%d calls after ResetCalls", n)
	}
}

func TestGrantWithoutAFlow(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	creds := p.Register(socialtest.App{})
	granted := p.Grant(creds.ClientID, "ana", "email")
	client := oauth2.NewClient(t.Context(), oauth2.StaticTokenSource(&oauth2.Token{AccessToken: granted.Access.Reveal()}))
	if status, user := fetch(t, client, "GET", p.Endpoints().UserInfo); status != 200 || user["login"] != "ana" {
		t.Errorf("status %d: %v", status, user)
	}
	if granted.Refresh == "" || granted.Expiry.IsZero() {
		t.Error("no refresh token or expiry")
	}
}

func TestFacebookRemovesPermissions(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("facebook")
	conf := register(p, socialtest.App{})
	client := conf.Client(t.Context(), logIn(t, conf, "ana"))
	me := strings.Replace(p.Endpoints().UserInfo, "/me", "/v19.0/me", 1)
	if status, user := fetch(t, client, "GET", me); status != 200 || user["email"] != nil {
		t.Errorf("status %d: %v", status, user)
	}
	if status, answer := fetch(t, client, "DELETE", p.Endpoints().Revoke); status != 200 || answer["success"] != true {
		t.Errorf("status %d: %v", status, answer)
	}
	if status, answer := fetch(t, client, "GET", me); status != 400 || at(answer, "error.code") != json.Number("190") {
		t.Errorf("status %d: %v", status, answer)
	}
}
