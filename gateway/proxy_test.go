package gateway_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosocial/social"
	"github.com/gosocial/social/gateway"
	"github.com/gosocial/social/oauth"
	"github.com/gosocial/social/vault"
)

// Path and query go on byte for byte, below the API's address, and the answer comes back.
func TestProxy(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	for path, want := range map[string]string{
		"/me":                              "/v1/me",
		"/me?x=%2F&y=a+b&&z":               "/v1/me?x=%2F&y=a+b&&z",
		"/me?":                             "/v1/me?",
		"":                                 "/v1",
		"?x=1":                             "/v1?x=1",
		"/":                                "/v1/",
		"/projects/group%2Fname/a%20b":     "/v1/projects/group%2Fname/a%20b",
		"/a/../b":                          "/v1/a/../b",
		"//two":                            "/v1//two",
		"/a;b=c/d:e@f,g!$&'()*+=~_":        "/v1/a;b=c/d:e@f,g!$&'()*+=~_",
		"/%E6%97%A5?q=%0d%0a":              "/v1/%E6%97%A5?q=%0d%0a",
		"/https%3A%2F%2Fother.example%2Fx": "/v1/https%3A%2F%2Fother.example%2Fx",
	} {
		// net/http would write the path in another way.
		s.raw("GET /proxy/" + s.conn.ID + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + s.token + "\r\nConnection: close\r\n\r\n")
		if got := s.called(); !slices.Equal(got, []string{"GET " + want}) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("X-Answer", "yes")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %s", r.Method, r.Header.Get("Authorization")[:7], r.Host, body)
	})
	for _, path := range []string{"/proxy/" + s.conn.ID + "/x", "/proxy/acme/x"} {
		resp := s.through("PATCH", path, strings.NewReader("hello"), header("Social-User", "ann"))
		body, _ := io.ReadAll(resp.Body)
		if want := "PATCH Bearer  " + strings.TrimPrefix(s.api.URL, "http://") + " hello"; resp.StatusCode != 418 || string(body) != want || resp.Header.Get("X-Answer") != "yes" ||
			resp.Header.Get("Social-Connection") != s.conn.ID || !strings.HasPrefix(resp.Header.Get("Social-Request-Id"), "req_") ||
			!strings.Contains(resp.Header.Get("Server-Timing"), "token;dur=") || !strings.Contains(resp.Header.Get("Server-Timing"), "provider;dur=") {
			t.Errorf("%s: %d %v %s", path, resp.StatusCode, resp.Header, body)
		}
	}
	used := recorded[gateway.ProxyUsed](s.site)
	if len(used) != 1 || used[0].ConnectionID != s.conn.ID || used[0].ClientID == "" || used[0].UserID != "ann" {
		t.Errorf("recorded %+v", used)
	}
	s.later(time.Hour)
	s.token = s.bearer("tenant:* provider:* proxy") // another client
	for range 2 {
		s.get("GET", "/proxy/acme/x", header("Social-User", "ann"))
	}
	if used := recorded[gateway.ProxyUsed](s.site); len(used) != 2 {
		t.Errorf("recorded %+v", used)
	}
}

