package socialtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/gosocial/social/socialtest"
)

const callbackURL = "http://127.0.0.1:1/callback" // nothing listens: flows here stop before it

// newBrowser is an http.Client with a cookie jar of its own.
func newBrowser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// register registers an application and makes an x/oauth2 configuration for it.
func register(p *socialtest.Provider, app socialtest.App, scopes ...string) *oauth2.Config {
	if app.RedirectURIs == nil {
		app.RedirectURIs = []string{callbackURL}
	}
	creds := p.Register(app)
	e := p.Endpoints()
	style := oauth2.AuthStyleInHeader
	if p.ID() == "facebook" || p.ID() == "foursquare" {
		style = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: creds.ClientID, ClientSecret: creds.ClientSecret.Reveal(), RedirectURL: app.RedirectURIs[0], Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: e.Authorize, TokenURL: e.Token, AuthStyle: style},
	}
}

// decide goes through the consent page and returns the callback's parameters.
func decide(t *testing.T, browser *http.Client, address, account string, allow bool) url.Values {
	t.Helper()
	req, err := socialtest.Decide(t.Context(), browser, address, account, allow)
	if err != nil {
		t.Fatal(err)
	}
	return req.Form
}

// logIn goes through a whole flow and returns the token.
func logIn(t *testing.T, conf *oauth2.Config, account string, opts ...oauth2.AuthCodeOption) *oauth2.Token {
	t.Helper()
	verifier := oauth2.GenerateVerifier()
	v := decide(t, newBrowser(t), conf.AuthCodeURL("st", append(opts, oauth2.S256ChallengeOption(verifier))...), account, true)
	if v.Get("state") != "st" || v.Get("code") == "" {
		t.Fatalf("callback has %v", v)
	}
	token, err := conf.Exchange(t.Context(), v.Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// fetch requests an address and decodes the JSON of the answer.
func fetch(t *testing.T, client *http.Client, method, address string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if len(body) > 0 {
		d := json.NewDecoder(strings.NewReader(string(body)))
		d.UseNumber()
		if err := d.Decode(&fields); err != nil {
			t.Fatalf("%s %s: %v in %q", method, address, err, body)
		}
	}
	return resp.StatusCode, fields
}

// at finds a value in JSON by a dotted path.
func at(v any, path string) any {
	for name := range strings.SplitSeq(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func TestLogInAtEachProvider(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	tests := []struct {
		id, subject, image string
		query              string
		scopes             []string
		want               map[string]any
		expires, refresh   bool
	}{
		{"facebook", "id", "picture.data.url", "?fields=id,name,email,picture.width(200){url}", []string{"email"},
			map[string]any{"name": "Ana Duarte", "email": "ana@example.com"}, true, false},
		{"foursquare", "response.user.id", "", "", nil,
			map[string]any{"meta.code": json.Number("200"), "response.user.firstName": "Ana"}, false, false},
		{"google", "sub", "picture", "", []string{"openid", "email", "profile"},
			map[string]any{"name": "Ana Duarte", "email": "ana@example.com", "email_verified": true}, true, true},
		{"acme", "sub", "picture", "", []string{"openid", "email", "profile"},
			map[string]any{"preferred_username": "ana", "email_verified": true}, true, true},
		{"hub", "id", "avatar_url", "", []string{"email"},
			map[string]any{"login": "ana", "mail": "ana@example.com", "display.name": "Ana Duarte"}, true, true},
	}
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) {
			t.Parallel()
			p := srv.Provider(test.id)
			conf := register(p, socialtest.App{}, test.scopes...)
			token := logIn(t, conf, "ana", oauth2.AccessTypeOffline)
			if token.Expiry.IsZero() == test.expires {
				t.Errorf("expiry is %v", token.Expiry)
			}
			if (token.RefreshToken != "") != test.refresh {
				t.Errorf("refresh token given: %v", token.RefreshToken != "")
			}
			client, query := conf.Client(t.Context(), token), test.query
			if test.id == "foursquare" {
				client = http.DefaultClient
				query = "?v=20260101&oauth_token=" + url.QueryEscape(token.AccessToken)
			}
			status, user := fetch(t, client, "GET", p.Endpoints().UserInfo+query)
			if status != 200 {
				t.Fatalf("status %d: %v", status, user)
			}
			for path, want := range test.want {
				if got := at(user, path); got != want {
					t.Errorf("%s is %v, want %v", path, got, want)
				}
			}
			if got, _ := json.Marshal(at(user, test.subject)); strings.Trim(string(got), `"`) != p.User("ana").Subject {
				t.Errorf("subject is %s, want %s", got, p.User("ana").Subject)
			}
			if test.image != "" {
				resp, err := http.Get(at(user, test.image).(string))
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if got := resp.Header.Get("Content-Type"); got != "image/svg+xml" {
					t.Errorf("picture is %q", got)
				}
			}
			if n := p.Calls(socialtest.EndpointToken); n != 1 {
				t.Errorf("%d token requests, want 1", n)
			}
		})
	}
}

func TestDenial(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	for _, id := range []string{"facebook", "foursquare", "google", "acme", "hub"} {
		p := srv.Provider(id)
		conf := register(p, socialtest.App{}, "openid")
		v := decide(t, newBrowser(t), conf.AuthCodeURL("st", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), "ana", false)
		if v.Get("error") != "access_denied" || v.Get("state") != "st" || v.Has("code") {
			t.Errorf("%s: callback has %v", id, v)
		}
		if v.Get("iss") != p.Issuer() {
			t.Errorf("%s: iss is %q, want %q", id, v.Get("iss"), p.Issuer())
		}
	}
}

func TestApproveAnswersWithoutAPage(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{})
	address := conf.AuthCodeURL("st", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	still := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	tests := []struct {
		name, param string
		set         func()
	}{
		{"approve", "code", func() { p.Approve("ana") }},
		{"deny", "error", p.Deny},
		{"ask", "", p.Ask},
	}
	for _, test := range tests {
		test.set()
		resp, err := still.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		location, err := resp.Location()
		if test.param == "" {
			if resp.StatusCode != 200 {
				t.Errorf("%s: status %d", test.name, resp.StatusCode)
			}
			continue
		}
		if err != nil || !location.Query().Has(test.param) {
			t.Errorf("%s: leads to %v (%v)", test.name, location, err)
		}
	}
}

func TestRefreshRotates(t *testing.T) {
	t.Parallel()
	srv := socialtest.Start(t)
	for _, id := range []string{"acme", "hub"} {
		p := srv.Provider(id)
		conf := register(p, socialtest.App{}, "openid")
		first := logIn(t, conf, "ana")
		p.ExpireTokens("ana")
		if access, refresh := p.Live("ana"); access != 0 || refresh != 1 {
			t.Fatalf("%s: %d access and %d refresh tokens live", id, access, refresh)
		}
		second, err := conf.TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
		if err != nil {
			t.Fatal(err)
		}
		if second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
			t.Errorf("%s: a token stayed", id)
		}
		_, err = conf.TokenSource(t.Context(), &oauth2.Token{RefreshToken: first.RefreshToken}).Token()
		wantOAuthError(t, err, "invalid_grant", "used before")
		if access, refresh := p.Live("ana"); access != 0 || refresh != 0 {
			t.Errorf("%s: after reuse %d access and %d refresh tokens live", id, access, refresh)
		}
	}
}

