package socialtest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

var noRedirect = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func TestAuthorizeIsStrict(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	tests := []struct {
		name, provider string
		change         func(url.Values)
		complaint      string // on a page; nothing goes back
		code           string // on the callback
	}{
		{"unknown client", "hub", func(v url.Values) { v.Set("client_id", "nobody") }, "client_id", ""},
		{"no client", "hub", func(v url.Values) { v.Del("client_id") }, "client_id", ""},
		{"no redirect", "hub", func(v url.Values) { v.Del("redirect_uri") }, "redirect_uri is missing", ""},
		{"longer redirect", "hub", func(v url.Values) { v.Set("redirect_uri", callbackURL+"/x") }, "not registered", ""},
		{"redirect with query", "hub", func(v url.Values) { v.Set("redirect_uri", callbackURL+"?a=b") }, "not registered", ""},
		{"redirect with other case", "hub", func(v url.Values) { v.Set("redirect_uri", strings.ToUpper(callbackURL)) }, "not registered", ""},
		{"state twice", "hub", func(v url.Values) { v.Add("state", "b") }, "state appears twice", ""},
		{"no response type", "hub", func(v url.Values) { v.Del("response_type") }, "", "invalid_request"},
		{"token response", "hub", func(v url.Values) { v.Set("response_type", "token") }, "", "unsupported_response_type"},
		{"hybrid response", "acme", func(v url.Values) { v.Set("response_type", "code id_token") }, "", "unsupported_response_type"},
		{"no challenge", "hub", func(v url.Values) { v.Del("code_challenge"); v.Del("code_challenge_method") }, "", "invalid_request"},
		{"plain challenge", "hub", func(v url.Values) { v.Set("code_challenge_method", "plain") }, "", "invalid_request"},
		{"challenge without method", "google", func(v url.Values) { v.Del("code_challenge_method") }, "", "invalid_request"},
		{"method without challenge", "google", func(v url.Values) { v.Del("code_challenge") }, "", "invalid_request"},
		{"short challenge", "hub", func(v url.Values) { v.Set("code_challenge", "abc") }, "", "invalid_request"},
		{"fragment mode", "acme", func(v url.Values) { v.Set("response_mode", "fragment") }, "", "invalid_request"},
		{"no openid", "google", func(v url.Values) { v.Set("scope", "email") }, "", "invalid_scope"},
		{"prompt none and login", "acme", func(v url.Values) { v.Set("prompt", "none login") }, "", "invalid_request"},
		{"max_age text", "acme", func(v url.Values) { v.Set("max_age", "soon") }, "", "invalid_request"},
		{"request object", "acme", func(v url.Values) { v.Set("request", "e30.e30.") }, "", "request_not_supported"},
		{"request uri", "acme", func(v url.Values) { v.Set("request_uri", "urn:x") }, "", "request_uri_not_supported"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := srv.Provider(test.provider)
			conf := register(p, socialtest.App{}, "openid")
			u, err := url.Parse(conf.AuthCodeURL("st", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())))
			if err != nil {
				t.Fatal(err)
			}
			v := u.Query()
			test.change(v)
			u.RawQuery = v.Encode()
			req, err := socialtest.Decide(t.Context(), newBrowser(t), u.String(), "ana", true)
			if test.complaint != "" {
				if err == nil || !strings.Contains(err.Error(), test.complaint) {
					t.Errorf("error is %v, want one that says %q", err, test.complaint)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := req.Form.Get("error"); got != test.code || req.Form.Has("code") || req.Form.Get("state") != "st" {
				t.Errorf("callback has %v, want error %s", req.Form, test.code)
			}
		})
	}
}

// tokenRequest is a request to a token endpoint that a test may spoil.
type tokenRequest struct {
	method string
	query  url.Values
	form   url.Values
	header http.Header
}

