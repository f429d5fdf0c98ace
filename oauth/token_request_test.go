package oauth_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/secret"
)

// plainOAuth2 opens a provider whose answers are made without a network.
func plainOAuth2(t *testing.T, answer roundTrip, change ...func(*oauth.OAuth2)) oauth.Client {
	t.Helper()
	p := &oauth.OAuth2{
		ID: "plain", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}},
		Endpoints: oauth.Endpoints{Authorize: "https://a.test/authorize", Token: "https://a.test/token", UserInfo: "https://a.test/me"},
		Profile:   oauth.Mapping{Subject: "id"},
	}
	for _, f := range change {
		f(p)
	}
	c, err := p.Open(oauth.Env{HTTP: &http.Client{Transport: answer}, Now: func() time.Time { return testNow }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// exchange completes a flow with a callback.
func exchange(t *testing.T, c oauth.Client, p oauth.Pending, more url.Values) (*oauth.Grant, error) {
	t.Helper()
	p.State, p.RedirectURI, p.Verifier = testState, redirectURI, "verifier"
	answer := url.Values{"state": {testState}, "code": {"code"}}
	for name, values := range more {
		answer[name] = values
	}
	return c.Complete(t.Context(), &p, answer)
}

// What goes into the two requests to a token endpoint (RFC 6749 §4.1.3, §6).
func TestOAuth2TokenRequests(t *testing.T) {
	t.Parallel()
	const code = "code=code&code_verifier=verifier&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.test%2Fcallback%2Fstrict"
	const basic = "Basic a2V5OnNlY3JldA=="
	for name, tc := range map[string]struct {
		change               func(*oauth.OAuth2)
		callback             url.Values
		clientID             string
		exchange, refresh    string // the forms
		authorization, extra string
	}{
		"plain": {func(*oauth.OAuth2) {}, nil, "", code, "grant_type=refresh_token&refresh_token=r", basic, "map[]"},
		"without PKCE": {func(p *oauth.OAuth2) { p.WithoutPKCE = true }, nil, "",
			strings.ReplaceAll(code, "&code_verifier=verifier", ""), "grant_type=refresh_token&refresh_token=r", basic, "map[]"},
		"parameters of the entry": {func(p *oauth.OAuth2) {
			p.TokenParams, p.RefreshParams = url.Values{"audience": {"x", "y"}}, url.Values{"z": {"1"}}
		}, nil, "", "audience=x&audience=y&" + code, "grant_type=refresh_token&refresh_token=r&z=1", basic, "map[]"},
		"values of the callback": {func(p *oauth.OAuth2) {
			p.TokenParams, p.RefreshParams = url.Values{"device": {"{callback:device}", "x"}, "state": {"{callback:state}"}}, url.Values{"device": {"at {callback:device}"}, "state": {"s"}}
		}, url.Values{"device": {"d 1"}, "realm": {"7"}}, "",
			strings.Replace(code, "&grant", "&device=d+1&device=x&grant", 1) + "&state=" + testState, "device=at+d+1&grant_type=refresh_token&refresh_token=r&state=s", basic, "map[callback:device:d 1 callback:state:" + testState + "]"},
		"secret in the form": {func(p *oauth.OAuth2) { p.TokenAuth = oauth.AuthPost }, nil, "",
			"client_id=key&client_secret=secret&" + code, "client_id=key&client_secret=secret&grant_type=refresh_token&refresh_token=r", "none", "map[]"},
		"of another client": {func(p *oauth.OAuth2) {
			p.Credentials = append([]oauth.Credentials{{ClientID: "new", ClientSecret: "other"}}, p.Credentials...)
		}, nil, "key", code, "grant_type=refresh_token&refresh_token=r", basic, "map[]"},
	} {
		var forms, headers []string
		c := plainOAuth2(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/me" {
				return says(200, "", `{"id":"1"}`)(r)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil || r.Method != http.MethodPost || r.URL.String() != "https://a.test/token" || r.Header.Get("Content-Type") != form || r.Header.Get("Accept") != "application/json" {
				t.Errorf("%s: %s %s %v, %v", name, r.Method, r.URL, r.Header, err)
			}
			values, err := url.ParseQuery(string(body))
			if err != nil {
				t.Error(err)
			}
			forms = append(forms, values.Encode())
			if header, ok := r.Header["Authorization"]; ok {
				headers = append(headers, header...)
			} else {
				headers = append(headers, "none")
			}
			return says(200, "", `{"access_token":"a","refresh_token":"r"}`)(r)
		}, tc.change)
		g, err := exchange(t, c, oauth.Pending{ClientID: tc.clientID}, tc.callback)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		extra := map[string]string{}
		for field, value := range g.Token.Extra {
			extra[field] = value.Reveal()
		}
		if fmt.Sprint(extra) != tc.extra || g.Token.ClientID != "key" {
			t.Errorf("%s: kept %v for %s", name, extra, g.Token.ClientID)
		}
		if _, err := c.(oauth.Refresher).Refresh(t.Context(), g.Token); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sorted := func(form string) string { // as url.Values.Encode
			values, _ := url.ParseQuery(form)
			return values.Encode()
		}
		if want := []string{sorted(tc.exchange), sorted(tc.refresh)}; !slices.Equal(forms, want) || !slices.Equal(headers, []string{tc.authorization, tc.authorization}) {
			t.Errorf("%s: sent\n%q with %q, want\n%q with %s", name, forms, headers, want, tc.authorization)
		}
	}
}

// Which answers of a token endpoint give a token, and what the others mean.
func TestOAuth2TokenAnswers(t *testing.T) {
	t.Parallel()
	const good = -1
	for _, tc := range []struct {
		status            int
		body              string
		exchange, refresh oauth.Kind
		code              string
	}{
		{200, `{"access_token":"a"}`, good, good, ""},
		{201, `{"access_token":"a"}`, good, good, ""},
		{299, `{"access_token":"a"}`, good, good, ""},
		{199, `{"access_token":"a"}`, oauth.Transient, oauth.Transient, ""},
		{300, `{"access_token":"a"}`, oauth.Transient, oauth.Transient, ""},
		{400, `{"access_token":"a","error":"invalid_grant"}`, oauth.Rejected, oauth.Rejected, "invalid_grant"},
		{200, `{"access_token":"a","error":"invalid_grant"}`, oauth.Rejected, oauth.Rejected, "invalid_grant"},
		{200, `{"access_token":"a","ok":false}`, oauth.Transient, oauth.Transient, "error"},
		{200, `{"access_token":"a","ok":false,"error":"invalid_grant"}`, oauth.Rejected, oauth.Rejected, "invalid_grant"},
		{200, `{"access_token":"a","message":"gone"}`, good, good, ""},
		{200, `{"message":"gone"}`, oauth.Invalid, oauth.Rejected, ""},
		{200, `{"id_token":"x"}`, oauth.Invalid, oauth.Invalid, ""},
		{200, `no`, oauth.Transient, oauth.Transient, ""},
	} {
		c := plainOAuth2(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/me" {
				return says(200, "", `{"id":"1"}`)(r)
			}
			return says(tc.status, "", tc.body)(r)
		}, func(p *oauth.OAuth2) {
			p.Refused, p.DeadRefresh = []oauth.Condition{"ok=false"}, []oauth.Condition{"200 message=gone"}
		})
		_, exchanged := exchange(t, c, oauth.Pending{}, nil)
		_, refreshed := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "r"})
		for op, err := range map[string]error{"token": exchanged, "refresh": refreshed} {
			want, code := tc.exchange, tc.code
			if op == "refresh" {
				if want = tc.refresh; want == oauth.Rejected {
					code = "invalid_grant"
				}
			}
			if want == good {
				if err != nil {
					t.Errorf("%d %s to %s: %v", tc.status, tc.body, op, err)
				}
				continue
			}
			if f := failure(t, err); f.Kind != want || f.Code != code || f.Op != op || f.Status != tc.status || f.ProviderID != "plain" {
				t.Errorf("%d %s to %s: got %+v, want %v %q", tc.status, tc.body, op, f, want, code)
			}
		}
	}
}

