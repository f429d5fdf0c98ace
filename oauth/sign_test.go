package oauth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

func TestOAuth2Sign(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		set    func(*oauth.OAuth2)
		url    string
		header http.Header
		want   string // of the URL
		wantH  http.Header
	}{
		"bearer": {func(*oauth.OAuth2) {}, "https://api.test/x?b=1&a=2", http.Header{"Authorization": {"old"}}, "https://api.test/x?b=1&a=2", http.Header{"Authorization": {"Bearer tok+en"}}},
		"scheme": {func(p *oauth.OAuth2) { p.Use.Scheme = "OAuth" }, "https://api.test/x", http.Header{}, "https://api.test/x", http.Header{"Authorization": {"OAuth tok+en"}}},
		"query": {func(p *oauth.OAuth2) { p.Use.Query = "oauth_token" }, "https://api.test/x?b=a;c&oauth%5Ftoken=other&a=%zz&oauth_token", http.Header{},
			"https://api.test/x?b=a;c&a=%zz&oauth_token=tok%2Ben", http.Header{}},
		// HMAC-SHA256 of the token under the client secret.
		"proof": {func(p *oauth.OAuth2) { p.Use.Proof = "proof" }, "https://api.test/x?a=1&proof=other", http.Header{},
			"https://api.test/x?a=1&proof=" + proofOf("tok+en"), http.Header{"Authorization": {"Bearer tok+en"}}},
		"odd names": {func(p *oauth.OAuth2) { p.Use.Query, p.APIParams = "a token", url.Values{"a&b": {"1"}, "c d": {"2"}} },
			"https://api.test/x?c+d=9&a%20token=x&%a+token", http.Header{}, "https://api.test/x?c+d=9&%a+token&a+token=tok%2Ben&a%26b=1", http.Header{}},
		"client's ID in headers": {func(p *oauth.OAuth2) {
			p.APIHeader = http.Header{"client-id": {"{client_id}", "<{client_id}>"}, "X-Other": {"y"}}
		}, "https://api.test/x", http.Header{}, "https://api.test/x",
			http.Header{"Authorization": {"Bearer tok+en"}, "Client-Id": {clientID, "<" + clientID + ">"}, "X-Other": {"y"}}},
		"client's secret in headers": {func(p *oauth.OAuth2) { p.APIHeader = http.Header{"x-api-key": {"{client_id}:{client_secret}"}} },
			"https://api.test/x", http.Header{}, "https://api.test/x", http.Header{"Authorization": {"Bearer tok+en"}, "X-Api-Key": {clientID + ":" + clientSecret}}},
		"parameters and headers where not set": {func(p *oauth.OAuth2) {
			p.APIParams = url.Values{"v": {"1"}, "w": {"2"}}
			p.APIHeader = http.Header{"accept": {"application/x"}, "X-Other": {"y"}}
		}, "https://api.test/x?z=1&v=9", http.Header{"Accept": {"mine"}}, "https://api.test/x?z=1&v=9&w=2",
			http.Header{"Authorization": {"Bearer tok+en"}, "Accept": {"mine"}, "X-Other": {"y"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictProvider(t)
			d := s.provider()
			tc.set(d)
			c := s.open(t, d)
			req, _ := http.NewRequest("GET", tc.url, nil)
			req.Header = tc.header
			if err := c.Sign(req, oauth.Token{Access: "tok+en", Type: "mac"}); err != nil {
				t.Fatal(err)
			}
			if req.URL.String() != tc.want {
				t.Errorf("got %s", req.URL)
			}
			if len(req.Header) != len(tc.wantH) {
				t.Errorf("got %v", req.Header)
			}
			for name, values := range tc.wantH {
				if !slices.Equal(req.Header[name], values) {
					t.Errorf("%s: %q", name, req.Header[name])
				}
			}
			if err := c.Sign(req, oauth.Token{}); err == nil {
				t.Error("an empty token was put into a request")
			}
		})
	}
}