// What is not within the client's scopes is as if it were not there.
func TestProxyIsRefused(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	elsewhere := s.connect("other", "joe", "acme", "2", time.Hour)
	bird := s.connect("", "ann", "bird", "3", time.Hour)
	suspended := s.connect("", "sue", "acme", "4", time.Hour)
	must(t, s.soc.Vault().Suspend(t.Context(), "sue"))
	ann := header("Social-User", "ann")
	all := "tenant:* provider:* proxy"
	for what, tt := range map[string]struct {
		scopes, path string
		change       func(*http.Request)
		want         string
	}{
		"no token":                 {all, "/proxy/acme/me", header("Authorization", "Bearer x"), "401 invalid_token"},
		"a missing power":          {"tenant:* provider:* token", "/proxy/acme/me", ann, "403 missing_power"},
		"no user":                  {all, "/proxy/acme/me", header(), "400 user_required"},
		"an empty user":            {all, "/proxy/acme/me", header("Social-User", ""), "400 bad_request"},
		"two users":                {all, "/proxy/acme/me", header("Social-User", "ann", "Social-User", "joe"), "400 bad_request"},
		"another user":             {all, "/proxy/acme/me", header("Social-User", "joe"), "404 not_connected"},
		"another user's":           {all, "/proxy/" + s.conn.ID + "/me", header("Social-User", "joe"), "404 not_found"},
		"no such provider":         {all, "/proxy/nobody/me", ann, "404 not_found"},
		"no provider's name":       {all, "/proxy/%61cme/me", ann, "404 not_found"},
		"nothing":                  {all, "/proxy/", ann, "404 not_found"},
		"no such connection":       {all, "/proxy/con_1/me", ann, "404 not_found"},
		"another provider":         {"tenant:* provider:bird proxy", "/proxy/acme/me", ann, "404 not_found"},
		"another provider's":       {"tenant:* provider:bird proxy", "/proxy/" + s.conn.ID + "/me", header(), "404 not_found"},
		"another tenant":           {"tenant:other provider:* proxy", "/proxy/" + s.conn.ID + "/me", header(), "404 not_found"},
		"a tenant not of its own":  {"tenant:other provider:* proxy", "/proxy/acme/me", header("Social-User", "ann", "Social-Tenant", "default"), "404 not_found"},
		"the only tenant":          {"tenant:other provider:* proxy", "/proxy/acme/me", header("Social-User", "joe"), "200"},
		"a tenant of several":      {all, "/proxy/acme/me", header("Social-User", "joe", "Social-Tenant", "other"), "200"},
		"a user of another tenant": {all, "/proxy/acme/me", header("Social-User", "ann", "Social-Tenant", "other"), "404 not_connected"},
		"a connection's tenant":    {all, "/proxy/" + elsewhere.ID + "/me", header("Social-Tenant", "other"), "200"},
		"not the one":              {all, "/proxy/" + elsewhere.ID + "/me", header("Social-Tenant", "default"), "404 not_found"},
		"no API":                   {all, "/proxy/" + bird.ID + "/me", header(), "400 bad_target"},
		"suspended":                {all, "/proxy/" + suspended.ID + "/me", header(), "409 suspended"},
		"an upgrade":               {all, "/proxy/acme/me", header("Social-User", "ann", "Upgrade", "websocket"), "501 upgrade_not_supported"},
		"a wait":                   {all, "/proxy/acme/me", header("Social-User", "ann", "Social-Wait", "2h"), "400 bad_request"},
	} {
		s.token = s.bearer(tt.scopes)
		s.called()
		change := tt.change
		if what == "no token" {
			s.token = "x"
		}
		got, resp, _ := s.get("GET", tt.path, change)
		if sent := len(s.called()); got != tt.want || (sent > 0) != (resp.StatusCode == 200) || resp.Header.Get("Social-Request-Id") == "" {
			t.Errorf("%s: %s, %d sent, want %s", what, got, sent, tt.want)
		}
	}
	s.token = s.bearer(all)
	for _, method := range []string{"TRACE", "TRACK"} {
		if got, _, _ := s.get(method, "/proxy/acme/me", ann); got != "405 method_not_allowed" || len(s.called()) != 0 {
			t.Errorf("%s: %s", method, got)
		}
	}
}