func (r tokenRequest) send(t *testing.T, address string) (int, map[string]any) {
	t.Helper()
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, address, strings.NewReader(r.form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = r.header
	resp, err := noRedirect.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var fields map[string]any
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.NewDecoder(resp.Body).Decode(&fields); err != nil {
			t.Fatal(err)
		}
	}
	return resp.StatusCode, fields
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

func TestTokenEndpointIsStrict(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	const secret = "s3cret+/%:&"
	form := url.QueryEscape
	tests := []struct {
		name   string
		change func(r *tokenRequest, id string)
		status int
		says   string // "" succeeds
	}{
		{"all is well", func(*tokenRequest, string) {}, 200, ""},
		{"credentials as parameters", func(r *tokenRequest, id string) {
			r.header.Del("Authorization")
			r.form.Set("client_id", id)
			r.form.Set("client_secret", secret)
		}, 200, ""},
		{"GET", func(r *tokenRequest, _ string) { r.method = "GET"; r.query, r.form = r.form, nil }, 405, ""},
		{"JSON", func(r *tokenRequest, _ string) { r.header.Set("Content-Type", "application/json") }, 400, "form-encoded"},
		{"query", func(r *tokenRequest, _ string) { r.query = url.Values{"a": {"b"}} }, 400, "in the query"},
		{"code twice", func(r *tokenRequest, _ string) { r.form.Add("code", "x") }, 400, "code appears twice"},
		{"no authentication", func(r *tokenRequest, _ string) { r.header.Del("Authorization") }, 401, "missing"},
		{"two authentications", func(r *tokenRequest, _ string) { r.form.Set("client_secret", secret) }, 401, "two ways"},
		{"bearer", func(r *tokenRequest, _ string) { r.header.Set("Authorization", "Bearer x") }, 401, "not Basic"},
		{"secret not form-encoded", func(r *tokenRequest, id string) { r.header.Set("Authorization", basic(id, secret)) }, 401, "form-encoded"},
		{"wrong secret", func(r *tokenRequest, id string) { r.header.Set("Authorization", basic(id, "other")) }, 401, "wrong"},
		{"wrong secret as parameter", func(r *tokenRequest, id string) {
			r.header.Del("Authorization")
			r.form.Set("client_id", id)
			r.form.Set("client_secret", "other")
		}, 401, "wrong"},
		{"unknown client", func(r *tokenRequest, _ string) { r.header.Set("Authorization", basic("nobody", "x")) }, 401, "not registered"},
		{"other client_id", func(r *tokenRequest, _ string) { r.form.Set("client_id", "x") }, 401, "differs"},
		{"no grant type", func(r *tokenRequest, _ string) { r.form.Del("grant_type") }, 400, "grant_type is missing"},
		{"password grant", func(r *tokenRequest, _ string) { r.form.Set("grant_type", "password") }, 400, "unknown"},
		{"no code", func(r *tokenRequest, _ string) { r.form.Del("code") }, 400, "code is missing"},
		{"unknown code", func(r *tokenRequest, _ string) { r.form.Set("code", "x") }, 400, "unknown"},
		{"no redirect", func(r *tokenRequest, _ string) { r.form.Del("redirect_uri") }, 400, "redirect_uri differs"},
		{"other redirect", func(r *tokenRequest, _ string) { r.form.Set("redirect_uri", callbackURL+"2") }, 400, "redirect_uri differs"},
		{"no verifier", func(r *tokenRequest, _ string) { r.form.Del("code_verifier") }, 400, "code_verifier is missing"},
		{"other verifier", func(r *tokenRequest, _ string) { r.form.Set("code_verifier", oauth2.GenerateVerifier()) }, 400, "does not fit"},
		{"short verifier", func(r *tokenRequest, _ string) { r.form.Set("code_verifier", "short") }, 400, "43 to 128"},
		{"another application", func(r *tokenRequest, _ string) {
			other := srv.Provider("hub").Register(socialtest.App{RedirectURIs: []string{callbackURL}})
			r.header.Set("Authorization", basic(other.ClientID, form(other.ClientSecret.Reveal())))
		}, 400, "another application"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := srv.Provider("hub")
			conf := register(p, socialtest.App{
				ClientID: "id of " + test.name, ClientSecret: secret,
				RedirectURIs: []string{callbackURL, callbackURL + "2"},
			})
			verifier := oauth2.GenerateVerifier()
			v := decide(t, newBrowser(t), conf.AuthCodeURL("", oauth2.S256ChallengeOption(verifier)), "ana", true)
			r := tokenRequest{
				method: "POST",
				form: url.Values{
					"grant_type": {"authorization_code"}, "code": {v.Get("code")}, "redirect_uri": {callbackURL}, "code_verifier": {verifier},
				},
				header: http.Header{
					"Content-Type":  {"application/x-www-form-urlencoded"},
					"Authorization": {basic(form(conf.ClientID), form(secret))},
				},
			}
			test.change(&r, conf.ClientID)
			status, fields := r.send(t, p.Endpoints().Token)
			description, _ := fields["error_description"].(string)
			if status != test.status || !strings.Contains(description, test.says) {
				t.Errorf("status %d saying %q, want %d saying %q", status, description, test.status, test.says)
			}
			if (fields["access_token"] != nil) != (status == 200) {
				t.Errorf("answer is %v", fields)
			}
		})
	}
}