// Headers that depend on the token alone can be made once (HeaderSigner).
func TestHeadersOfAToken(t *testing.T) {
	t.Parallel()
	token := oauth.Token{Access: "token"}
	want := http.Header{"Authorization": {"Bearer token"}}
	for name, tc := range map[string]struct {
		change func(*oauth.OAuth2)
		token  oauth.Token
		want   http.Header
	}{
		"bearer":          {func(*oauth.OAuth2) {}, token, want},
		"no token":        {func(*oauth.OAuth2) {}, oauth.Token{Refresh: "r"}, nil},
		"in the query":    {func(p *oauth.OAuth2) { p.Use.Query = "access_token" }, token, nil},
		"with a proof":    {func(p *oauth.OAuth2) { p.Use.Proof = "proof" }, token, nil},
		"with parameters": {func(p *oauth.OAuth2) { p.APIParams = url.Values{"v": {"1"}} }, token, nil},
		"no parameters":   {func(p *oauth.OAuth2) { p.APIParams = url.Values{} }, token, want},
		"further headers": {func(p *oauth.OAuth2) { p.APIHeader = http.Header{"client-id": {"{client_id}"}} },
			oauth.Token{ClientID: "other", Access: "token"}, http.Header{"Authorization": {"Bearer token"}, "Client-Id": {"other"}}},
		"the other client's secret": {func(p *oauth.OAuth2) { p.APIHeader = http.Header{"X": {"{client_secret}"}} },
			oauth.Token{ClientID: "other", Access: "token"}, http.Header{"Authorization": {"Bearer token"}, "X": {"s"}}},
		"of a client that has left": {func(p *oauth.OAuth2) { p.APIHeader = http.Header{"X": {"{client_id} {client_secret}"}} },
			oauth.Token{ClientID: "left", Access: "token"}, http.Header{"Authorization": {"Bearer token"}, "X": {"left "}}},
	} {
		s := newStrictProvider(t)
		p := s.provider()
		p.Credentials = append(p.Credentials, oauth.Credentials{ClientID: "other", ClientSecret: "s"})
		tc.change(p)
		got, ok := s.open(t, p).(oauth.HeaderSigner).SignatureHeader(tc.token)
		if ok != (tc.want != nil) || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: got %v, %v", name, got, ok)
		}
	}

	op := newOpenIDProvider(t)
	c := op.open(t, op.provider())
	if got, ok := c.(oauth.HeaderSigner).SignatureHeader(token); ok || got != nil {
		t.Errorf("before discovery: got %v, %v", got, ok)
	}
	mustLogin(t, op, c)
	fixed := op.provider()
	fixed.Endpoints = oauth.Endpoints{Authorize: op.URL + "/authorize", Token: op.URL + "/token", Keys: op.URL + "/keys"}
	for name, c := range map[string]oauth.Client{"discovered": c, "configured": op.open(t, fixed)} {
		if got, ok := c.(oauth.HeaderSigner).SignatureHeader(token); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v", name, got, ok)
		}
	}
}

func proofOf(token string) string {
	mac := hmac.New(sha256.New, []byte(clientSecret))
	mac.Write([]byte(token))
	return hex.EncodeToString(mac.Sum(nil))
}

// The proof is made with the secret of the client that the token was granted to, and
// is no header.
func TestOAuth2ProofIsOfTheTokensClient(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Use.Proof = "proof"
	d.Credentials = append([]oauth.Credentials{{ClientID: "new", ClientSecret: "new"}}, d.Credentials...)
	c := s.open(t, d)
	req, _ := http.NewRequest(http.MethodGet, "https://api.test/", nil)
	if err := c.Sign(req, oauth.Token{ClientID: clientID, Access: "token"}); err != nil || req.URL.Query().Get("proof") != proofOf("token") {
		t.Errorf("got %s, %v", req.URL, err)
	}
	if f := failure(t, c.Sign(req, oauth.Token{ClientID: "gone", Access: "token"})); f.Code != oauth.CodeClientUnknown || f.Op != "sign" {
		t.Errorf("another client's token: %+v", f)
	}
}

func TestOAuth2AllowsOnlyItsHosts(t *testing.T) {
	t.Parallel()
	p := &oauth.OAuth2{
		ID: "x", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "s"}},
		Endpoints: oauth.Endpoints{
			Authorize: "https://login.test/a", Token: "https://login.test/t",
			UserInfo: "https://api.test/me", API: "https://graph.test/v1",
		},
		APIHosts: []string{".files.test"},
		Profile:  oauth.Mapping{Subject: "id"},
	}
	c, err := p.Open(oauth.Env{})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://api.test/anything": true, "https://graph.test/": true, "https://a.files.test/": true,
		"http://api.test/": false, "https://login.test/": false, "https://api.test.evil.test/": false,
		"https://api.test@evil.test/": false, "https://files.test/": false, "https://api.test:8443/": false,
	} {
		u, _ := url.Parse(address)
		if c.Allows(t.Context(), u) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
}