// Nothing of the caller's that names somebody goes on, and nothing for the gateway's origin
// comes back.
func TestProxyKeepsHeadersBack(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	var got http.Header
	s.answering(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		h := w.Header()
		for _, name := range []string{"Set-Cookie", "Alt-Svc", "Clear-Site-Data", "Keep-Alive", "Social-Connection", "Social-Host", "Proxy-Authenticate", "X-Listed", "Upgrade"} {
			h.Set(name, "evil")
		}
		h.Set("Connection", "X-Listed")
		h.Set("ETag", `"1"`)
		h.Set("Vary", "Accept")
	})
	resp := s.through("POST", "/proxy/acme/x", strings.NewReader("{}"), header("Social-User", "ann", "Social-Tenant", "default", "Cookie", "a=b", "Forwarded", "for=1", "X-Forwarded-For", "1", "X-Forwarded-Host", "evil",
		"x_forwarded_proto", "evil", "Proxy-Authorization", "x", "Proxy-Connection", "x", "X-HTTP-Method-Override", "DELETE", "X-HTTP-Method", "DELETE", "X-Method-Override", "DELETE", "Connection", "X-Mine, close",
		"X-Mine", "1", "TE", "trailers", "Keep-Alive", "1", "Content-Type", "application/json", "X-Other", "1", "X-Other", "2", "If-Match", `"0"`))
	want := http.Header{"Authorization": {"Bearer access-1"}, "Content-Type": {"application/json"}, "X-Other": {"1", "2"}, "If-Match": {`"0"`},
		"Accept-Encoding": {"identity"}, "Content-Length": {"2"}, "User-Agent": {"Go-http-client/1.1"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
	for name, want := range map[string]string{"Set-Cookie": "", "Alt-Svc": "", "Clear-Site-Data": "", "Keep-Alive": "", "Social-Connection": s.conn.ID, "Social-Host": "", "Proxy-Authenticate": "",
		"X-Listed": "", "Upgrade": "", "Etag": `"1"`} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := strings.Join(resp.Header["Vary"], ", "); got != "Accept, Authorization, Social-User, Social-Tenant, Social-Host" {
		t.Errorf("Vary is %q", got)
	}
	// Without a User-Agent none is made up; Accept-Encoding is the caller's.
	s.through("GET", "/proxy/acme/x", nil, header("Social-User", "ann", "User-Agent", "", "Accept-Encoding", "br"))
	if _, ok := got["User-Agent"]; ok || got.Get("Accept-Encoding") != "br" {
		t.Errorf("sent %v", got)
	}
}

// A token that the provider wants in a header of its own is not the caller's.
func TestProxySendsTheUsersToken(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, change := range []func(*oauth.OAuth2, *social.Config){
		func(p *oauth.OAuth2, _ *social.Config) { p.Use.Header = "X-Token" },
		func(p *oauth.OAuth2, _ *social.Config) { p.Use.Query = "token" },
	} {
		s := openProxy(t, change)
		s.answering(func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, strings.Join(append(r.Header["X-Token"], r.URL.Query()["token"]...), " ")+r.Header.Get("Authorization"))
		})
		s.get("GET", "/proxy/acme/x?token=mine", header("Social-User", "ann", "X-Token", "mine"))
	}
	if !slices.Equal(seen, []string{"access-1 mine", "mine access-1"}) {
		t.Errorf("%q", seen)
	}
}

// A redirect comes back, and leads through the proxy where it stays at the provider.
func TestProxyRedirects(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	s := openProxy(t, func(p *oauth.OAuth2, _ *social.Config) { p.Endpoints.Emails = other.URL + "/emails" })
	host, otherHost := strings.TrimPrefix(s.api.URL, "http://"), strings.TrimPrefix(other.URL, "http://")
	for location, want := range map[string][2]string{
		"/v1/next?a=%2F":              {"/proxy/acme/next?a=%2F"},
		"next#part":                   {"/proxy/acme/next#part"},
		s.api.URL + "/v1":             {"/proxy/acme"},
		s.api.URL + "/v12/x":          {"/proxy/acme/v12/x", host},
		"/other":                      {"/proxy/acme/other", host},
		other.URL + "/x?y":            {"/proxy/acme/x?y", otherHost},
		"https://evil.example/a?b":    {"https://evil.example/a?b"},
		"//evil.example/a":            {"//evil.example/a"},
		"https://" + host + "/v1/x":   {"https://" + host + "/v1/x"},
		"/v1/x?access_token=access-1": {"/proxy/acme/x?access_token=********"},
	} {
		s.answering(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Location"] = []string{location}
			w.WriteHeader(302)
		})
		_, resp, _ := s.get("GET", "/proxy/acme/here", header("Social-User", "ann"))
		if got := [2]string{resp.Header.Get("Location"), resp.Header.Get("Social-Host")}; resp.StatusCode != 302 || got != want {
			t.Errorf("%s: %d %q, want %q", location, resp.StatusCode, got, want)
		}
	}
}

