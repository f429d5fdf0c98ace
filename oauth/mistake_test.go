package oauth_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

const mistakenState = "0123456789012345678901"

func mistaken(t *testing.T, status int, answer string) *oauth.OAuth2 {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/me" {
			w.WriteHeader(http.StatusForbidden)
			w.Write([]byte("You are no tester of 5 % of apps"))
			return
		}
		w.WriteHeader(status)
		w.Write([]byte(answer))
	}))
	t.Cleanup(server.Close)
	return &oauth.OAuth2{
		ID: "acme", Credentials: []oauth.Credentials{{ClientID: "client", ClientSecret: "secret"}},
		Endpoints: oauth.Endpoints{Authorize: server.URL + "/authorize", Token: server.URL + "/token", UserInfo: server.URL + "/me"},
		Profile:   oauth.Mapping{Subject: "id"},
		Mistakes: oauth.Mistakes{
			oauth.TestMode:    {"page*=no tester"},
			oauth.WrongTenant: {"error_description*=no such tenant", "403 why=tenant"},
			oauth.WrongClient: {"why=bad secret", "error_description*=no such"},
		},
	}
}

func TestMistakesOfAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		answer string
		want   oauth.Mistake
		kind   oauth.Kind
	}{
		{403, `{"why":"bad secret"}`, oauth.WrongClient, oauth.Operator},
		{403, `{"why":"tenant"}`, oauth.WrongTenant, oauth.Operator},
		{400, `{"why":"tenant"}`, "", oauth.Operator},
		{400, `{"error":"invalid_grant","error_description":"there is no such tenant"}`, oauth.WrongTenant, oauth.Operator}, // before the one in more general words
		{400, `{"error":"invalid_grant"}`, "", oauth.Rejected},
		{401, `{"error":"invalid_client"}`, oauth.WrongClient, oauth.Operator},
		{400, `{"error":"invalid_redirect_uri"}`, oauth.RedirectNotRegistered, oauth.Operator},
		{400, `{"error":"invalid_scope"}`, oauth.ScopeNotAllowed, oauth.Operator},
		{400, "error=invalid_scope", oauth.ScopeNotAllowed, oauth.Operator},
		{403, "why=tenant", oauth.WrongTenant, oauth.Operator},
		{403, "<html>You are no tester.</html>", oauth.TestMode, oauth.Operator},
		{403, `{"page":"elsewhere"}`, "", oauth.Transient},
		{200, `{"access_token":"token"}`, oauth.TestMode, oauth.Transient}, // user info says it
	} {
		f := mistakeOf(t, mistaken(t, tt.status, tt.answer), url.Values{"code": {"x"}})
		if f == nil || f.Mistake != tt.want || tt.want != "" && f.Kind != tt.kind {
			t.Errorf("%d %s: %+v, not %q", tt.status, tt.answer, f, tt.want)
		}
		if f != nil && tt.want != "" && !strings.Contains(f.Error(), ": "+string(tt.want)) {
			t.Errorf("the error is %s", f)
		}
	}
}

func mistakeOf(t *testing.T, p *oauth.OAuth2, answer url.Values) *oauth.ProviderError {
	t.Helper()
	c, err := p.Open(oauth.Env{HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	pending, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.test/callback", State: mistakenState})
	if err != nil {
		t.Fatal(err)
	}
	answer.Set("state", mistakenState)
	_, err = c.Complete(t.Context(), pending, answer)
	var f *oauth.ProviderError
	errors.As(err, &f)
	return f
}

func TestMistakesOfCallbacks(t *testing.T) {
	t.Parallel()
	p := mistaken(t, 200, "{}")
	for query, want := range map[string]oauth.Mistake{
		"error=access_denied&error_description=no+such+tenant+here": oauth.WrongTenant, // the user said nothing
		"error=invalid_scope":                       oauth.ScopeNotAllowed,
		"error=server_error&page=no+tester":         "", // there is no page
		"error=server_error&error_description=oops": "",
	} {
		answer, _ := url.ParseQuery(query)
		if f := mistakeOf(t, p, answer); f == nil || f.Mistake != want || want != "" && f.Kind != oauth.Operator {
			t.Errorf("%s: %+v, not %q", query, f, want)
		}
	}
}

// What the user info says with a code of the token endpoint is no mistake of the
// registration: it is about this token.
func TestCodesOfTheUserInfoAreNoMistakes(t *testing.T) {
	t.Parallel()
	c, _ := departing(t, func(*oauth.OAuth2) {}, map[string]string{"GET https://api.own.test/me": `403 {"error":"invalid_scope"}`})
	var f *oauth.ProviderError
	if _, _, err := logsIn(t, c, nil); !errors.As(err, &f) || f.Op != "user info" || f.Mistake != "" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestMistakesOfOAuth1(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]oauth.Mistake{
		"oauth_problem=consumer_key_unknown": oauth.WrongClient, "oauth_problem=consumer_key_rejected": oauth.WrongClient,
		"oauth_problem=signature_invalid": oauth.WrongClient, "oauth_problem=nonce_used": "", "own=test mode": oauth.TestMode,
	} {
		c := plainOAuth1(t, says(401, "", body), func(p *oauth.OAuth1) { p.Mistakes = oauth.Mistakes{oauth.TestMode: {"own=test mode"}} })
		_, err := c.Begin(t.Context(), oauth.Request{RedirectURI: oauth1Callback})
		if f := failure(t, err); f.Mistake != want {
			t.Errorf("%s: %q, not %q", body, f.Mistake, want)
		}
	}
}

// A refresh token may be what such an answer is about.
func TestRefreshesShowNoMistakes(t *testing.T) {
	t.Parallel()
	c, err := mistaken(t, 401, `{"error":"invalid_client","why":"bad secret"}`).Open(oauth.Env{HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.(oauth.Refresher).Refresh(t.Context(), oauth.Token{Access: "a", Refresh: "r"})
	var f *oauth.ProviderError
	if !errors.As(err, &f) || f.Mistake != "" {
		t.Errorf("%+v", err)
	}
}

// With a secret that the provider refuses in words of its own the next one is tried.
func TestNextSecretAfterMistake(t *testing.T) {
	t.Parallel()
	p := mistaken(t, 403, `{"why":"bad secret"}`)
	sent := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, secret, _ := r.BasicAuth(); secret == "second" {
			w.Write([]byte(`{"access_token":"token"}`))
			return
		}
		sent++
		w.WriteHeader(http.StatusForbidden)
		w.Write([]byte(`{"why":"bad secret"}`))
	}))
	t.Cleanup(server.Close)
	p.Endpoints.Token = server.URL
	p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "client", ClientSecret: "second"})
	if f := mistakeOf(t, p, url.Values{"code": {"x"}}); sent != 1 || f == nil || f.Op != "user info" {
		t.Errorf("the first secret was sent %d times, and then %v", sent, f)
	}
}