func BenchmarkOAuth2Sign(b *testing.B) {
	p := &oauth.OAuth2{
		ID: "x", Credentials: []oauth.Credentials{{ClientID: "id", ClientSecret: "s"}},
		Endpoints: oauth.Endpoints{Authorize: "https://x.test/a", Token: "https://x.test/t", UserInfo: "https://x.test/me"},
		Profile:   oauth.Mapping{Subject: "id"},
	}
	c, err := p.Open(oauth.Env{})
	if err != nil {
		b.Fatal(err)
	}
	req, _ := http.NewRequest("GET", "https://x.test/1", nil)
	token := oauth.Token{Access: "token"}
	b.ReportAllocs()
	for b.Loop() {
		if !c.Allows(b.Context(), req.URL) {
			b.Fatal("not allowed")
		}
		if err := c.Sign(req, token); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOAuth2Profile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		body   string
		kind   oauth.Kind
		good   bool
	}{
		"good":               {200, `{"id":9007199254740993}`, 0, true},
		"token refused":      {401, `{"error":"whatever"}`, oauth.Rejected, false},
		"token refused, 400": {400, `{"error":{"code":190}}`, oauth.Rejected, false},
		"refused with 200":   {200, `{"ok":false,"error":"token_revoked"}`, oauth.Rejected, false},
		"without a code":     {200, `{"ok":false,"id":"42"}`, oauth.Transient, false},
		"not allowed":        {403, `{"error":"insufficient_scope"}`, oauth.Operator, false},
		"down":               {503, ``, oauth.Transient, false},
		"HTML":               {200, `<html>`, oauth.Transient, false},
		"no subject":         {200, `{"name":"x"}`, oauth.Invalid, false},
		"zero subject":       {200, `{"id":0}`, oauth.Invalid, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStrictProvider(t)
			s.info = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(tc.status); w.Write([]byte(tc.body)) }
			p, err := s.open(t, s.provider()).Profile(t.Context(), oauth.Token{Access: "canary"})
			if tc.good {
				if err != nil || p.Subject != "9007199254740993" {
					t.Errorf("got %+v, %v", p, err)
				}
				return
			}
			var f *oauth.ProviderError
			if !errors.As(err, &f) || f.Kind != tc.kind || f.Op != "user info" || p != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSecurity21_HooksCannotBringABadSubject(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	for _, subject := range []string{"", "0", " x", "a\x00b"} {
		d := s.provider()
		d.MapProfile = func(json.RawMessage) (oauth.Profile, error) { return oauth.Profile{Subject: subject}, nil }
		p, answer := flow(t, s, s.open(t, d), oauth.Request{})
		var f *oauth.ProviderError
		if _, err := s.open(t, d).Complete(t.Context(), p, answer); !errors.As(err, &f) || f.Kind != oauth.Invalid {
			t.Errorf("%q: %v", subject, err)
		}
	}
}

func TestOAuth2SecondCallGoesToItsOwnHostsOnly(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the token went elsewhere: %v", r.Header)
	}))
	t.Cleanup(other.Close)
	s := newStrictProvider(t)
	d := s.provider()
	d.Further = []oauth.FurtherCall{{Name: "more", Address: other.URL}}
	p, answer := flow(t, s, s.open(t, d), oauth.Request{})
	var f *oauth.ProviderError
	if _, err := s.open(t, d).Complete(t.Context(), p, answer); !errors.As(err, &f) || f.Kind != oauth.Operator {
		t.Errorf("got %v", err)
	}
}

func TestOAuth2UserInfoByPost(t *testing.T) {
	t.Parallel()
	s := newStrictProvider(t)
	d := s.provider()
	d.Endpoints.UserInfo = s.URL + "/post-me"
	d.UserInfoBy = oauth.UserInfoByForm
	d.UserInfoParams = url.Values{"v": {"1"}}
	d.UserAgent = "notes/1.0"
	s.Config.Handler.(*http.ServeMux).HandleFunc("POST /post-me", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("access_token") != "tok" || r.PostFormValue("client_id") != clientID || r.URL.RawQuery != "v=1" || r.Header.Get("Authorization") != "" || r.UserAgent() != "notes/1.0" {
			t.Errorf("got %v %v", r.Form, r.Header)
		}
		w.Write([]byte(`{"id":"1"}`))
	})
	if p, err := s.open(t, d).Profile(t.Context(), oauth.Token{Access: "tok"}); err != nil || p.Subject != "1" {
		t.Errorf("got %v, %v", p, err)
	}
}

func TestOAuth2LogInAllocations(t *testing.T) {
	s := newStrictProvider(t)
	c := s.open(t, s.provider())
	answer := url.Values{"state": {testState}, "code": {"x"}}
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: testState})
	if err != nil {
		t.Fatal(err)
	}
	// A transport without a network leaves only what this package does.
	quiet, err := s.provider().Open(oauth.Env{HTTP: &http.Client{Transport: canned{}}})
	if err != nil {
		t.Fatal(err)
	}
	n := testing.AllocsPerRun(200, func() {
		if _, err := quiet.Complete(t.Context(), p, answer); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%v allocations to complete", n)
	if n > 110 {
		t.Errorf("%v allocations to complete", n)
	}
	if n := testing.AllocsPerRun(200, func() { c.Begin(t.Context(), oauth.Request{RedirectURI: redirectURI, State: testState}) }); n > 20 {
		t.Errorf("%v allocations to begin", n)
	}
}

// canned answers without a network.
type canned struct{}

func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := `{"id":"42","name":"Matt","email":"matt@lp.com","verified":true}`
	if r.Method == http.MethodPost {
		body = `{"access_token":"a","refresh_token":"r","expires_in":3600,"token_type":"bearer"}`
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r}, nil
}