// An answer of 401 refreshes the token once, and the request is sent once more where its body
// is small.
func TestProxyRefreshesOn401(t *testing.T) {
	t.Parallel()
	for what, tt := range map[string]struct {
		method string
		body   func() io.Reader
		want   int
	}{
		"no body":        {"GET", func() io.Reader { return nil }, 200},
		"64 kB":          {"POST", func() io.Reader { return strings.NewReader(strings.Repeat("x", 64<<10)) }, 200},
		"a byte more":    {"POST", func() io.Reader { return strings.NewReader(strings.Repeat("x", 64<<10+1)) }, 401},
		"unknown length": {"POST", func() io.Reader { return io.MultiReader(strings.NewReader("x")) }, 401},
	} {
		s := openProxy(t)
		sizes := []int{}
		s.answering(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			sizes = append(sizes, len(body))
			if r.Header.Get("Authorization") == "Bearer access-1" {
				w.WriteHeader(401)
			}
		})
		resp := s.through(tt.method, "/proxy/acme/x", tt.body(), header("Social-User", "ann"))
		if resp.StatusCode != tt.want || tt.want == 200 && (len(sizes) != 2 || sizes[0] != sizes[1] || s.refreshed() != 1) || tt.want == 401 && (len(sizes) != 1 || s.refreshed() != 0) {
			t.Errorf("%s: %d, %v, %d refreshes", what, resp.StatusCode, sizes, s.refreshed())
		}
		// Whatever was sent first, the next call has a new token.
		if got, _, _ := s.get("GET", "/proxy/acme/x", header("Social-User", "ann")); got != "200" || s.refreshed() != 1 {
			t.Errorf("%s: then %s, %d refreshes", what, got, s.refreshed())
		}
	}
	s := openProxy(t)
	s.answering(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(401) })
	if got, resp, _ := s.get("GET", "/proxy/acme/x", header("Social-User", "ann")); got != "401" || len(s.called()) != 2 || resp.Header.Get("Social-Connection") == "" {
		t.Errorf("always 401: %s", got)
	}
	s.later(2 * time.Minute)
	s.answers(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error":"invalid_grant"}`)
	})
	if got, _, _ := s.get("GET", "/proxy/acme/x", header("Social-User", "ann")); got != "409 needs_reauthorization" {
		t.Errorf("a dead refresh token: %s", got)
	}
}

func TestProxyTellsMissingScopes(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	for challenge, want := range map[string]string{
		`Bearer error="insufficient_scope", scope="read write admin"`: `403 missing_scopes [admin write]`,
		`Bearer realm="x", ERROR=insufficient_scope`:                  `403 missing_scopes []`,
		`Bearer error="invalid_token"`:                                `403 []`,
		``:                                                            `403 []`,
	} {
		s.answering(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(403)
		})
		got, _, body := s.get("GET", "/proxy/acme/x", header("Social-User", "ann"))
		var p struct{ Missing_scopes []string }
		_ = json.Unmarshal([]byte(body), &p)
		slices.Sort(p.Missing_scopes)
		if got = fmt.Sprint(got, " ", p.Missing_scopes); got != want {
			t.Errorf("%s: %s, want %s", challenge, got, want)
		}
	}
}