func TestCodeUsedTwiceRevokesItsTokens(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{})
	verifier := oauth2.GenerateVerifier()
	v := decide(t, newBrowser(t), conf.AuthCodeURL("", oauth2.S256ChallengeOption(verifier)), "ana", true)
	if _, err := conf.Exchange(t.Context(), v.Get("code"), oauth2.VerifierOption(verifier)); err != nil {
		t.Fatal(err)
	}
	_, err := conf.Exchange(t.Context(), v.Get("code"), oauth2.VerifierOption(verifier))
	wantOAuthError(t, err, "invalid_grant", "used before")
	if access, refresh := p.Live("ana"); access+refresh != 0 {
		t.Errorf("%d access and %d refresh tokens live", access, refresh)
	}
}

func TestUserChangesBetweenLogIns(t *testing.T) {
	t.Parallel()
	p := socialtest.Start(t).Provider("hub")
	conf := register(p, socialtest.App{}, "email")
	p.AddUser(socialtest.User{Subject: "77", Username: "kim", Name: "Kim", Email: "kim@example.com"})
	token := logIn(t, conf, "kim")
	p.UpdateUser("kim", func(u *socialtest.User) {
		u.Subject, u.Name, u.EmailVerified = "78", "Kim Li", true
		u.Claims = map[string]any{"plan": "pro"}
	})
	_, user := fetch(t, conf.Client(t.Context(), token), "GET", p.Endpoints().UserInfo)
	if at(user, "display.name") != "Kim Li" || user["mail_verified"] != true || user["plan"] != "pro" || user["id"] != json.Number("77") {
		t.Errorf("user is %v", user)
	}
	p.RemoveUser("kim")
	if status, _ := fetch(t, conf.Client(t.Context(), token), "GET", p.Endpoints().UserInfo); status != 401 {
		t.Errorf("status %d once the account is gone", status)
	}
}

// wantOAuthError checks that err is an error of the token endpoint with the code
// and a description that says what was wrong.
func wantOAuthError(t *testing.T, err error, code, says string) {
	t.Helper()
	refused, ok := err.(*oauth2.RetrieveError)
	if !ok {
		t.Errorf("error is %v, want %s", err, code)
		return
	}
	if refused.ErrorCode != code || !strings.Contains(refused.ErrorDescription, says) {
		t.Errorf("error is %q (%q), want %q saying %q", refused.ErrorCode, refused.ErrorDescription, code, says)
	}
}
