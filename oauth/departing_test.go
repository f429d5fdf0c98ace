package oauth_test

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gosocial/social/oauth"
)

// A script answers requests by method and address without query, and keeps them.
type script struct {
	t       *testing.T
	answers map[string]string // "404 {}" or a body
	seen    []seen
}

type seen struct {
	at, body string
	raw      string // the query as it was sent
	query    url.Values
	header   http.Header
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	query := r.URL.Query()
	address := *r.URL
	address.RawQuery = ""
	at := r.Method + " " + address.String()
	s.seen = append(s.seen, seen{at, string(body), r.URL.RawQuery, query, r.Header})
	answer, ok := s.answers[at]
	if ok && query.Get("page") > "1" {
		answer, ok = s.answers[at+" page "+query.Get("page")]
	}
	if !ok {
		s.t.Errorf("unexpected %s?%s", at, query.Encode())
	}
	status := 200
	if code, rest, _ := strings.Cut(answer, " "); len(code) == 3 {
		if n, err := strconv.Atoi(code); err == nil {
			status, answer = n, rest
		}
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: r, Body: io.NopCloser(bytes.NewReader([]byte(answer)))}, nil
}

// departing is a provider that does some things in its own way.
func departing(t *testing.T, change func(*oauth.OAuth2), answers map[string]string) (oauth.Client, *script) {
	t.Helper()
	p := &oauth.OAuth2{
		ID: "own", Credentials: []oauth.Credentials{{ClientID: "key", ClientSecret: "secret"}}, TokenAuth: oauth.AuthPost, Scopes: []string{"read"},
		Endpoints: oauth.Endpoints{
			Authorize: "https://own.test/authorize", Token: "https://own.test/token", UserInfo: "https://api.own.test/me", Revoke: "https://own.test/revoke",
		},
		Profile: oauth.Mapping{Subject: "id", DisplayName: "name", Email: "email", EmailVerified: "verified"},
	}
	change(p)
	s := &script{t: t, answers: map[string]string{
		"POST https://own.test/token": `{"access_token":"at","refresh_token":"rt","expires_in":60}`, "GET https://api.own.test/me": `{"id":1,"name":"Nora"}`,
		"POST https://own.test/revoke": `{}`,
	}}
	maps.Copy(s.answers, answers)
	c, err := p.Open(oauth.Env{HTTP: &http.Client{Transport: s}})
	if err != nil {
		t.Fatal(err)
	}
	return c, s
}

// logsIn goes through a flow, and returns the authorization address too.
func logsIn(t *testing.T, c oauth.Client, callback url.Values) (*oauth.Grant, string, error) {
	t.Helper()
	p, err := c.Begin(t.Context(), oauth.Request{RedirectURI: "https://app.test/cb", State: testState})
	if err != nil {
		t.Fatal(err)
	}
	answer := url.Values{"code": {"the-code"}, "state": {testState}}
	maps.Copy(answer, callback)
	g, err := c.Complete(t.Context(), p, answer)
	return g, p.URL, err
}
