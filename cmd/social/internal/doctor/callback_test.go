package doctor

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// What a token request needs of a callback is made up, as far as it can be. Else the token
// endpoint cannot be checked, which is no fault.
func TestCallbacksThatTheTokenRequestNeeds(t *testing.T) {
	t.Parallel()
	var form url.Values
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			return
		}
		r.ParseForm()
		form = r.PostForm
		w.WriteHeader(http.StatusBadRequest)
		w.Write([]byte(`{"error":"invalid_grant"}`))
	}))
	t.Cleanup(s.Close)
	for name, tt := range map[string]struct {
		change func(*oauth.OAuth2)
		says   string
	}{
		"parameters": {func(p *oauth.OAuth2) {
			p.TokenParams = url.Values{"device_id": {"{callback:device_id}"}, "state": {"{callback:state}"}, "more": {"{callback:a}/{callback:b}"}}
		}, "widget ok token endpoint accepts the credentials"},
		"the server": {func(p *oauth.OAuth2) { p.Endpoints.Token = "{callback:server}/token" }, "widget ok token endpoint accepts the credentials"},
		"the host": {func(p *oauth.OAuth2) { p.Endpoints.Token = "http://{callback:host}/token" },
			"widget note token endpoint: it could not be checked, since only a log-in gives the callback that it needs (the provider did not say callback:host)"},
		"a signature": {func(p *oauth.OAuth2) {
			p.CheckCallback = func(url.Values, oauth.Credentials) error { return errors.New("hmac is wrong") }
		}, "widget note token endpoint: it could not be checked, since only a log-in gives the callback that it needs (hmac is wrong)"},
	} {
		p := &oauth.OAuth2{
			ID: "widget", Credentials: []oauth.Credentials{{ClientID: "application", ClientSecret: "secret"}}, Profile: oauth.Mapping{Subject: "id"},
			Endpoints: oauth.Endpoints{Authorize: s.URL + "/authorize", Token: s.URL + "/token", UserInfo: s.URL + "/me", API: s.URL},
		}
		tt.change(p)
		form = nil
		if findings := examine(t, p); !strings.Contains(findings, tt.says+"\n") && !strings.Contains(findings, tt.says+",") || strings.Contains(findings, "widget wrong") {
			t.Errorf("%s: it does not say %q:\n%s", name, tt.says, findings)
		}
		if name == "parameters" && (form.Get("device_id") != madeUpCode || form.Get("more") != madeUpCode+"/"+madeUpCode || len(form.Get("state")) < 22) {
			t.Errorf("it sends %v", form)
		}
	}
}