func TestProxyPolicy(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	policy := map[string]gateway.Policy{"acme": {Methods: []string{"GET", "PUT"}, Paths: []string{"/calendar/", "/me"}}, "bird": {Methods: []string{"DELETE"}}}
	c, text, err := s.CreateClient(t.Context(), gateway.Client{Name: "Jobs", Scopes: parse(t, "tenant:* provider:* proxy"), Policy: policy})
	must(t, err)
	a := s.post(url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ID}, "client_secret": {text.Reveal()}})
	s.token = a.text("access_token")
	for call, want := range map[string]string{
		"GET /calendar/x":                       "200",
		"PUT /calendar/x":                       "200",
		"GET /me?fields=id":                     "200",
		"GET /calendar/x?method=put":            "200",
		"GET /calendar/?method=events":          "200",
		"GET /calendar/a%2Fb":                   "200",
		"GET /calendar/a/../b":                  "200",
		"POST /calendar/x":                      "403",
		"HEAD /calendar/x":                      "403",
		"get /calendar/x":                       "403",
		"GET /calendar/x?_method=DELETE":        "403",
		"GET /calendar/x?a&METHOD=post":         "403",
		"GET /calendar/x?a;%6dethod=post":       "403",
		"GET /calendar":                         "403",
		"GET /Calendar/x":                       "403",
		"GET /mail":                             "403",
		"GET /":                                 "403",
		"GET ":                                  "403",
		"GET /calendar/../mail":                 "403",
		"GET /calendar/%2e%2e/mail":             "403",
		"GET /calendar/.%2e/mail":               "403",
		"GET /calendar/..%2fmail":               "403",
		"GET /calendar%2f..%2fmail":             "403",
		"GET /calendar/%252e%252e/mail":         "403",
		"GET /calendar/..%5cmail":               "403",
		"GET /calendar/..;x/mail":               "403",
		"GET /calendar/..;/mail":                "403",
		"GET /calendar//../mail":                "403",
		"GET /calendar/x/../..//mail":           "403",
		"GET /x/../calendar/":                   "403",
		"GET //calendar/x":                      "403",
		"GET /calendar/%ef%bc%8e%ef%bc%8e/mail": "403",
	} {
		method, path, _ := strings.Cut(call, " ")
		line := s.raw(method + " /proxy/" + s.conn.ID + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + s.token + "\r\nConnection: close\r\n\r\n")
		if sent := s.called(); !strings.HasPrefix(line, "HTTP/1.1 "+want+" ") || len(sent) != map[string]int{"200": 1}[want] {
			t.Errorf("%s: %s, sent %q", call, line, sent)
		}
	}
	host := strings.TrimPrefix(s.api.URL, "http://")
	if got, _, _ := s.get("GET", "/proxy/acme/calendar/x", header("Social-User", "ann", "Social-Host", host)); got != "403 not_allowed" || len(s.called()) != 0 {
		t.Errorf("from the host's root: %s", got)
	}
	for what, p := range map[string]gateway.Policy{"a method": {Methods: []string{"get"}}, "no method": {Methods: []string{""}}, "a path": {Paths: []string{"calendar/"}},
		"dots": {Paths: []string{"/a/../b"}}, "an encoded path": {Paths: []string{"/a%2fb"}}} {
		if _, err := s.UpdateClient(t.Context(), c.ID, func(c *gateway.Client) error { c.Policy = map[string]gateway.Policy{"acme": p}; return nil }); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if _, err := s.UpdateClient(t.Context(), c.ID, func(c *gateway.Client) error { c.Policy = map[string]gateway.Policy{"A": {}}; return nil }); err == nil {
		t.Error("no provider's ID is taken")
	}
}

// What is no provider's is refused with nothing sent, also when it is the vault that says so.
func TestProxyForward(t *testing.T) {
	t.Parallel()
	s := openProxy(t)
	forward := func(c vault.Connection, target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/anything", nil)
		if err := s.Forward(w, r, c, target); err != nil {
			t.Errorf("%s: %v", target, err)
		}
		return w
	}
	if w := forward(s.conn, "/me?x=%2F"); w.Code != 200 || w.Body.String() != `{"ok":true}` || !slices.Equal(s.called(), []string{"GET /v1/me?x=%2F"}) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := forward(s.conn, "/../x"); w.Code != 400 || len(s.called()) != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if used := recorded[gateway.ProxyUsed](s.site); len(used) != 1 || used[0].ClientID != "" {
		t.Errorf("recorded %+v", used)
	}
}