func TestMistakesOfPages(t *testing.T) {
	t.Parallel()
	m := oauth.Mistakes{oauth.TestMode: {"403 page*=no tester"}, oauth.RedirectNotRegistered: {"error=mismatch"}, oauth.ScopeNotAllowed: {"error=scopes"}}
	for _, tt := range []struct {
		address string
		status  int
		text    string
		want    oauth.Mistake
	}{
		{"https://acme.test/", 403, "<p>You are no tester.</p>", oauth.TestMode},
		{"https://acme.test/", 200, "<p>You are no tester.</p>", ""},
		{"https://acme.test/?error=mismatch", 200, "", oauth.RedirectNotRegistered},
		{"https://acme.test/#error=mismatch", 200, "", oauth.RedirectNotRegistered},
		{"https://acme.test/?error=scopes", 200, "", oauth.ScopeNotAllowed},
		{"https://acme.test/?page=no+tester", 403, "", ""},
	} {
		address, err := url.Parse(tt.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.OfPage(address, tt.status, []byte(tt.text)); got != tt.want {
			t.Errorf("%s %d %s: %q, not %q", tt.address, tt.status, tt.text, got, tt.want)
		}
	}
	if got := (oauth.Mistakes{oauth.TestMode: {"403 page*=tester"}, oauth.WrongClient: {"403"}}).OfPage(&url.URL{}, 403, []byte("tester")); got != "" {
		t.Errorf("beside a condition that Open refuses: %q", got)
	}
	if got := (oauth.Mistakes{oauth.TestMode: {"403"}}).OfPage(&url.URL{}, 403, nil); got != "" {
		t.Errorf("a condition that Open refuses holds: %q", got)
	}
}

func TestMistakesAreChecked(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]oauth.Mistakes{
		"Mistakes: test_mode: the condition": {oauth.TestMode: {"403"}},
		"Mistakes: they are":                 {"typo": {"a=b"}},
	} {
		p := mistaken(t, 200, "")
		p.Mistakes = m
		one := &oauth.OAuth1{
			ID: "old", Credentials: p.Credentials, Mistakes: m, Profile: p.Profile,
			Endpoints: oauth.Endpoints{RequestToken: "https://a.test/r", Authorize: "https://a.test/a", Token: "https://a.test/t", UserInfo: "https://a.test/u"},
		}
		for _, provider := range []oauth.Provider{p, one} {
			if _, err := provider.Open(oauth.Env{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v, not %s", m, err, want)
			}
		}
	}
}

func TestRemedies(t *testing.T) {
	t.Parallel()
	d := oauth.Description{Name: "Acme", RegisterURL: "https://acme.test/apps", Scopes: []string{"email", "profile"}}
	for m, want := range map[oauth.Mistake]string{
		oauth.WrongClient:           "as they are at https://acme.test/apps; a secret may have expired",
		oauth.RedirectNotRegistered: "register the redirect URI https://app.test/callback at https://acme.test/apps",
		oauth.ScopeNotAllowed:       "(email profile)",
		oauth.WrongTenant:           "tenant",
		oauth.TestMode:              "testers of the application at https://acme.test/apps",
	} {
		if got := m.Remedy(d, "https://app.test/callback"); !strings.Contains(got, want) {
			t.Errorf("%s: %s", m, got)
		}
	}
	d.RegisterURL = ""
	if got := oauth.WrongClient.Remedy(d, ""); !strings.Contains(got, "at the provider Acme") {
		t.Error(got)
	}
	if got := oauth.Mistake("").Remedy(d, ""); got != "" {
		t.Errorf("no mistake: %q", got)
	}
}
