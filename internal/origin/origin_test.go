package origin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosocial/social/internal/origin"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://spa.example.com": "https://spa.example.com", "https://SPA.example.com/": "https://spa.example.com",
		"https://spa.example.com:443": "https://spa.example.com", "https://spa.example.com:8443": "https://spa.example.com:8443",
		"http://localhost:80": "http://localhost", "http://localhost:3000": "http://localhost:3000", "http://[::1]:3000": "http://[::1]:3000",
		"https://xn--spa-0na.example": "https://xn--spa-0na.example",
	} {
		if got, err := origin.Parse(text); err != nil || got != want {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "*", "null", "spa.example.com", "https://", "https://:443", "https://*.example.com", "https://spa.example.com/app", "https://spa.example.com?a",
		"https://spa.example.com?", "https://spa%25.example.com", "https://spa.example.com#a", "https://user@spa.example.com", "ftp://spa.example.com", "https:spa.example.com",
		"https://sp\u00e4.example", "https://g\u0130thub.com", "https://a.example,https://b.example", "//spa.example.com", "https://a b.example",
	} {
		if got, err := origin.Parse(text); err == nil {
			t.Errorf("%s: %q", text, got)
		}
	}
}

const app, spa = "https://app.example.com", "https://spa.example.com"

func policy(t *testing.T, trusted ...string) *origin.Policy {
	t.Helper()
	p, err := origin.New(app, trusted)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func request(method string, header ...string) *http.Request {
	r := httptest.NewRequest(method, app+"/x", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := policy(t, spa)
	for _, tc := range []struct {
		name   string
		header []string
		passes bool
	}{
		{"no browser", nil, true},
		{"this site", []string{"Sec-Fetch-Site", "same-origin", "Origin", app}, true},
		{"a trusted one", []string{"Sec-Fetch-Site", "same-site", "Origin", spa}, true},
		{"a trusted one of another site", []string{"Sec-Fetch-Site", "cross-site", "Origin", spa}, true},
		{"an old browser at a trusted one", []string{"Origin", spa}, true},
		{"another", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		{"its own site", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.com"}, false},
		{"null", []string{"Origin", "null"}, false},
		{"another port", []string{"Origin", spa + ":8443"}, false},
		{"http", []string{"Origin", strings.Replace(spa, "https", "http", 1)}, false},
		{"a longer name", []string{"Origin", spa + ".evil.example"}, false},
	} {
		for _, method := range []string{"POST", "PATCH", "DELETE"} {
			if err := p.Check(request(method, tc.header...)); (err == nil) != tc.passes {
				t.Errorf("%s, %s: %v", tc.name, method, err)
			}
		}
	}
	if err := policy(t).Check(request("POST", "Origin", spa)); err == nil {
		t.Error("nobody is trusted, and it passes")
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		trusted []string
		request *http.Request
		allow   string // Access-Control-Allow-Origin
		vary    string
		answers bool
	}{
		{"a trusted origin", []string{spa, "https://b.example"}, request("GET", "Origin", spa), spa, "Origin", false},
		{"the other", []string{spa, "https://b.example"}, request("DELETE", "Origin", "https://b.example"), "https://b.example", "Origin", false},
		{"preflight", []string{spa}, request("OPTIONS", "Origin", spa, "Access-Control-Request-Method", "DELETE"), spa, "Origin", true},
		{"preflight with headers", []string{spa}, request("OPTIONS", "Origin", spa, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-trace"),
			spa, "Origin, Access-Control-Request-Headers", true},
		{"OPTIONS by itself", []string{spa}, request("OPTIONS", "Origin", spa), spa, "Origin", false},
		{"this site", []string{spa}, request("GET"), "", "Origin", false},
		{"another", []string{spa}, request("GET", "Origin", "https://evil.example"), "", "Origin", false},
		{"its preflight", []string{spa}, request("OPTIONS", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"), "", "Origin", false},
		{"null", []string{spa}, request("GET", "Origin", "null"), "", "Origin", false},
		{"upper case", []string{spa}, request("GET", "Origin", "https://SPA.example.com"), "", "Origin", false},
		{"two", []string{spa}, request("GET", "Origin", spa, "Origin", "https://evil.example"), "", "Origin", false},
		{"nobody is trusted", nil, request("OPTIONS", "Origin", spa, "Access-Control-Request-Method", "POST"), "", "", false},
	} {
		p, w := policy(t, tc.trusted...), httptest.NewRecorder()
		answered := p.Share(w, tc.request)
		p.Share(w, tc.request) // a second time, as when one handler is within another
		h := w.Header()
		if answered != tc.answers || h.Get("Access-Control-Allow-Origin") != tc.allow || strings.Join(h["Vary"], ", ") != tc.vary {
			t.Errorf("%s: answered %v, %v", tc.name, answered, h)
		}
		if credentials := h.Get("Access-Control-Allow-Credentials"); (credentials == "true") != (tc.allow != "") || credentials == "" && tc.allow != "" {
			t.Errorf("%s: credentials %q", tc.name, credentials)
		}
		if tc.answers && (w.Code != 204 || h.Get("Access-Control-Allow-Methods") != "GET, HEAD, POST, PATCH, DELETE" ||
			h.Get("Access-Control-Allow-Headers") != tc.request.Header.Get("Access-Control-Request-Headers")) {
			t.Errorf("%s: %d %v", tc.name, w.Code, h)
		}
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "app.localhost": true, "127.0.0.1": true, "127.8.9.1": true, "::1": true,
		"": false, "example.com": false, "notlocalhost": false, "localhost.example.com": false, "10.0.0.1": false, "0.0.0.0": false,
	} {
		if got := origin.Local(host); got != want {
			t.Errorf("%q: %t, want %t", host, got, want)
		}
	}
}

// A tenant's origins are trusted by its policy, and the application's still are.
func TestAnd(t *testing.T) {
	t.Parallel()
	p := policy(t, "https://spa.example.com")
	if p.And(nil) != p {
		t.Error("another policy, for no origins")
	}
	both := p.And([]string{"https://app.acme.example"})
	for from, trusted := range map[string][2]bool{
		"https://spa.example.com": {true, true}, "https://app.acme.example": {false, true}, "https://evil.example": {false, false},
	} {
		for i, q := range []*origin.Policy{p, both} {
			r := request("POST", "Origin", from, "Sec-Fetch-Site", "cross-site")
			if got := q.Check(r) == nil; got != trusted[i] {
				t.Errorf("%s: checked %v", from, got)
			}
			w := httptest.NewRecorder()
			q.Share(w, r)
			if got := w.Header().Get("Access-Control-Allow-Origin") == from; got != trusted[i] {
				t.Errorf("%s: shared %v", from, got)
			}
		}
	}
}