// The next secret is tried where the client is refused, and only there; what worked is
// remembered.
func TestOAuth2WhenTheOtherSecretIsTried(t *testing.T) {
	t.Parallel()
	refresh := func(status int, body string, good secret.Text, calls int) ([]string, error) {
		var tried []string
		c := plainOAuth2(t, func(r *http.Request) (*http.Response, error) {
			_, password, _ := r.BasicAuth()
			tried = append(tried, password)
			if password == good.Reveal() {
				return says(200, "", `{"access_token":"a"}`)(r)
			}
			return says(status, "", body)(r)
		}, func(p *oauth.OAuth2) {
			p.Credentials = []oauth.Credentials{{ClientID: "key", ClientSecret: "1"}, {ClientID: "key", ClientSecret: "2"}, {ClientID: "key", ClientSecret: "3"}}
		})
		var err error
		for range calls {
			_, err = c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "r"})
		}
		return tried, err
	}
	for _, tc := range []struct {
		status int
		body   string
		tried  int
	}{
		{401, `{"error":"invalid_client"}`, 3}, {400, `{"error":"invalid_client"}`, 3}, {401, ``, 3}, {401, `<h1>no</h1>`, 3},
		{400, ``, 1}, {403, ``, 1}, {401, `{"error":"invalid_grant"}`, 1}, {400, `{"error":"invalid_grant"}`, 1}, {503, ``, 1},
	} {
		if tried, err := refresh(tc.status, tc.body, "none", 1); err == nil || !slices.Equal(tried, []string{"1", "2", "3"}[:tc.tried]) {
			t.Errorf("%d %s: tried %q, %v", tc.status, tc.body, tried, err)
		}
	}
	for good, want := range map[secret.Text][]string{"1": {"1", "1"}, "2": {"1", "2", "2"}, "3": {"1", "2", "3", "3"}} {
		if tried, err := refresh(401, "", good, 2); err != nil || !slices.Equal(tried, want) {
			t.Errorf("%s is good: tried %q, %v", good.Reveal(), tried, err)
		}
	}
}

