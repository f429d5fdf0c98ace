package oauth_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social/oauth"
)

// A provider that exchanges refresh tokens late is not asked before the access token has
// expired, and its word that this is too early costs nobody the connection.
func TestLateRefresh(t *testing.T) {
	t.Parallel()
	asked, answer := 0, `{"error":"invalid_grant","error_description":"token not expired"}`
	s := newStrictProvider(t)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.WriteHeader(400)
		io.WriteString(w, answer)
	})
	d := s.provider()
	d.LateRefresh, d.TooEarly = true, []oauth.Condition{"error_description=token not expired"}
	refresh := func(expiry time.Time) *oauth.ProviderError {
		_, err := s.open(t, d).(oauth.Refresher).Refresh(t.Context(), oauth.Token{Access: "a", Refresh: "r", Expiry: expiry})
		f, ok := errors.AsType[*oauth.ProviderError](err)
		if !ok {
			t.Fatalf("got %v", err)
		}
		return f
	}
	if f := refresh(time.Now().Add(time.Hour)); f.Kind != oauth.Transient || asked != 0 || f.RetryAfter < 59*time.Minute || f.RetryAfter > time.Hour {
		t.Errorf("before the end: %v, %d requests, again after %v", f, asked, f.RetryAfter)
	}
	if f := refresh(time.Now().Add(30 * 24 * time.Hour)); f.RetryAfter != 24*time.Hour {
		t.Errorf("long before the end: again after %v", f.RetryAfter)
	}
	if f := refresh(time.Now().Add(-time.Second)); f.Kind != oauth.Transient || asked != 1 {
		t.Errorf("its clock is behind: %v, %d requests", f, asked)
	}
	answer = `{"error":"invalid_grant","error_description":"token was revoked"}`
	if f := refresh(time.Time{}); f.Kind != oauth.Rejected || asked != 2 {
		t.Errorf("a dead token: %v", f)
	}
	d.TooEarly = []oauth.Condition{"400"}
	if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "TooEarly") {
		t.Errorf("a condition that is none: %v", err)
	}
}

// The client may prove itself in another way where it refreshes.
func TestRefreshAuth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ code, refresh oauth.TokenAuth }{{oauth.AuthPost, oauth.AuthBasic}, {oauth.AuthBasic, oauth.AuthPost}, {"", oauth.AuthPost}} {
		s := newStrictProvider(t)
		s.checkClient = func(r *http.Request) bool {
			_, _, basic := r.BasicAuth()
			want := tt.code
			if r.PostForm.Get("grant_type") == "refresh_token" {
				want = tt.refresh
			}
			return basic == (want != oauth.AuthPost) && r.PostForm.Has("client_secret") == (want == oauth.AuthPost)
		}
		d := s.provider()
		d.TokenAuth, d.RefreshAuth = tt.code, tt.refresh
		c := s.open(t, d)
		if _, err := c.(oauth.Refresher).Refresh(t.Context(), logIn(t, s, c).Token); err != nil {
			t.Errorf("%q, then %q: %v", tt.code, tt.refresh, err)
		}
	}
	d := newStrictProvider(t).provider()
	d.RefreshAuth = oauth.AuthNone
	if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "RefreshAuth") {
		t.Errorf("none: %v", err)
	}
}

func TestCodeName(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.CodeName = "authCode"
	c := s.open(t, d)
	p, answer := flow(t, s, c, oauth.Request{})
	code := answer.Get("code")
	for name, bend := range map[string]func(url.Values){
		"under the usual name": func(url.Values) {},
		"twice":                func(v url.Values) { v["authCode"] = []string{code, code} },
		"beside an error":      func(v url.Values) { v.Set("authCode", code); v.Set("error", "access_denied") },
	} {
		bent := url.Values{"code": {code}, "state": answer["state"]}
		bend(bent)
		if _, err := c.Complete(t.Context(), p, bent); !isCallbackError(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	answer.Set("authCode", code)
	answer.Set("code", "another")
	if _, err := c.Complete(t.Context(), p, answer); err != nil {
		t.Error(err)
	}
}

func isCallbackError(err error) bool {
	_, ok := errors.AsType[*oauth.CallbackError](err)
	return ok
}

// Names at the token endpoint may be others than those of the authorization request.
func TestTokenNames(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Names, d.TokenNames = map[string]string{"client_id": "app"}, map[string]string{"access_token": "token", "code": "auth_code"}
	s.Config.Handler.(*http.ServeMux).HandleFunc("POST /own", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		if r.PostForm.Has("app") || r.PostForm.Get("auth_code") == "" || r.PostForm.Has("code") {
			t.Errorf("got %v", r.PostForm)
		}
		io.WriteString(w, `{"token":"t","expires_at":1893456000}`)
	})
	d.Endpoints.Token = s.URL + "/own"
	d.ProfileFromToken, d.Profile = true, oauth.Mapping{Subject: "expires_at"}
	c := s.open(t, d)
	p, err := c.Begin(t.Context(), oauth.Request{State: testState, RedirectURI: "https://app.test/callback"})
	if err != nil || !strings.Contains(p.URL, "app=") || strings.Contains(p.URL, "client_id=") {
		t.Fatalf("got %v, %v", p, err)
	}
	g, err := c.Complete(t.Context(), p, url.Values{"code": {"c"}, "state": {testState}})
	if err != nil || g.Token.Access != "t" || strings.Contains(string(g.Profile.Raw), `"token"`) {
		t.Fatalf("got %+v, %v", g, err)
	}
	if want := time.Unix(1893456000, 0); !g.Token.Expiry.Equal(want) {
		t.Errorf("expires %v, want %v", g.Token.Expiry, want)
	}
}

// The application's key and secret go with each request to an API that wants them there.
func TestClientInParametersOfTheAPI(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.APIParams = url.Values{"key": {"{client_id}"}, "proof": {"{client_secret}"}, "v": {"1"}}
	c := s.open(t, d)
	req, err := http.NewRequest("GET", s.URL+"/me?v=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Sign(req, oauth.Token{Access: "a"}); err != nil {
		t.Fatal(err)
	}
	if q := req.URL.Query(); q.Get("key") != clientID || q.Get("proof") != clientSecret || len(q["v"]) != 1 || q.Get("v") != "2" {
		t.Errorf("got %v", q)
	}
	d.Credentials = []oauth.Credentials{{ClientID: "public"}}
	if _, err := d.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), "ClientSecret is missing") {
		t.Errorf("without a secret: %v", err)
	}
}