func TestCodeExpires(t *testing.T) {
	t.Parallel()
	clock := newClock()
	p := socialtest.Start(t, socialtest.Config{Now: clock.Now}).Provider("hub")
	conf := register(p, socialtest.App{})
	verifier := oauth2.GenerateVerifier()
	v := decide(t, newBrowser(t), conf.AuthCodeURL("", oauth2.S256ChallengeOption(verifier)), "ana", true)
	clock.Advance(2 * time.Minute)
	_, err := conf.Exchange(t.Context(), v.Get("code"), oauth2.VerifierOption(verifier))
	wantOAuthError(t, err, "invalid_grant", "expired")
}

func TestFoursquareIsStrict(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("foursquare")
	token := p.Grant(p.Register(socialtest.App{}).ClientID, "ana").Access.Reveal()
	tests := []struct {
		query  string
		status int
	}{
		{"v=20260101&oauth_token=" + token, 200},
		{"oauth_token=" + token, 400},
		{"v=1&oauth_token=" + token, 400},
		{"v=20261301&oauth_token=" + token, 400},
		{"v=20260101", 401},
		{"v=20260101&oauth_token=x", 401},
		{"v=20260101&v=20260101&oauth_token=" + token, 400},
	}
	for _, test := range tests {
		status, fields := fetch(t, http.DefaultClient, "GET", p.Endpoints().UserInfo+"?"+test.query)
		code, _ := at(fields, "meta.code").(json.Number)
		if n, _ := code.Int64(); status != test.status || int(n) != test.status {
			t.Errorf("status %d, meta.code %s, want %d: %v", status, code, test.status, fields)
		}
	}
}

func TestBearerIsStrict(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	for _, id := range []string{"google", "acme", "hub"} {
		p := srv.Provider(id)
		token := p.Grant(p.Register(socialtest.App{}).ClientID, "ana", "openid").Access.Reveal()
		for _, test := range []struct {
			authorization []string
			query         string
			status        int
		}{
			{[]string{"Bearer " + token}, "", 200},
			{nil, "", 401},
			{[]string{"Basic " + token}, "", 401},
			{[]string{"Bearer x"}, "", 401},
			{[]string{"Bearer " + token, "Bearer " + token}, "", 401},
			{[]string{"Bearer " + token}, "?access_token=" + token, 400},
		} {
			req, _ := http.NewRequest("GET", p.Endpoints().UserInfo+test.query, nil)
			req.Header["Authorization"] = test.authorization
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != test.status {
				t.Errorf("%s: %d headers: status %d, want %d", id, len(test.authorization), resp.StatusCode, test.status)
			}
		}
	}
}