// A request that cannot be made is an error without a secret in it, and none is sent.
func TestOAuth2RequestsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	none := roundTrip(func(r *http.Request) (*http.Response, error) {
		t.Errorf("a request to %s", r.URL)
		return nil, errors.New("none is expected")
	})
	made := false
	c := plainOAuth2(t, none, func(p *oauth.OAuth2) {
		p.MakeSecret = func(oauth.Credentials, time.Time) (secret.Text, error) {
			if made {
				return "", errors.New("no key")
			}
			made = true // at Open
			return "secret", nil
		}
	})
	_, exchanged := exchange(t, c, oauth.Pending{}, nil)
	_, refreshed := c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "r"})
	for op, err := range map[string]error{"token": exchanged, "refresh": refreshed} {
		if f := failure(t, err); f.Kind != oauth.Operator || f.Op != op || f.ProviderID != "plain" || !strings.Contains(f.Error(), "no key") {
			t.Errorf("%s: got %v", op, f)
		}
	}
	_, exchanged = exchange(t, plainOAuth2(t, none), oauth.Pending{ClientID: "gone"}, nil)
	_, refreshed = plainOAuth2(t, none).(oauth.Refresher).Refresh(t.Context(), oauth.Token{Refresh: "r", ClientID: "gone"})
	for op, err := range map[string]error{"token": exchanged, "refresh": refreshed} {
		if f := failure(t, err); f.Kind != oauth.Operator || f.Op != op || f.ProviderID != "plain" || f.Code != oauth.CodeClientUnknown || f.Err == nil {
			t.Errorf("%s: got %v", op, f)
		}
	}
}
